"""Django's entry for the package."""

from __future__ import annotations

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Bodies, areas and scopes."""

    name = "crinale.spine.tenancy"
    label = "tenancy"
    default_auto_field = "django.db.models.BigAutoField"
