"""The manifest of the interface for programs."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from crinale.kernel.manifest import Manifest

MANIFEST = Manifest(
    name="program_interface",
    title=gettext_noop("Interface for other programs"),
    legal_basis=(
        "D.Lgs. 82/2005 art. 12, 50-ter, 68, 73",
        "AgID guidelines on the technical interoperability of public administrations (ModI)",
        "AgID guidelines on electronic documents, chapter 3",
    ),
    prefix="api/",
    gate="crinale.services.program_interface.http.door.answer",
    retention=(
        "Answers to requests with an Idempotency-Key, what programs delivered to be registered and the "
        "deliveries of events, for 30 days; subscriptions until their program removes them."
    ),
)
