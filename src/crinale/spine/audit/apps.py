"""Django's entry for the package."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Facts, their seals, and the access log."""

    name = "crinale.spine.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Write down what the packages below have to tell: they cannot import this one."""
        from crinale.spine.audit import writing
        from crinale.spine.identity.ports import chronicle

        chronicle.bind(writing)
