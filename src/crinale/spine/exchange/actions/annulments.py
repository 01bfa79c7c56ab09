"""Annulment of exchanged registrations, told to the other side (Allegato 6, sections 3.1.2 and 3.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.spine.exchange.actions import evidence, turns
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.mailing import attempt_annulment
from crinale.spine.exchange.actions.outcomes import record_answer, record_failure
from crinale.spine.exchange.actions.outgoing import endpoint_of
from crinale.spine.exchange.actions.receiving import called_area
from crinale.spine.exchange.actions.rows import area_code
from crinale.spine.exchange.identifiers import from_json, key_of
from crinale.spine.exchange.models import Message, Receipt
from crinale.spine.exchange.ports import transport
from crinale.spine.exchange.rules.anomalies import Anomaly, AnomalyCode
from crinale.spine.exchange.rules.states import Annulment, Kind, State
from crinale.spine.exchange.values import AnnulAnswer, AnnulReply, TransportFailure
from crinale.spine.identity import Actor
from crinale.spine.protocol import actions as protocol
from crinale.spine.tenancy.statements import insert

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.models import WireMessage
    from crinale.spine.exchange.rules.anomalies import Operation
    from crinale.spine.exchange.rules.states import Direction
    from crinale.spine.exchange.values import PeerIdentity
    from crinale.spine.protocol.queries import RegistrationView
    from crinale.spine.protocol.rules.identifier import Identifier


def annul(
    *, actor: Actor, registration_id: UUID, act: str, reason: str, document_id: UUID | None = None
) -> RegistrationView:
    """Annul a registration; if it was exchanged, the other side is told once it knows the registration.

    ``document_id`` is the act itself, where the body holds it. A message that nobody accepted yet is
    withdrawn. Raises what ``protocol.actions.annul`` raises.
    """
    with transaction.atomic():
        view = protocol.annul(
            actor=actor, registration_id=registration_id, act=act, reason=reason, document_id=document_id
        )
        ids = (
            Message.objects.filter(registration_id=registration_id)
            .order_by("id")
            .values_list("id", flat=True)
        )
        for message_id in ids:
            ledger = Ledger.open(message_id, actor=actor)
            ledger.append(Kind.ANNULLED, act=act, reason=reason)
            turns.wake(ledger.close())
    return view


def attempt_annul(message: Message) -> Message | None:
    """Make one attempt at telling the other side of an annulment; in the job of the message."""
    if message.channel != "aoo":
        return attempt_annulment(message)
    operation: Operation = "annul_by_sender" if message.direction == "out" else "annul_by_recipient"
    elapsed = turns.stopwatch()
    try:
        answer = _tell(message)
    except TransportFailure as failure:
        record_failure(message.id, operation, failure, round_trip_ms=elapsed())
        return None
    return record_answer(
        message.id,
        operation,
        kept=answer.evidence,
        good=Kind.ANNULMENT_NOTIFIED,
        refused=Kind.ANNULMENT_REFUSED,
        anomaly=answer.anomaly,
        round_trip_ms=elapsed(),
    )


def _tell(message: Message) -> AnnulAnswer:
    said = (
        Receipt.objects.filter(message_id=message.id, kind=Kind.ANNULLED)
        .order_by("-seq")
        .values_list("data", flat=True)[0]
    )
    port = transport.get()
    tell = port.annul_by_sender if message.direction == "out" else port.annul_by_recipient
    return tell(
        sender_aoo=area_code(message.area_id),
        to=endpoint_of(message.counterpart_aoo),
        sender_identifier=from_json(message.sender_identifier),
        recipient_identifier=from_json(message.recipient_identifier or {}),
        act=said["act"],
        note=said["reason"],
    )


def receive_annulment_by_sender(
    *,
    area_code: str,
    peer: PeerIdentity,
    sender_identifier: Identifier,
    recipient_identifier: Identifier,
    act: str,
    note: str | None,
    evidence_request: bytes,
) -> AnnulReply:
    """AnnullamentoInoltroMittente: the sender of a message that we registered has annulled its registration.

    Our own registration stays: annulling it is an act of this area, and its clerks see that the sender
    annulled.

    :raises NotVisible: when the area is not on this node.
    """
    return _receive(
        area_code=area_code,
        peer=peer,
        direction="in",
        identifiers=(sender_identifier, recipient_identifier),
        said=(act, note or ""),
        operation="annul_by_sender",
        envelope=evidence_request,
    )


def receive_annulment_by_recipient(
    *,
    area_code: str,
    peer: PeerIdentity,
    sender_identifier: Identifier,
    recipient_identifier: Identifier,
    act: str,
    note: str,
    evidence_request: bytes,
) -> AnnulReply:
    """AnnullamentoInoltroDestinatario: the recipient of a message of ours has annulled its registration.

    :raises NotVisible: when the area is not on this node.
    """
    return _receive(
        area_code=area_code,
        peer=peer,
        direction="out",
        identifiers=(sender_identifier, recipient_identifier),
        said=(act, note),
        operation="annul_by_recipient",
        envelope=evidence_request,
    )


def _receive(
    *,
    area_code: str,
    peer: PeerIdentity,
    direction: Direction,
    identifiers: tuple[Identifier, Identifier],
    said: tuple[str, str],
    operation: Operation,
    envelope: bytes,
) -> AnnulReply:
    sender_identifier, recipient_identifier = identifiers
    with called_area(area_code) as area, transaction.atomic():
        message = _named(area.id, peer, direction, sender_identifier, recipient_identifier)
        wire = evidence.request_row(
            message_id=message.id if message else None,
            operation=operation,
            origin="received",
            envelope=envelope,
        )
        insert([wire])
        anomaly = _take(message, peer, said, wire)
        return AnnulReply(
            sender_identifier=sender_identifier,
            recipient_identifier=recipient_identifier,
            anomaly=anomaly,
            wire_id=evidence.ref_of(wire),
        )


def _named(
    area_id: UUID,
    peer: PeerIdentity,
    direction: Direction,
    sender_identifier: Identifier,
    recipient_identifier: Identifier,
) -> Message | None:
    """Find the registered message that both identifiers name together."""
    message = Message.objects.filter(
        area_id=area_id,
        direction=direction,
        sender_key=key_of(sender_identifier),
        counterpart_aoo=peer.aoo_code,
        channel="aoo",
        state=State.REGISTERED,
    ).first()
    if message is None or message.recipient_identifier is None:
        return None
    ours = key_of(from_json(message.recipient_identifier))
    return message if ours == key_of(recipient_identifier) else None


def _take(
    message: Message | None, peer: PeerIdentity, said: tuple[str, str], wire: WireMessage
) -> Anomaly | None:
    act, note = said
    if message is None:
        return Anomaly(
            code=AnomalyCode.NOT_FOUND, info="Nessun messaggio registrato con questi identificatori."
        )
    if not act.strip():
        return Anomaly(code=AnomalyCode.UNRECEIVABLE, info="Manca il riferimento al provvedimento.")
    ledger = Ledger.open(message.id, actor=Actor.peer(peer.aoo_code))
    repeated = ledger.standing.annulment is Annulment.THERE
    if repeated:
        ledger.append(Kind.REPEATED, wire=wire)
    else:
        ledger.append(Kind.ANNULLED_THERE, wire=wire, act=act, reason=note)
    turns.wake(ledger.close())
    return None
