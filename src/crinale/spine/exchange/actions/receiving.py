"""The receiving side: what other areas ask of us, answered the same however often they ask.

The caller is a server endpoint that has already verified the peer's signature on the envelope. Each
function opens the scope of the area that was called; ``NotVisible`` means that the area is not on this
node.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction

from crinale.kernel import clock
from crinale.kernel.digests import sha256
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine import audit, tenancy
from crinale.spine.exchange import facts
from crinale.spine.exchange.actions import evidence, rows, turns
from crinale.spine.exchange.actions.digesting import check_digests
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.presented import ReadSegnatura, read_segnatura
from crinale.spine.exchange.actions.seals import judge_seal
from crinale.spine.exchange.identifiers import as_json, key_of
from crinale.spine.exchange.models import Message, Parcel
from crinale.spine.exchange.rules.anomalies import refusal
from crinale.spine.exchange.rules.receiving import Here, our_addressee
from crinale.spine.exchange.rules.states import Kind, State
from crinale.spine.exchange.values import ForwardReply
from crinale.spine.identity import Actor
from crinale.spine.tenancy import queries as tenancy_queries
from crinale.spine.tenancy.statements import in_one_go, insert, insert_if_new

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crinale.spine.exchange.rules.anomalies import Anomaly
    from crinale.spine.exchange.values import IncomingFile, PeerIdentity
    from crinale.spine.tenancy.queries import AreaRef

_TAKEN: Final = "Another message was already accepted under this identifier."


@contextmanager
def called_area(area_code: str) -> Iterator[AreaRef]:
    """Open the scope of the area that was called.

    :raises NotVisible: when it is not on this node.
    """
    area = tenancy_queries.area_by_code(area_code)
    if area is None:
        raise NotVisible
    with tenancy.scope(area.body_id):
        yield area


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One MessaggioInoltro, read and judged."""

    area: AreaRef
    peer: PeerIdentity
    read: ReadSegnatura
    segnatura: bytes
    files: Sequence[IncomingFile]
    envelope: bytes
    seal_certificate_sha256: str
    anomaly: Anomaly | None

    @property
    def actor(self) -> Actor:
        return Actor.peer(self.peer.aoo_code)


def receive_forward(
    *,
    area_code: str,
    peer: PeerIdentity,
    segnatura: bytes,
    files: Sequence[IncomingFile],
    evidence_request: bytes,
) -> ForwardReply:
    """MessaggioInoltro: verify seal and digests, keep the message, answer; the rest is done by a job.

    The same segnatura again gets the same answer and leaves no second message, even when both arrive at
    once. A message refused here (001, 002) was never received, so it is judged afresh when it comes again.

    :raises Invalid: when the segnatura cannot be read, so that there is no identifier to answer with.
    :raises Conflict: when another segnatura was already accepted under the same identifier.
    :raises NotVisible: when the area is not on this node.
    """
    with called_area(area_code) as area:
        try:
            read = read_segnatura(segnatura)
        except Invalid as unreadable:
            _note_unreadable(peer, segnatura, unreadable)
            raise
        if reply := _answered_before(area, peer, read, segnatura, evidence_request):
            return reply
        seal = judge_seal(read, peer=peer)
        arrival = _Arrival(
            area=area,
            peer=peer,
            read=read,
            segnatura=segnatura,
            files=files,
            envelope=evidence_request,
            seal_certificate_sha256=seal.certificate_sha256,
            anomaly=seal.anomaly or check_digests(read.documents, files),
        )
        try:
            with in_one_go():
                return _keep_arrival(arrival)
        except IntegrityError:  # another segnatura with this identifier was accepted at the same instant
            raise Conflict(_TAKEN) from None


def _note_unreadable(peer: PeerIdentity, segnatura: bytes, unreadable: Invalid) -> None:
    fact = facts.ForwardUnreadable(peer=peer.aoo_code, reason=str(unreadable), sha256=sha256(segnatura).hex())
    with transaction.atomic():
        audit.write(fact, actor=Actor.peer(peer.aoo_code))


def _accepted(area: AreaRef, read: ReadSegnatura) -> Message | None:
    return rows.message_where(rows.ACCEPTED, area.id, key_of(read.identifier))


