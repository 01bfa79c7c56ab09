"""Messages made and checked without a network, for the tests of the envelope."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.connectors.aoo_soap import codec
from crinale.connectors.aoo_soap.limits import Limits
from crinale.connectors.aoo_soap.operations import FORWARD
from crinale.connectors.aoo_soap.outgoing import pack
from crinale.connectors.aoo_soap.reading import Reading, read_message
from crinale.connectors.aoo_soap.tests import support
from crinale.connectors.aoo_soap.verifying import Message, Verifier, parse
from crinale.connectors.aoo_soap.ws_security import Addressing, Signer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crinale.connectors.aoo_soap.outgoing import Envelope, Piece
    from crinale.spine.exchange.ports import OutgoingFile

TO = f"https://localhost/aoo/{support.RECIPIENT.aoo_code}/protocollo/destinatario"
ADDRESSING = Addressing(
    to=TO, action=FORWARD.action(FORWARD.request), message_id="urn:uuid:1", sent_from="https://x/a"
)


def signed(
    body: Sequence[Piece], *, key: support.Key | None = None, addressing: Addressing = ADDRESSING
) -> Envelope:
    """A signed envelope at the instant of the tests."""
    return Signer(key or support.key("sender")).sign(body, addressing=addressing, instant=support.NOW)


def forwarded(files: Sequence[OutgoingFile], **how: object) -> Envelope:
    """A signed MessaggioInoltro."""
    return signed(codec.forward_body(support.segnatura(files), files), **how)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Received:
    """A message that was read and verified."""

    message: Message
    reading: Reading


def receive(
    data: bytes,
    declared: str = "text/xml",
    *,
    instant: datetime = support.NOW,
    store: support.MemoryStore | None = None,
) -> Received:
    """Read and verify."""
    store = store or support.MemoryStore()
    reading = read_message(
        io.BytesIO(data), declared_type=declared, length=len(data), store=store, limits=Limits()
    )
    parts = parse(reading, Limits())
    verifier = Verifier(trust=support.trust(), store=store)
    return Received(verifier.verify(parts, reading, instant=instant), reading)


def receive_packed(envelope: Envelope, **how: object) -> Received:
    """Send and receive, in the form that the size of the files asks for."""
    wire = pack(envelope)
    return receive(b"".join(wire.pieces()), wire.content_type, **how)  # type: ignore[arg-type]
