"""Django's entry for the package."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Facts, their seals, and the access log."""

    name = "crinale.spine.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
