"""Django's name for the search package."""

from __future__ import annotations

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The index over registrations and other things that people look for."""

    name = "crinale.spine.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"
