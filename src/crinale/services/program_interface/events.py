"""Events: from the facts that were written, to the programs that want to be told and may see them.

Nothing of this runs where registrations are made: facts are followed afterwards, in their order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.services.program_interface import rules
from crinale.services.program_interface.models import Delivery, EventCursor, Subscription
from crinale.services.program_interface.ports import web_caller
from crinale.spine.audit import queries as audit
from crinale.spine.exchange import queries as exchange
from crinale.spine.identity import permissions, programs
from crinale.spine.protocol import queries as protocol
from crinale.spine.tenancy import queries as tenancy
from crinale.spine.tenancy.statements import insert_if_new

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from crinale.services.program_interface.ports import Outcome
    from crinale.spine.audit.queries import FollowedFact
    from crinale.spine.identity import Actor

FACTS_AT_ONCE: Final = 200
LEASE: Final = timedelta(minutes=2)
FAILURES: Final = frozenset({"address", "connection", "status", "timeout", "tls"})


@dataclass(frozen=True, slots=True)
class Event:
    """What is told: identifiers and kinds, never who or what a document is about."""

    id: str
    kind: str
    area_id: UUID
    data: dict[str, Any]


def collect() -> int:
    """Make deliveries of the facts written since the last time; return how many facts were looked at."""
    with transaction.atomic(durable=True):
        cursor = EventCursor.objects.select_for_update().first()
        if cursor is None:
            return 0
        wanting = list(Subscription.objects.filter(active=True).order_by("id"))
        if not wanting:
            cursor.delete()
            return 0
        found, reached = audit.facts_following(
            audit.FactPosition(cursor.txid, cursor.fact), kinds=list(rules.EVENTS), limit=FACTS_AT_ONCE
        )
        for subscription in wanting if found else ():
            _tell(subscription, found)
        if (cursor.txid, cursor.fact) != (reached.txid, reached.fact_id):
            cursor.txid, cursor.fact = reached.txid, reached.fact_id
            cursor.save(update_fields=["txid", "fact"])
    return len(found)


def due(*, limit: int = 100) -> list[UUID]:
    """Return the deliveries whose time has come."""
    waiting = Delivery.objects.filter(due_at__lte=clock.now(), subscription__active=True)
    return list(waiting.order_by("due_at").values_list("id", flat=True)[:limit])


def deliver(*, delivery_id: UUID) -> None:
    """Deliver one event. The call is made outside any transaction; a crash in it means another attempt."""
    claimed = _claim(delivery_id)
    if claimed is None:
        return
    try:
        secret = programs.unseal(claimed.subscription.sealed_secret)
    except programs.SecretSealedElsewhere:
        with transaction.atomic(durable=True):
            end(claimed.subscription, because="secret")
        return
    timestamp = int(clock.now().timestamp())
    outcome = web_caller.get().post(
        claimed.subscription.url,
        headers={
            "Content-Type": "application/json",
            "User-Agent": "crinale-webhooks",
            "webhook-id": claimed.event,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": rules.signature(
                secret=secret,
                event_id=claimed.event,
                timestamp=timestamp,
                content=claimed.content,
            ),
        },
        content=claimed.content.encode(),
    )
    with transaction.atomic(durable=True):
        _record(claimed, outcome)


def end(subscription: Subscription, *, because: str) -> None:
    """Deliver no more to a subscription, and say why."""
    subscription.active, subscription.ended_at, subscription.ended_because = False, clock.now(), because
    subscription.save(update_fields=["active", "ended_at", "ended_because"])


def _claim(delivery_id: UUID) -> Delivery | None:
    now = clock.now()
    with transaction.atomic(durable=True):
        found = (
            Delivery.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("subscription")
            .filter(id=delivery_id, due_at__lte=now, subscription__active=True)
            .first()
        )
        if found is None:
            return None
        if _actor_for(found.subscription) is None:
            end(found.subscription, because="revoked")
            return None
        found.due_at, found.attempts = now + LEASE, min(found.attempts + 1, 30_000)
        found.save(update_fields=["due_at", "attempts"])
    return found


def _record(delivery: Delivery, outcome: Outcome) -> None:
    now = clock.now()
    subscription = Subscription.objects.select_for_update().filter(id=delivery.subscription_id).first()
    if subscription is None:  # removed while it was called
        return
    delivery.last_status, delivery.last_failure = outcome.status, outcome.failure
    if not outcome.failure:
        delivery.delivered_at, delivery.due_at = now, None
        subscription.failing_since = None
    else:
        delivery.due_at = now + rules.wait_before_attempt(delivery.attempts)
        subscription.failing_since = subscription.failing_since or now
    delivery.save(update_fields=["last_status", "last_failure", "delivered_at", "due_at"])
    subscription.save(update_fields=["failing_since"])
    if subscription.failing_since and now - subscription.failing_since >= rules.GIVEN_UP_AFTER:
        end(subscription, because="unreachable")


def _tell(subscription: Subscription, found: Sequence[FollowedFact]) -> None:
    actor = _actor_for(subscription)
    if actor is None:
        end(subscription, because="revoked")
        return
    wanted = [
        one
        for one in found
        if rules.EVENTS[one.kind] in subscription.kinds
        and one.subject_id
        and one.at >= subscription.created_at
    ]
    now = clock.now()
    for event, fact in _events(actor, wanted):
        if event.area_id != subscription.area:
            continue
        content = {
            "id": event.id,
            "type": event.kind,
            "timestamp": fact.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "data": event.data,
        }
        insert_if_new(
            Delivery(
                subscription=subscription,
                event=event.id,
                kind=event.kind,
                content=json.dumps(content, separators=(",", ":")),
                created_at=now,
                due_at=now,
            )
        )


def _actor_for(subscription: Subscription) -> Actor | None:
    """The program as it may act now; None when it may not be told any more."""
    actor = programs.actor_of(subscription.program)
    if actor is None or not permissions.allows(actor, programs.SUBSCRIBE, area_id=subscription.area):
        return None
    return actor


def _events(actor: Actor, found: Sequence[FollowedFact]) -> list[tuple[Event, FollowedFact]]:
    about = [one.subject_id for one in found if one.subject_id and rules.EVENTS[one.kind] != rules.MESSAGE]
    views = {
        one.id: one for one in protocol.registration_views(actor=actor, registration_ids=list(set(about)))
    }
    areas = {one.id: one.code for one in tenancy.areas()}
    told = []
    for fact in found:
        kind = rules.EVENTS[fact.kind]
        if kind == rules.MESSAGE:
            event = _message_event(actor, fact, areas)
        elif fact.subject_id in views:
            one = views[fact.subject_id]
            told_once = kind if kind == rules.CREATED else f"{kind}.{fact.position.fact_id}"
            event = Event(
                f"{told_once}.{one.id}",
                kind,
                one.area_id,
                {
                    "aoo_code": areas.get(one.area_id, ""),
                    "registration_id": str(one.id),
                    "year": one.year,
                    "number": one.number,
                    "direction": one.direction,
                },
            )
        else:
            continue
        if event is not None:
            told.append((event, fact))
    return told


def _message_event(actor: Actor, fact: FollowedFact, areas: dict[UUID, str]) -> Event | None:
    assert fact.subject_id is not None  # noqa: S101  only facts about something are looked at
    try:
        row = exchange.message(actor=actor, message_id=fact.subject_id)
    except NotVisible:
        return None
    return Event(
        f"{rules.MESSAGE}.{fact.position.fact_id}.{row.id}",
        rules.MESSAGE,
        row.area_id,
        {
            "aoo_code": areas.get(row.area_id, ""),
            "message_id": str(row.id),
            "registration_id": str(row.registration_id) if row.registration_id else None,
            "direction": row.direction,
            "state": str(row.state),
        },
    )
