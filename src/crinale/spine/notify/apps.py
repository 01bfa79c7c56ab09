"""Django's name for the notices."""

from __future__ import annotations

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Notices to people."""

    name = "crinale.spine.notify"
    label = "notify"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the ticks known."""
        from crinale.spine.notify import jobs  # noqa: F401  importing it registers them
