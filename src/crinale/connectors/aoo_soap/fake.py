"""A transport without network and signatures, for tests; it passes the real one's contract tests.

Areas answer through the same desk as behind the real server, so what the exchange decides is real.
``fail_next`` makes the next call to an area fail as the network does, before or after the area has received
the message.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar

from crinale.connectors.aoo_soap import codec, names
from crinale.connectors.aoo_soap.evidence import restore
from crinale.connectors.aoo_soap.operations import (
    ANNUL_BY_RECIPIENT,
    ANNUL_BY_SENDER,
    CONFIRM,
    FORWARD,
)
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.exchange.ports import AnnulAnswer, ForwardAnswer, TransportFailure, WireEvidence
from crinale.spine.exchange.values import AnnulReply, ConfirmReply, ForwardReply, IncomingFile, PeerIdentity
from crinale.spine.records.signatures.parsing import parse_xml
from crinale.spine.records.signatures.xmldsig import canonicalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import BinaryIO

    from crinale.connectors.aoo_soap.node import Desk
    from crinale.connectors.aoo_soap.operations import Operation
    from crinale.connectors.aoo_soap.outgoing import Piece
    from crinale.spine.exchange.ports import Anomaly, Endpoint, Identifier, OutgoingFile
    from crinale.spine.records.ports import BlobStore

R = TypeVar("R", ForwardReply, ConfirmReply, AnnulReply)
_TYPE = "text/xml; charset=utf-8"


@dataclass
class FakeTransport:
    """Delivers in memory: ``desks`` gives the desk of each area, ``store`` receives the files."""

    store: BlobStore
    desks: dict[str, Desk] = field(default_factory=dict)
    certificates: dict[str, bytes] = field(default_factory=dict)
    _failures: dict[str, deque[tuple[str, str]]] = field(default_factory=dict)

    def restore(self, envelope: bytes, open_blob: Callable[[str], BinaryIO]) -> Iterable[bytes]:
        """Give a kept envelope as it was signed."""
        return restore(envelope, open_blob)

    def fail_next(self, aoo_code: str, code: str, *, when: Literal["before", "after"] = "before") -> None:
        """Make the next call to an area end in a failure, before or after the area has received it."""
        self._failures.setdefault(aoo_code, deque()).append((code, when))

    def forward(
        self, *, sender_aoo: str, to: Endpoint, segnatura: bytes, files: Sequence[OutgoingFile]
    ) -> ForwardAnswer:
        """MessaggioInoltro."""

        def receive(desk: Desk, request: bytes) -> ForwardReply:
            return desk.receive_forward(
                area_code=to.aoo_code,
                peer=self._peer(sender_aoo),
                segnatura=canonicalize(parse_xml(segnatura)),  # so it comes out of a signed message
                files=[self._deliver(file) for file in files],
                evidence_request=request,
            )

        reply, kept = self._call(FORWARD, to, codec.forward_body(segnatura, files), receive)
        return ForwardAnswer(reply.identifier, reply.anomaly, kept)

    def confirm(
        self,
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier | None,
        anomaly: Anomaly | None,
    ) -> ForwardAnswer:
        """ConfermaMessaggioInoltro."""

        def receive(desk: Desk, request: bytes) -> ConfirmReply:
            return desk.receive_confirmation(
                area_code=to.aoo_code,
                peer=self._peer(sender_aoo),
                sender_identifier=sender_identifier,
                recipient_identifier=recipient_identifier,
                anomaly=anomaly,
                evidence_request=request,
            )

        body = codec.request_body(
            CONFIRM, sender=sender_identifier, recipient=recipient_identifier, anomaly=anomaly
        )
        reply, kept = self._call(CONFIRM, to, body, receive)
        return ForwardAnswer(reply.identifier, None, kept)

    def annul_by_sender(
        self,
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier,
        act: str,
        note: str | None,
    ) -> AnnulAnswer:
        """AnnullamentoInoltroMittente."""

        def receive(desk: Desk, request: bytes) -> AnnulReply:
            return desk.receive_annulment_by_sender(
                area_code=to.aoo_code,
                peer=self._peer(sender_aoo),
                sender_identifier=sender_identifier,
                recipient_identifier=recipient_identifier,
                act=act,
                note=note,
                evidence_request=request,
            )

        body = codec.request_body(
            ANNUL_BY_SENDER, sender=sender_identifier, recipient=recipient_identifier, act=act, note=note
        )
        return _annulled(*self._call(ANNUL_BY_SENDER, to, body, receive))

    def annul_by_recipient(
        self,
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier,
        act: str,
        note: str,
    ) -> AnnulAnswer:
        """AnnullamentoInoltroDestinatario."""

        def receive(desk: Desk, request: bytes) -> AnnulReply:
            return desk.receive_annulment_by_recipient(
                area_code=to.aoo_code,
                peer=self._peer(sender_aoo),
                sender_identifier=sender_identifier,
                recipient_identifier=recipient_identifier,
                act=act,
                note=note,
                evidence_request=request,
            )

        body = codec.request_body(
            ANNUL_BY_RECIPIENT, sender=sender_identifier, recipient=recipient_identifier, act=act, note=note
        )
        return _annulled(*self._call(ANNUL_BY_RECIPIENT, to, body, receive))

    def _call(
        self, operation: Operation, to: Endpoint, body: list[Piece], receive: Callable[[Desk, bytes], R]
    ) -> tuple[R, WireEvidence]:
        request = _envelope(body)
        unanswered = WireEvidence(request, None, _TYPE)
        planned = self._failures.get(to.aoo_code)
        code, when = planned.popleft() if planned else ("", "")
        if when == "before":
            raise TransportFailure(code, "planned", unanswered)
        desk = self.desks.get(to.aoo_code)
        if desk is None:
            raise TransportFailure("fault", f"unknown-area: {to.aoo_code}", unanswered)
        try:
            reply = receive(desk, request)
        except (Invalid, Conflict, NotVisible) as refused:
            raise TransportFailure("fault", str(refused), unanswered) from refused
        response = _envelope(_response(operation, reply))
        desk.keep_response(reply.wire_id, response)
        if when == "after":
            raise TransportFailure(code, "planned", unanswered)
        return reply, WireEvidence(request, response, _TYPE)

    def _peer(self, aoo_code: str) -> PeerIdentity:
        return PeerIdentity(self.certificates.get(aoo_code, b""), aoo_code)

    def _deliver(self, file: OutgoingFile) -> IncomingFile:
        writer = self.store.writer(file_name=file.name)
        with file.open() as stream:
            while piece := stream.read(1 << 16):
                writer.write(piece)
        blob = writer.commit()
        return IncomingFile(file.name, blob.media_type, blob.size, blob.sha256)


def _response(operation: Operation, reply: ForwardReply | ConfirmReply | AnnulReply) -> list[Piece]:
    if isinstance(reply, AnnulReply):
        return codec.response_body(
            operation,
            sender=reply.sender_identifier,
            recipient=reply.recipient_identifier,
            anomaly=reply.anomaly,
        )
    anomaly = reply.anomaly if isinstance(reply, ForwardReply) else None
    return codec.response_body(operation, sender=reply.identifier, anomaly=anomaly)


def _annulled(reply: AnnulReply, evidence: WireEvidence) -> AnnulAnswer:
    return AnnulAnswer(reply.sender_identifier, reply.recipient_identifier, reply.anomaly, evidence)


def _envelope(body: list[Piece]) -> bytes:
    inner = b"".join(piece if isinstance(piece, bytes) else piece.include() for piece in body)
    return b'<soap:Envelope xmlns:soap="%s"><soap:Body>%s</soap:Body></soap:Envelope>' % (
        names.SOAP.encode("ascii"),
        inner,
    )
