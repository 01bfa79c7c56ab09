"""Django's name for the protocol package."""

from __future__ import annotations

from django.apps import AppConfig


class ProtocolConfig(AppConfig):
    """The registers, and what stands in them."""

    name = "crinale.spine.protocol"
    label = "protocol"
    default_auto_field = "django.db.models.BigAutoField"
