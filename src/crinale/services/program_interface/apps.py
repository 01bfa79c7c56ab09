"""The Django application of the interface for programs."""

from __future__ import annotations

from django.apps import AppConfig


class ProgramInterfaceConfig(AppConfig):
    """What other programs call, what it remembers of it, and what it calls when something happens."""

    name = "crinale.services.program_interface"
    label = "program_interface"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what it does by itself."""
        from crinale.services.program_interface import jobs  # noqa: F401
