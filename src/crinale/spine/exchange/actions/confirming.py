"""ConfermaMessaggioInoltro, both ways.

The recipient's number, or the anomaly, reaches the sender and stays there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.exchange.actions import evidence, incidents, rows, turns
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.mailing import attempt_answer
from crinale.spine.exchange.actions.outcomes import record_answer, record_failure
from crinale.spine.exchange.actions.outgoing import check_names, endpoint_of
from crinale.spine.exchange.actions.receiving import called_area
from crinale.spine.exchange.actions.rows import area_code
from crinale.spine.exchange.identifiers import as_json, from_json, key_of
from crinale.spine.exchange.models import Message, Receipt
from crinale.spine.exchange.ports import transport
from crinale.spine.exchange.rules.anomalies import Anomaly, AnomalyCode
from crinale.spine.exchange.rules.states import Kind, State
from crinale.spine.exchange.values import ConfirmReply, TransportFailure
from crinale.spine.identity import Actor
from crinale.spine.tenancy.statements import in_one_go

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.models import WireMessage
    from crinale.spine.exchange.values import PeerIdentity
    from crinale.spine.protocol.rules.identifier import Identifier


def attempt_confirm(message: Message) -> Message | None:
    """Make one attempt at telling the sender our number or our refusal; in the job of the message."""
    if message.channel != "aoo":
        return attempt_answer(message)
    refused = message.state == State.REFUSED
    number = from_json(message.recipient_identifier) if message.recipient_identifier else None
    elapsed = turns.stopwatch()
    try:
        answer = transport.get().confirm(
            sender_aoo=area_code(message.area_id),
            to=endpoint_of(message.counterpart_aoo),
            sender_identifier=from_json(message.sender_identifier),
            recipient_identifier=None if refused else number,
            anomaly=refusal_of(message.id) if refused else None,
        )
        check_names(answer, message.sender_key)
    except TransportFailure as failure:
        record_failure(message.id, "confirm", failure, round_trip_ms=elapsed())
        return None
    return record_answer(
        message.id,
        "confirm",
        kept=answer.evidence,
        good=Kind.NOTIFIED,
        refused=Kind.NOTIFIED,
        anomaly=answer.anomaly,
        round_trip_ms=elapsed(),
    )


def refusal_of(message_id: UUID) -> Anomaly:
    """Return the anomaly with which the message was last refused."""
    data = (
        Receipt.objects.filter(message_id=message_id, kind__in=(Kind.REFUSED, Kind.REFUSED_AT_DOOR))
        .order_by("-seq")
        .values_list("data", flat=True)[0]
    )
    return Anomaly(code=AnomalyCode(data["anomaly"]), info=data.get("info", ""))


def receive_confirmation(
    *,
    area_code: str,
    peer: PeerIdentity,
    sender_identifier: Identifier,
    recipient_identifier: Identifier | None,
    anomaly: Anomaly | None,
    evidence_request: bytes,
) -> ConfirmReply:
    """ConfermaMessaggioInoltro: keep the recipient's number, or its refusal, as a receipt of our message.

    :raises Invalid: unless exactly one of number and anomaly is given, the number being one of the peer's
        area.
    :raises NotVisible: when no such message was sent to the peer.
    :raises Conflict: when the peer already said something else.
    """
    if (recipient_identifier is None) == (anomaly is None):
        raise Invalid("IdentificatoreDestinatario", "give either the recipient's identifier or an anomaly")
    if recipient_identifier and recipient_identifier.aoo_code.upper() != peer.aoo_code.upper():
        raise Invalid("IdentificatoreDestinatario", "the identifier is not one of the area that signed")
    with called_area(area_code) as area, in_one_go():
        found = rows.message_where(rows.SENT, area.id, key_of(sender_identifier), peer.aoo_code, lock=True)
        if found is None:
            raise NotVisible
        ledger = Ledger.of(found, actor=Actor.peer(peer.aoo_code))
        wire = evidence.request_row(
            message_id=found.id, operation="confirm", origin="received", envelope=evidence_request
        )
        ledger.keep(wire)
        _take(ledger, wire, recipient_identifier, anomaly)
        message = ledger.close()
        incidents.settle(message, kinds=[incidents.RETRIES_EXHAUSTED, incidents.CONFIRMATION_OVERDUE])
        turns.wake(message)
        return ConfirmReply(identifier=from_json(message.sender_identifier), wire_id=evidence.ref_of(wire))


def _take(ledger: Ledger, wire: WireMessage, number: Identifier | None, anomaly: Anomaly | None) -> None:
    said = State.REGISTERED if number else State.REFUSED
    if ledger.standing.state in (State.REGISTERED, State.REFUSED) and not ledger.standing.at_door:
        _same_as_before(ledger, said, number)
        ledger.append(Kind.REPEATED, wire=wire)
    elif number is not None:
        ledger.message.recipient_identifier = as_json(number)
        ledger.append(Kind.REGISTERED, wire=wire, identifier=as_json(number))
    elif anomaly is not None:
        ledger.append(Kind.REFUSED, wire=wire, anomaly=anomaly.code, info=anomaly.info)


def _same_as_before(ledger: Ledger, said: State, number: Identifier | None) -> None:
    known = ledger.message.recipient_identifier
    same_number = number is None or (known is not None and key_of(from_json(known)) == key_of(number))
    if ledger.standing.state is not said or not same_number:
        raise Conflict("Another outcome of this message was already notified.")
