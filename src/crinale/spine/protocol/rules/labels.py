"""What the QR code of a label and of a receipt says: enough to find the registration and to compare a copy.

It is plain text and no address: it stays true when the site of the body moves, and reading it calls nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crinale.kernel.numbers import format_number

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.identifier import Identifier

DIGEST_LENGTH: Final = 16


def payload(identifier: Identifier, *, sha256: str) -> str:
    """Return ``IPA|AOO|register|number|date|beginning of the SHA-256 of the primary document``."""
    return "|".join(
        (
            identifier.ipa_code,
            identifier.aoo_code,
            identifier.register_code,
            format_number(identifier.number),
            identifier.date.isoformat(),
            sha256[:DIGEST_LENGTH],
        )
    )
