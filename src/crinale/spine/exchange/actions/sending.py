"""Send a registered document.

One message per recipient area, at least once, with the proof of each attempt.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine.exchange.actions import turns
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.mailing import attempt_mail
from crinale.spine.exchange.actions.outcomes import record_answer, record_failure
from crinale.spine.exchange.actions.outgoing import check_names, consignment
from crinale.spine.exchange.actions.posting import post_all, posts_for
from crinale.spine.exchange.identifiers import as_json, key_of
from crinale.spine.exchange.models import Message
from crinale.spine.exchange.ports import transport
from crinale.spine.exchange.queries.index import area_of_body, areas_by_code
from crinale.spine.exchange.rules import schedule
from crinale.spine.exchange.rules.states import Errand, Kind, State
from crinale.spine.exchange.values import TransportFailure
from crinale.spine.identity import Actor
from crinale.spine.identity.permissions import require
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol import queries as protocol_queries
from crinale.spine.tenancy.statements import in_one_go

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from crinale.spine.exchange.actions.posting import Post, Way
    from crinale.spine.exchange.queries.index import AreaFound
    from crinale.spine.protocol.queries import EnclosureData, PartyData, RegistrationView
    from crinale.spine.protocol.views import LinkData

_SYSTEM = Actor.system("exchange")


def register_and_send(
    *,
    actor: Actor,
    area_id: UUID,
    subject: str,
    classification: str,
    recipients: Sequence[PartyData],
    documents: Sequence[EnclosureData],
    sender: PartyData | None = None,
    reply_to: UUID | None = None,
    links: Sequence[LinkData] = (),
    dossier_id: UUID | None = None,
    confidential: bool = False,
    ways: Mapping[int, Way] | None = None,
) -> RegistrationView:
    """Register an outgoing document and send it to every recipient that can be reached from here.

    All in one transaction. An area with an address in the index gets it through the exchange of Allegato 6,
    any other recipient with a mail address by mail, if this area has a certified mailbox; the rest are
    registered only. ``ways`` chooses otherwise for the recipient at a place: "aoo", "mail" or "none".

    :raises Invalid: when something must be corrected before a number is taken.
    :raises NotVisible: when the area or a document is not the actor's to use.
    """
    require(actor, "protocol.send", area_id=area_id)
    recipients = [_with_area(one) for one in recipients]
    # asked before, so that the register is held for writing only
    reachable, posts = _sorted_out(area_id, recipients, ways or {})
    with in_one_go():
        view = protocol.register_outgoing(
            actor=actor,
            area_id=area_id,
            subject=subject,
            classification=classification,
            recipients=recipients,
            documents=documents,
            sender=sender,
            reply_to=reply_to,
            links=links,
            dossier_id=dossier_id,
            confidential=confidential,
            channel="pec" if posts and not reachable else "aoo",
        )
        _dispatch(view, reachable, actor=actor)
        post_all(view, posts, actor=actor)
    return view


def send_registration(*, actor: Actor, registration_id: UUID) -> int:
    """Send an outgoing registration to those of its recipients that have no message yet.

    Return how many are new.

    For recipients whose area entered the index after the registration.
    """
    view = protocol_queries.registration(actor=actor, registration_id=registration_id)
    require(actor, "protocol.send", area_id=view.area_id)
    if view.direction != "outgoing" or view.annulment is not None or view.state == "unsealed":
        raise NotVisible
    with transaction.atomic():
        # two clerks pressing the button at once: the second waits here and finds nothing left to send
        sent = (
            Message.objects.select_for_update()
            .filter(registration_id=registration_id, direction="out")
            .values_list("counterpart_aoo", "address")
        )
        known = {name for pair in sent for name in pair if name}
        missing = [
            party.data
            for party in view.recipients
            if not known & {party.data.aoo_code, party.data.email.strip().lower()}
        ]
        reachable, posts = _sorted_out(view.area_id, missing, {})
        return _dispatch(view, reachable, actor=actor) + post_all(view, posts, actor=actor)


def send_by_exchange(*, actor: Actor, registration_id: UUID, recipient: int) -> UUID:
    """Send an outgoing registration to one of its recipients by the exchange, whatever mail was tried before.

    ``recipient`` is its place among the recipients. Return the new message.

    :raises NotVisible: when there is no such registration or recipient for this actor.
    :raises Invalid: when the index has no address of the exchange for the recipient.
    :raises Conflict: when it was sent to this recipient by the exchange already: that is tried again instead.
    """
    view = protocol_queries.registration(actor=actor, registration_id=registration_id)
    require(actor, "protocol.send", area_id=view.area_id)
    if view.direction != "outgoing" or view.annulment is not None or view.state == "unsealed":
        raise NotVisible
    if not 0 <= recipient < len(view.recipients):
        raise NotVisible
    party = _with_area(view.recipients[recipient].data)
    area = areas_by_code([party.aoo_code]).get(party.aoo_code) if party.aoo_code else None
    if area is None or not area.reachable:
        raise Invalid(f"recipients.{recipient}", "the index has no address of the exchange for it")
    with transaction.atomic():
        sent = Message.objects.select_for_update().filter(registration_id=registration_id, direction="out")
        if any(one.channel == "aoo" and one.counterpart_aoo == area.aoo_code for one in sent):
            raise Conflict("It was sent to this recipient by the exchange already.")
        message = _compose(view, party, area, actor=actor)
        turns.wake(message)
    return message.id


def _with_area(recipient: PartyData) -> PartyData:
    """Complete a recipient that names a body with a single area in the index."""
    if recipient.kind != "administration" or recipient.aoo_code or not recipient.ipa_code:
        return recipient
    area = area_of_body(recipient.ipa_code)
    return replace(recipient, aoo_code=area.aoo_code, aoo_name=area.aoo_name) if area else recipient


def _sorted_out(
    area_id: UUID, recipients: Sequence[PartyData], ways: Mapping[int, Way]
) -> tuple[list[tuple[PartyData, AreaFound]], list[Post]]:
    """Pair each area that has an address in the index with it; the others with a mail address get mail."""
    codes = {one.aoo_code for one in recipients if one.kind == "administration" and one.aoo_code}
    known = areas_by_code(codes) if codes else {}
    reached: dict[str, tuple[PartyData, AreaFound]] = {}
    for place, one in enumerate(recipients):
        area = known.get(one.aoo_code) if one.kind == "administration" else None
        if area and area.reachable and ways.get(place, "auto") in ("auto", "aoo"):
            reached[area.aoo_code] = (one, area)
        elif ways.get(place) == "aoo":
            raise Invalid(f"recipients.{place}", "the index has no address of the exchange for it")
    return list(reached.values()), posts_for(area_id, recipients, known, ways)


def _dispatch(
    view: RegistrationView, reachable: Sequence[tuple[PartyData, AreaFound]], *, actor: Actor
) -> int:
    for recipient, area in reachable:
        turns.wake(_compose(view, recipient, area, actor=actor))
    return len(reachable)


def _compose(view: RegistrationView, recipient: PartyData, area: AreaFound, *, actor: Actor) -> Message:
    issued = view.segnatura
    message = Message(
        id=new_id(),
        area_id=view.area_id,
        direction="out",
        registration_id=view.id,
        counterpart_ipa=area.ipa_code,
        counterpart_aoo=area.aoo_code,
        counterpart_name=area.body_name,
        subject=view.subject,
        sender_identifier=as_json(view.identifier),
        sender_key=key_of(view.identifier),
        segnatura_sha256=issued.sha256 if issued and view.state == "sealed" else "",
        confirmation_requested=recipient.confirm,
        for_information=recipient.for_information,
        confidential=view.confidential,
        created_at=clock.now(),
    )
    ledger = Ledger.begin(message, actor=actor)
    if view.state == "sealed":
        ledger.append(Kind.SEALED)
    return ledger.close()


def attempt_send(message: Message) -> Message | None:
    """Make one attempt at MessaggioInoltro, or at a mail; in the job of the message."""
    if message.state == State.COMPOSED and not _seal_is_made(message):
        return None
    if message.channel != "aoo":
        return attempt_mail(message)
    elapsed = turns.stopwatch()
    try:
        ready = consignment(message)
        elapsed = turns.stopwatch()
        answer = transport.get().forward(
            sender_aoo=ready.sender_aoo, to=ready.to, segnatura=ready.segnatura, files=ready.files
        )
        round_trip_ms = elapsed()
        check_names(answer, message.sender_key)
    except TransportFailure as failure:
        record_failure(message.id, "forward", failure, round_trip_ms=elapsed())
        return None
    return record_answer(
        message.id,
        "forward",
        kept=answer.evidence,
        good=Kind.ACCEPTED,
        refused=Kind.REFUSED_AT_DOOR,
        anomaly=answer.anomaly,
        round_trip_ms=round_trip_ms,
        size=ready.size,
        within_target=schedule.within_target(round_trip_ms=round_trip_ms, size=ready.size),
    )


def _seal_is_made(message: Message) -> bool:
    """Say whether the seal has been made meanwhile, and note it; else look again a little later."""
    with transaction.atomic():
        ledger = Ledger.open(message.id, actor=_SYSTEM)
        if ledger.standing.state is not State.COMPOSED:
            return ledger.owes is Errand.FORWARD
        registration = ledger.message.registration
        sealed = registration is not None and registration.state == "sealed"
        if sealed:
            ledger.append(Kind.SEALED)
        else:
            ledger.message.next_attempt_at = clock.now() + schedule.SEAL_RETRY_AFTER
        ledger.close()
    return sealed
