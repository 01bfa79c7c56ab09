"""The clerk's queue: what waits for whom, in a fixed number of SQL queries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, get_args

from django.db.models import Count, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from crinale.kernel.errors import NotVisible
from crinale.spine.exchange.identifiers import from_json
from crinale.spine.exchange.models import Incident, Message, Receipt
from crinale.spine.exchange.queries.visibility import require_visible, visible
from crinale.spine.exchange.rules.states import Annulment, Errand, Kind, State, step
from crinale.spine.exchange.standings import standing_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from crinale.spine.exchange.rules.states import Standing
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.rules.identifier import Identifier

Box = Literal["to_register", "waiting_confirmation", "refused", "incidents", "sent", "received"]
BOXES: Final[tuple[Box, ...]] = get_args(Box)

_ON_ITS_WAY: Final = (
    State.COMPOSED,
    State.SEALED,
    State.SENDING,
    State.HANDED_OVER,
    State.TAKEN,
    State.ACCEPTED,
)
_WORKING: Final[tuple[Box, ...]] = ("to_register", "waiting_confirmation", "refused")
_FILTERS: Final[dict[Box, Q]] = {
    "to_register": Q(direction="in", state=State.TO_REGISTER),
    "waiting_confirmation": Q(direction="out", state__in=_ON_ITS_WAY),
    "refused": Q(direction="out", state=State.REFUSED, noted_at=None),
    "sent": Q(direction="out"),
    "received": Q(direction="in"),
}


_SINCE: Final = Coalesce("accepted_at", "created_at")


@dataclass(frozen=True, slots=True)
class BoxSize:
    """How many messages wait in a box, and since when the one that waits longest (None when it is empty)."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident of a message.

    ``contact`` holds body, area, responsible, emails, phone, as the index had them.
    """

    id: UUID
    kind: str
    blocking: bool
    opened_at: datetime
    contact: Mapping[str, Any]
    workaround: str
    restore_expected_at: datetime | None
    closed_at: datetime | None
    closing_note: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as lists and pages show it.

    ``anomaly`` and ``reason`` are those of the refusal, or else of the last thing that went wrong ("" when
    none); ``failure`` is then the kind of a failed attempt (see ``values.TransportFailure``).

    ``stuck`` says that the attempts at what this side owes are used up, ``owed`` what that is ("confirm",
    "annul"; "" when it owes nothing, or has not delivered the document itself: see ``state``). ``can_retry``
    says whether ``actions.retry_now`` makes sense, ``notified`` whether the sender acknowledged our answer.
    ``channel`` is "aoo", "pec" or "email"; ``address`` that of the other side for the last two, ``writes``
    the edition of the segnatura.
    """

    id: UUID
    area_id: UUID
    direction: Literal["out", "in"]
    state: str
    errand: str
    stuck: bool
    owed: str
    notified: bool
    can_retry: bool
    annulment: str
    counterpart_ipa: str
    counterpart_aoo: str
    counterpart_name: str
    channel: str
    address: str
    writes: str
    subject: str
    registration_id: UUID | None
    sender_identifier: Identifier
    recipient_identifier: Identifier | None
    confirmation_requested: bool
    for_information: bool
    created_at: datetime
    accepted_at: datetime | None
    changed_at: datetime | None
    anomaly: str
    reason: str
    failure: str
    failures: int
    next_attempt_at: datetime | None
    confirmation_due_at: datetime | None
    noted: bool
    incidents: tuple[IncidentView, ...]


@dataclass(frozen=True, slots=True)
class QueueView:
    """One box: its rows, newest first, and how many messages wait in each working box.

    ``more`` is the id to pass as ``before`` for the next page, None on the last one.
    """

    box: Box
    rows: tuple[MessageRow, ...]
    counts: Mapping[str, int]
    more: UUID | None


def queue(
    *,
    actor: Actor,
    area_id: UUID,
    box: Box,
    limit: int = 50,
    before: UUID | None = None,
    counts: Mapping[str, int] | None = None,
    oldest_first: bool = False,
) -> QueueView:
    """Return a box of the queue of an area; ``counts`` spares the counting to who has counted already.

    ``before`` is the last one of the page before, whatever the order.

    Confidential messages that the actor may not see are not in it.

    :raises NotVisible: when the actor may not see the exchanges of the area, or there is no such box.
    """
    seen = visible(actor, area_id)
    if box not in BOXES:
        raise NotVisible
    found = _rows(Message.objects.filter(seen, area_id=area_id))
    if box == "incidents":
        opened = Incident.objects.filter(area_id=area_id, closed_at=None).values("message_id")
        found = found.filter(Q(id__in=opened) | Q(direction="out", state=State.FAILED))
    else:
        found = found.filter(_FILTERS[box])
    if before is not None:
        found = found.filter(id__gt=before) if oldest_first else found.filter(id__lt=before)
    rows = [row_of(one) for one in found.order_by("id" if oldest_first else "-id")[: limit + 1]]
    return QueueView(
        box=box,
        rows=tuple(rows[:limit]),
        counts=queue_counts(actor=actor, area_id=area_id) if counts is None else counts,
        more=rows[limit - 1].id if len(rows) > limit else None,
    )


def queue_counts(*, actor: Actor, area_id: UUID) -> dict[str, int]:
    """Return how many messages wait in each working box of an area.

    :raises NotVisible: when the actor may not see the exchanges of the area.
    """
    return {box: size.count for box, size in queue_sizes(actor=actor, area_id=area_id).items()}


