"""What crosses the doors of the exchange: files, peers, evidence, replies. Plain frozen data, no tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from crinale.spine.exchange.rules.anomalies import Anomaly
    from crinale.spine.protocol.rules.identifier import Identifier


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to send; ``open`` gives its bytes as often as asked, ``sha256`` is hexadecimal."""

    name: str
    media_type: str
    size: int
    sha256: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an area answers: the prefix published in the index and the certificates (DER) of its messages."""

    aoo_code: str
    url: str
    message_certificates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class WireEvidence:
    """The signed envelopes of one call as they went over the wire; no response if none came."""

    request: bytes
    response: bytes | None
    content_type: str


@dataclass(frozen=True, slots=True)
class ForwardAnswer:
    """Answer to MessaggioInoltro or ConfermaMessaggioInoltro."""

    identifier: Identifier
    anomaly: Anomaly | None
    evidence: WireEvidence


@dataclass(frozen=True, slots=True)
class AnnulAnswer:
    """Answer to either annulment."""

    sender_identifier: Identifier
    recipient_identifier: Identifier
    anomaly: Anomaly | None
    evidence: WireEvidence


class TransportFailure(CrinaleError):
    """The other side did not give a usable answer; it will be tried again.

    ``code``: ``timeout``, ``connection``, ``tls``, ``http`` (5xx), ``fault`` (SOAP fault), ``answer`` (an
    answer that cannot be trusted or understood). ``text`` is for the clerk.
    """

    def __init__(self, code: str, text: str, evidence: WireEvidence | None = None) -> None:
        """Remember why, and what went over the wire if anything did."""
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class PeerIdentity:
    """Who signed the message on the wire.

    The verified certificate (DER) and the area the index lists it for.
    """

    certificate: bytes
    aoo_code: str


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A received file, already in the blob store under its SHA-256 (hexadecimal, computed while it arrived).

    ``media_type`` is the detected one. ``digests`` holds further raw digests that the server computed
    meanwhile, by the URI or short name of table 1; what is asked for and is not there is computed from the
    blob store.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    digests: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WireRef:
    """Handle of a kept request, to which the signed response is added; opaque to its holder."""

    body_id: UUID
    id: UUID
    call: UUID
    message_id: UUID | None
    operation: str


@dataclass(frozen=True, slots=True)
class ForwardReply:
    """What to answer to MessaggioInoltro: the sender's identifier and the anomaly (001, 002), if any."""

    identifier: Identifier
    anomaly: Anomaly | None
    wire_id: WireRef


@dataclass(frozen=True, slots=True)
class ConfirmReply:
    """What to answer to ConfermaMessaggioInoltro: the sender's (our) identifier."""

    identifier: Identifier
    wire_id: WireRef


@dataclass(frozen=True, slots=True)
class AnnulReply:
    """What to answer to an annulment: both identifiers and the anomaly (000, 007), if any."""

    sender_identifier: Identifier
    recipient_identifier: Identifier
    anomaly: Anomaly | None
    wire_id: WireRef
