"""Django application of the exchange."""

from __future__ import annotations

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Messages, receipts, signed evidence, incidents and the index of registry areas."""

    name = "crinale.spine.exchange"
    label = "exchange"
    verbose_name = "Exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell ``audit verify`` how to check messages."""
        from crinale.spine import audit
        from crinale.spine.exchange.verification import verify_messages

        audit.register_verifier("exchange", verify_messages)
