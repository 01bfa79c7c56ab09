"""The Django application of the protocol office."""

from __future__ import annotations

from django.apps import AppConfig


class ProtocolOfficeConfig(AppConfig):
    """Pages, forms and the table that makes their submission happen once."""

    name = "crinale.services.protocol_office"
    label = "protocol_office"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what it does by itself."""
        from crinale.services.protocol_office import jobs  # noqa: F401
