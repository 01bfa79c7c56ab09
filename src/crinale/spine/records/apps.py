"""Django's name for the records package."""

from __future__ import annotations

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Documents, filing plan, dossiers."""

    name = "crinale.spine.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"
