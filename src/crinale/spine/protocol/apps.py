"""Django's name for the protocol package; it adds the registers to what ``audit verify`` recomputes."""

from __future__ import annotations

from django.apps import AppConfig


class ProtocolConfig(AppConfig):
    """The registers, and what stands in them."""

    name = "crinale.spine.protocol"
    label = "protocol"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the verifiers and the jobs, which need the models."""
        from crinale.spine.audit import register_verifier
        from crinale.spine.protocol import day_verification, jobs, verification  # noqa: F401

        register_verifier("registrations", verification.verify_registrations)
        register_verifier("corrections", verification.verify_corrections)
        register_verifier("registration numbers", verification.verify_numbers)
        register_verifier("segnature", verification.verify_segnature)
        register_verifier("daily registers", day_verification.verify_days)
        register_verifier("documents", verification.verify_documents)
