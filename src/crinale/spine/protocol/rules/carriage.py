"""How a sealed segnatura travels: as the element ``msgprot:Segnatura`` of a message (Allegato 6, appendix B).

The norm seals the document SegnaturaInformatica, and lets it travel under another element name. A seal over a
whole document does not survive a change of its root's name, so the name is changed back before it is judged.
A sender that sealed the element under the name it travels with is understood as well.
"""

from __future__ import annotations

import contextlib
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from crinale.kernel.errors import CrinaleError
from crinale.spine.protocol.rules.segnatura_data import CARRIED, MESSAGES, ROOT
from crinale.spine.records.signatures.reading import SignatureRefused
from crinale.spine.records.signatures.seal_verdict import SealReason, SealVerdict, verify_seal
from crinale.spine.records.signatures.xmldsig import canonicalize

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crinale.spine.records.signatures.certificates import TrustStore

_ALONE: Final = b"<prot:SegnaturaInformatica "
_ALONE_END: Final = b"</prot:SegnaturaInformatica>"
_TRAVELLING: Final = f'<msgprot:Segnatura xmlns:msgprot="{MESSAGES}" '.encode()
_TRAVELLING_END: Final = b"</msgprot:Segnatura>"
_DEPENDS_ON_SPELLING: Final = frozenset({SealReason.CONTENT_CHANGED, SealReason.SIGNATURE_WRONG})


class NotOurSegnatura(CrinaleError):
    """Only a segnatura written by this system can be put into a message."""


@dataclass(frozen=True, slots=True)
class CarriedSegnatura:
    """A segnatura taken out of a message: the document that was sealed, and the verdict on its seal."""

    xml: bytes
    verdict: SealVerdict


def to_message_element(sealed: bytes) -> bytes:
    """Give the text of the element that travels; it declares every prefix that it uses."""
    if not sealed.startswith(_ALONE) or not sealed.endswith(_ALONE_END):
        raise NotOurSegnatura
    return b"".join((_TRAVELLING, sealed[len(_ALONE) : -len(_ALONE_END)], _TRAVELLING_END))


def from_message_element(element: etree._Element, *, trust: TrustStore, at: datetime) -> CarriedSegnatura:
    """Take the segnatura out of a parsed message and judge its seal."""
    if element.tag != CARRIED:
        raise NotOurSegnatura(f"The element {element.tag!r} is not a segnatura in a message.")
    # The copy leaves the namespaces of the envelope behind, and the envelope itself out of the reach of
    # references.
    alone = copy.deepcopy(element)
    alone.tail = None
    carried = CarriedSegnatura(b"", SealVerdict(SealReason.NO_SEAL))
    for xml in _readings(alone):
        verdict = verify_seal(xml, trust=trust, at=at)
        if verdict.valid or not carried.xml:
            carried = CarriedSegnatura(xml, verdict)
        if verdict.reason not in _DEPENDS_ON_SPELLING:
            break
    return carried


def _readings(alone: etree._Element) -> Iterator[bytes]:
    """Spell the sealed document as senders do; the first way gives our own back byte for byte."""
    as_travelled = etree.tostring(alone, encoding="UTF-8", xml_declaration=False)
    alone.tag = ROOT
    with contextlib.suppress(SignatureRefused):  # no canonical form: the next spelling gets the verdict
        yield canonicalize(alone)
    # Seals over the inclusive canonical form need the declarations that nothing uses.
    yield etree.tostring(alone, encoding="UTF-8", xml_declaration=False)
    yield as_travelled
