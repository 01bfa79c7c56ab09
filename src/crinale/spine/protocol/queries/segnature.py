"""Reading a segnatura that came from outside, before anything is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.spine.protocol.rules.legacy_segnatura import parse_any_segnatura
from crinale.spine.protocol.rules.segnatura import InvalidSegnatura

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.segnatura_data import SegnaturaData


def read_segnatura(xml: bytes) -> SegnaturaData | None:
    """Return what a segnatura of any edition says; nothing when it is none, or is not well made."""
    try:
        return parse_any_segnatura(xml)
    except InvalidSegnatura:
        return None
