"""Django's entry for the package."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The queue, its worker and the ticks."""

    name = "crinale.spine.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the housekeeping ticks known."""
        from crinale.spine.jobs import housekeeping  # noqa: F401  importing it registers them
