"""Binds the ports of the spine to their connectors once Django has loaded every package."""

from __future__ import annotations

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The last application to become ready, so that every port it binds exists."""

    name = "crinale.config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Bind every port to the connector that serves it on this node."""
        from crinale.config import wiring

        wiring.bind()