def queue_sizes(*, actor: Actor, area_id: UUID) -> dict[Box, BoxSize]:
    """Return how many messages wait in each working box of an area, and since when.

    Those that the actor may not see are not counted.

    :raises NotVisible: when the actor may not see the exchanges of the area.
    """
    seen = visible(actor, area_id)
    filters = {box: _FILTERS[box] for box in _WORKING} | {"failed": Q(direction="out", state=State.FAILED)}
    found: dict[str, Any] = Message.objects.filter(
        seen, Q(area_id=area_id), ~Q(state__in=(State.REGISTERED, State.DELIVERED, State.WITHDRAWN))
    ).aggregate(
        **{name: Count("id", filter=condition) for name, condition in filters.items()},
        **{f"{name}_since": Min(_SINCE, filter=condition) for name, condition in filters.items()},
    )
    others = (
        Incident.objects.filter(visible(actor, area_id, of="message__"), area_id=area_id, closed_at=None)
        .exclude(message__direction="out", message__state=State.FAILED)
        .aggregate(
            n=Count("message_id", distinct=True),
            since=Min(Coalesce("message__accepted_at", "message__created_at")),
        )
    )
    sizes = {box: BoxSize(found[box], found[f"{box}_since"]) for box in _WORKING}
    oldest = min((at for at in (found["failed_since"], others["since"]) if at), default=None)
    return {**sizes, "incidents": BoxSize(found["failed"] + others["n"], oldest)}


def messages_of_registration(*, actor: Actor, registration_id: UUID) -> list[MessageRow]:
    """Return the messages of a registration: one per recipient area, or the one it came with.

    :raises NotVisible: when the actor may not see them.
    """
    found = list(
        _rows(Message.objects.filter(registration_id=registration_id))
        .select_related("registration")
        .order_by("id")
    )
    for one in found:
        require_visible(actor, one)
    return [row_of(one) for one in found]


def message(*, actor: Actor, message_id: UUID) -> MessageRow:
    """Return one message.

    :raises NotVisible: when there is none that the actor may see.
    """
    found = _rows(Message.objects.filter(id=message_id)).select_related("registration").first()
    if found is None:
        raise NotVisible
    require_visible(actor, found)
    return row_of(found)


def _rows(messages: QuerySet[Message, Message]) -> QuerySet[Message, Message]:
    """Add what a row needs beyond its own columns.

    The last receipt, why it is refused or late, the incidents.
    """
    own = Receipt.objects.filter(message_id=OuterRef("id")).order_by("-seq")
    refusal = own.filter(kind__in=(Kind.REFUSED, Kind.REFUSED_AT_DOOR, Kind.NOT_TAKEN))
    trouble = own.filter(
        kind__in=(
            Kind.ATTEMPT_FAILED,
            Kind.WAITING,
            Kind.ANNULMENT_REFUSED,
            Kind.NOT_TAKEN,
            Kind.NOT_DELIVERED,
        )
    )
    return messages.annotate(
        changed_at=Subquery(own.values("at")[:1]),
        refusal=Subquery(refusal.values("data")[:1]),
        trouble=Subquery(trouble.values("data")[:1]),
    ).prefetch_related(
        Prefetch("incidents", queryset=Incident.objects.order_by("id"), to_attr="known_incidents")
    )


def row_of(message: Message) -> MessageRow:
    """Describe a message fetched with what a row needs."""
    told = getattr(message, "refusal" if message.state == State.REFUSED else "trouble", None) or {}
    registered = message.recipient_identifier
    standing = standing_of(message)
    return MessageRow(
        id=message.id,
        area_id=message.area_id,
        direction="out" if message.direction == "out" else "in",
        state=message.state,
        errand=message.errand,
        stuck=message.stuck,
        owed=replace(standing, stuck=False).errand,
        notified=message.notified,
        can_retry=_can_retry(message, standing),
        annulment=message.annulment,
        counterpart_ipa=message.counterpart_ipa,
        counterpart_aoo=message.counterpart_aoo,
        counterpart_name=message.counterpart_name,
        channel=message.channel,
        address=message.address,
        writes=message.writes,
        subject=message.subject,
        registration_id=message.registration_id,
        sender_identifier=from_json(message.sender_identifier),
        recipient_identifier=from_json(registered) if registered else None,
        confirmation_requested=message.confirmation_requested,
        for_information=message.for_information,
        created_at=message.created_at,
        accepted_at=message.accepted_at,
        changed_at=getattr(message, "changed_at", None),
        anomaly=told.get("anomaly", ""),
        reason=told.get("info") or told.get("reason", ""),
        failure=told.get("code", ""),
        failures=message.failures,
        next_attempt_at=message.next_attempt_at,
        confirmation_due_at=message.confirmation_due_at,
        noted=message.noted_at is not None,
        incidents=tuple(_incident(one) for one in getattr(message, "known_incidents", ())),
    )


def _can_retry(message: Message, standing: Standing) -> bool:
    """Whether a clerk has a reason to order a new attempt, and ``actions.retry_now`` would accept it."""
    sent_back = standing.direction == "out" and standing.state is State.REFUSED and standing.at_door
    silent = message.escalated and standing.state in (State.HANDED_OVER, State.TAKEN)
    if not (standing.stuck or sent_back or silent or standing.state is State.SENDING or message.failures):
        return False
    if sent_back and standing.annulment is not Annulment.NONE:
        return False
    return step(standing, Kind.RETRY_ORDERED).errand not in (Errand.NONE, Errand.PROCESS)


def _incident(incident: Incident) -> IncidentView:
    return IncidentView(
        id=incident.id,
        kind=incident.kind,
        blocking=incident.blocking,
        opened_at=incident.opened_at,
        contact=incident.contact,
        workaround=incident.workaround,
        restore_expected_at=incident.restore_expected_at,
        closed_at=incident.closed_at,
        closing_note=incident.closing_note,
    )
