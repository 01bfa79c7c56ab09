"""From a genuine message to the answer of the desk: one function per operation, and who the peer is.

A message names its areas, its signature names a certificate, the index ties the two: what an area says
counts only if the index lists the certificate for that area.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from crinale.connectors.aoo_soap import codec
from crinale.connectors.aoo_soap.refusals import UntrustedCertificate, WrongFile, WrongMessage
from crinale.kernel.errors import NotVisible
from crinale.spine.exchange.values import IncomingFile, PeerIdentity

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import etree

    from crinale.connectors.aoo_soap.node import Node
    from crinale.connectors.aoo_soap.operations import Operation
    from crinale.connectors.aoo_soap.outgoing import Piece
    from crinale.connectors.aoo_soap.reading import Reading
    from crinale.connectors.aoo_soap.verifying import Message
    from crinale.spine.exchange.values import ConfirmReply, WireRef


@dataclass(frozen=True, slots=True)
class Call:
    """A genuine request to an area of this node."""

    node: Node
    area_code: str
    operation: Operation
    request: etree._Element
    message: Message
    reading: Reading
    evidence: bytes


def answer(call: Call) -> tuple[list[Piece], WireRef]:
    """Let the desk decide; return the body of the answer and the handle under which the request was kept."""
    match call.operation.key:
        case "forward":
            return _forward(call)
        case "confirm":
            return _confirm(call)
        case "annul_by_sender" | "annul_by_recipient":
            return _annul(call)
        case unknown:
            assert_never(unknown)


def _forward(call: Call) -> tuple[list[Piece], WireRef]:
    request = codec.read_forward(call.request, call.reading)
    if any(not file.content.size for file in request.files):
        raise WrongFile("a file is empty")
    peer = _peer(call, request.sender_aoo)
    call.reading.settle(call.node.store)
    reply = call.node.desk.receive_forward(
        area_code=call.area_code,
        peer=peer,
        segnatura=request.segnatura,
        files=[
            IncomingFile(
                name=file.name,
                media_type=file.content.blob.media_type if file.content.blob else file.media_type,
                size=file.content.size,
                sha256=file.content.sha256,
                digests=file.content.digests,
            )
            for file in request.files
        ],
        evidence_request=call.evidence,
    )
    return codec.response_body(call.operation, sender=reply.identifier, anomaly=reply.anomaly), reply.wire_id


def _confirm(call: Call) -> tuple[list[Piece], WireRef]:
    request = codec.read_confirm(call.request, call.operation)

    def receive(peer: PeerIdentity) -> ConfirmReply:
        return call.node.desk.receive_confirmation(
            area_code=call.area_code,
            peer=peer,
            sender_identifier=request.sender,
            recipient_identifier=request.recipient,
            anomaly=request.anomaly,
            evidence_request=call.evidence,
        )

    if request.recipient is not None:
        reply = receive(_peer(call, request.recipient.aoo_code))
    else:
        reply = _first_known(call, receive)
    return codec.response_body(call.operation, sender=reply.identifier), reply.wire_id


def _first_known(call: Call, receive: Callable[[PeerIdentity], ConfirmReply]) -> ConfirmReply:
    """A refusal names no area: if one certificate serves several, the one that was written to is meant."""
    listed = call.node.peers(call.message.certificate)
    said = [
        code for code in listed if (call.message.sent_from or "").rstrip("/").upper().endswith(f"/{code}")
    ]
    for code in said or sorted(listed):
        try:
            return receive(PeerIdentity(call.message.certificate, code))
        except NotVisible:
            continue
    if not listed:
        raise UntrustedCertificate("the index lists it for no area")
    raise WrongMessage("no message with this identifier was sent to the area that signed")


def _annul(call: Call) -> tuple[list[Piece], WireRef]:
    request = codec.read_annul(call.request, call.operation)
    if call.operation.key == "annul_by_sender":
        reply = call.node.desk.receive_annulment_by_sender(
            area_code=call.area_code,
            peer=_peer(call, request.sender.aoo_code),
            sender_identifier=request.sender,
            recipient_identifier=request.recipient,
            act=request.act,
            note=request.note,
            evidence_request=call.evidence,
        )
    else:
        reply = call.node.desk.receive_annulment_by_recipient(
            area_code=call.area_code,
            peer=_peer(call, request.recipient.aoo_code),
            sender_identifier=request.sender,
            recipient_identifier=request.recipient,
            act=request.act,
            note=request.note or "",
            evidence_request=call.evidence,
        )
    body = codec.response_body(
        call.operation,
        sender=reply.sender_identifier,
        recipient=reply.recipient_identifier,
        anomaly=reply.anomaly,
    )
    return body, reply.wire_id


def _peer(call: Call, aoo_code: str) -> PeerIdentity:
    listed = {code.upper(): code for code in call.node.peers(call.message.certificate)}
    if aoo_code.upper() not in listed:
        raise UntrustedCertificate(f"the index does not list it for the area {aoo_code}")
    return PeerIdentity(call.message.certificate, listed[aoo_code.upper()])