def _answered_before(
    area: AreaRef, peer: PeerIdentity, read: ReadSegnatura, segnatura: bytes, envelope: bytes
) -> ForwardReply | None:
    """Answer a repeated message without judging it again."""
    known = _accepted(area, read)
    if known is None:
        return None
    same = known.segnatura_sha256 == sha256(segnatura).hex() and known.counterpart_aoo == peer.aoo_code
    if known.channel != "aoo" and not (same and known.state == State.REGISTERED):
        return None  # what a mail said under this identifier does not keep out what comes signed
    if not same:
        raise Conflict(_TAKEN)
    with transaction.atomic():
        return _repeat(Ledger.open(known.id, actor=Actor.peer(peer.aoo_code)), read, envelope)


def _repeat(ledger: Ledger, read: ReadSegnatura, envelope: bytes) -> ForwardReply:
    wire = evidence.request_row(
        message_id=ledger.message.id, operation="forward", origin="received", envelope=envelope
    )
    ledger.keep(wire)
    ledger.append(Kind.REPEATED, wire=wire)
    turns.wake(ledger.close())  # a confirmation that had been given up is owed again
    return ForwardReply(identifier=read.identifier, anomaly=None, wire_id=evidence.ref_of(wire))


def _keep_arrival(arrival: _Arrival) -> ForwardReply:
    ledger = _ledger_of(arrival)
    if ledger.message.accepted_at is not None:  # its twin was accepted while we were verifying
        return _repeat(ledger, arrival.read, arrival.envelope)
    message = ledger.message
    wire = evidence.request_row(
        message_id=message.id, operation="forward", origin="received", envelope=arrival.envelope
    )
    ledger.keep(wire)
    if arrival.anomaly is None:
        _keep_parcel(message, arrival)
        ledger.append(Kind.ACCEPTED, wire=wire)
    else:
        ledger.append(Kind.REFUSED_AT_DOOR, wire=wire, **refusal(arrival.anomaly))
    turns.wake(ledger.close())
    return ForwardReply(
        identifier=arrival.read.identifier, anomaly=arrival.anomaly, wire_id=evidence.ref_of(wire)
    )


def _ledger_of(arrival: _Arrival) -> Ledger:
    """Insert the message, or lock the one that is there.

    The unique constraint makes the second arrival wait.
    """
    message = _new_message(arrival)
    if insert_if_new(message):
        return Ledger.of(message, actor=arrival.actor)
    held = rows.message_where(
        rows.ARRIVED,
        message.area_id,
        message.sender_key,
        message.counterpart_aoo,
        message.segnatura_sha256,
        lock=True,
    )
    if held is None:
        raise NotVisible
    return Ledger.of(held, actor=arrival.actor)


def _new_message(arrival: _Arrival) -> Message:
    read, area = arrival.read, arrival.area
    ours = our_addressee(read.presented.addressees, Here(ipa_code=area.body_ipa, aoo_code=area.code))
    return Message(
        id=new_id(),
        area_id=area.id,
        direction="in",
        counterpart_ipa=read.identifier.ipa_code,
        counterpart_aoo=arrival.peer.aoo_code,
        counterpart_name=read.sender_name[:300],
        subject=read.presented.subject[:2000],
        sender_identifier=as_json(read.identifier),
        sender_key=key_of(read.identifier),
        segnatura_sha256=sha256(arrival.segnatura).hex(),
        # a message that does not name us as recipient is refused: its sender must hear of it
        confirmation_requested=ours.confirm if ours else True,
        for_information=ours.for_information if ours else False,
        confidential=read.data.confidential,
        created_at=clock.now(),
    )


def _keep_parcel(message: Message, arrival: _Arrival) -> None:
    """Keep segnatura and files.

    Those that it names in its order, then the detached signatures that came along.
    """
    descriptions = {one.file_name: one.description for one in arrival.read.documents}
    order = {name: position for position, name in enumerate(descriptions)}
    files = sorted(arrival.files, key=lambda one: order.get(one.name, len(order)))
    parcel = Parcel(
        message_id=message.id,
        segnatura=arrival.segnatura,
        files=[
            {
                "name": one.name,
                "description": descriptions.get(one.name, ""),
                "media_type": one.media_type,
                "size": one.size,
                "sha256": one.sha256,
            }
            for one in files
        ],
        seal_certificate_sha256=arrival.seal_certificate_sha256,
    )
    insert([parcel])
