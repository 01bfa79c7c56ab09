"""Subscriptions: where a program wants to be told of what happens, and what became of each delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from crinale.services.program_interface import actions, queries
from crinale.services.program_interface.http import resources
from crinale.services.program_interface.http.cursors import no_cursor, read_cursor, write_cursor
from crinale.services.program_interface.http.operations import AREA, JSON, Call, Operation, Reply
from crinale.spine.identity import programs

if TYPE_CHECKING:
    from crinale.services.program_interface.models import Delivery, Subscription

_ALL: Final = f"{AREA}/subscriptions"
_ONE: Final = f"{_ALL}/{{subscription_id}}"


def subscribed(call: Call) -> Reply:
    asked: resources.NewSubscription = call.body
    made = actions.subscribe(
        program_id=call.bearer.program_id,
        area_id=call.area.id,
        url=asked.url,
        kinds=asked.kinds,
        secret=asked.secret,
    )
    return Reply(
        content=_shown(made, secret=programs.unseal(made.sealed_secret)),
        location=call.address(f"/subscriptions/{made.id}"),
        made=made.id,
    )


def subscribed_before(call: Call) -> Reply:
    assert call.made is not None  # noqa: S101  kept with the answer
    made = _own(call, call.made)
    return Reply(content=_shown(made, secret=programs.unseal(made.sealed_secret)))


def listed(call: Call) -> Reply:
    found = queries.subscriptions(actor=call.actor, program_id=call.bearer.program_id, area_id=call.area.id)
    return Reply(content=resources.Subscriptions(items=tuple(map(_shown, found))))


def read_one(call: Call) -> Reply:
    return Reply(content=_shown(_own(call)))


def removed(call: Call) -> Reply:
    actions.unsubscribe(subscription=_own(call))
    return Reply()


def resumed(call: Call) -> Reply:
    return Reply(content=_shown(actions.resume(subscription=_own(call))))


def deliveries(call: Call) -> Reply:
    asked: resources.PageAsked = call.query
    found = queries.deliveries(_own(call), before=_before(asked.cursor), limit=asked.limit)
    following = write_cursor([str(found.rows[-1].id)]) if found.more else None
    return Reply(content=resources.Deliveries(items=tuple(map(_delivery, found.rows)), next=following))


def redelivered(call: Call) -> Reply:
    return Reply(
        content=_delivery(actions.redeliver(subscription=_own(call), delivery_id=call.ids["delivery_id"]))
    )


def redelivered_before(call: Call) -> Reply:
    return Reply(content=_delivery(queries.delivery(_own(call), delivery_id=call.ids["delivery_id"])))


def _own(call: Call, subscription_id: UUID | None = None) -> Subscription:
    return queries.subscription(
        actor=call.actor,
        program_id=call.bearer.program_id,
        area_id=call.area.id,
        subscription_id=subscription_id or call.ids["subscription_id"],
    )


def _before(cursor: str) -> UUID | None:
    if not cursor:
        return None
    place = read_cursor(cursor)
    try:
        return UUID(place[0])
    except (ValueError, TypeError, AttributeError, IndexError):
        raise no_cursor() from None


def _shown(one: Subscription, *, secret: str | None = None) -> resources.Subscription:
    return resources.Subscription(
        subscription_id=one.id,
        url=one.url,
        kinds=tuple(one.kinds),
        active=one.active,
        created_at=one.created_at,
        secret=secret,
        failing_since=one.failing_since,
        ended_at=one.ended_at,
        ended_because=one.ended_because or None,  # type: ignore[arg-type]
    )


def _delivery(one: Delivery) -> resources.Delivery:
    return resources.Delivery(
        delivery_id=one.id,
        event=one.event,
        kind=one.kind,
        created_at=one.created_at,
        attempts=one.attempts,
        delivered_at=one.delivered_at,
        due_at=one.due_at,
        last_status=one.last_status or None,
        last_failure=one.last_failure or None,
    )


OPERATIONS: Final = (
    Operation(
        name="subscribe",
        method="POST",
        path=_ALL,
        summary="Be told of events at an address",
        about="Deliveries are signed as Standard Webhooks asks: `webhook-id`, `webhook-timestamp`, "
        "`webhook-signature` (HMAC-SHA256 over id, instant and body). They hold identifiers only, may come "
        "more than once, and are tried again for three days.",
        scope=programs.SUBSCRIBE,
        run=subscribed,
        body=resources.NewSubscription,
        takes=(JSON,),
        answers=resources.Subscription,
        status=201,
        key="optional",
        again=subscribed_before,
    ),
    Operation(
        name="list_subscriptions",
        method="GET",
        path=_ALL,
        summary="List the program's subscriptions",
        scope=programs.SUBSCRIBE,
        run=listed,
        answers=resources.Subscriptions,
    ),
    Operation(
        name="get_subscription",
        method="GET",
        path=_ONE,
        summary="Read a subscription",
        scope=programs.SUBSCRIBE,
        run=read_one,
        answers=resources.Subscription,
    ),
    Operation(
        name="unsubscribe",
        method="DELETE",
        path=_ONE,
        summary="Remove a subscription and its deliveries",
        scope=programs.SUBSCRIBE,
        run=removed,
        status=204,
        key="optional",
    ),
    Operation(
        name="resume_subscription",
        method="POST",
        path=f"{_ONE}/resumption",
        summary="Begin again with a subscription that was ended",
        scope=programs.SUBSCRIBE,
        run=resumed,
        answers=resources.Subscription,
        key="optional",
        again=read_one,
    ),
    Operation(
        name="list_deliveries",
        method="GET",
        path=f"{_ONE}/deliveries",
        summary="See what became of the deliveries",
        scope=programs.SUBSCRIBE,
        run=deliveries,
        query=resources.PageAsked,
        answers=resources.Deliveries,
    ),
    Operation(
        name="redeliver",
        method="POST",
        path=f"{_ONE}/deliveries/{{delivery_id}}/redelivery",
        summary="Deliver an event once more",
        scope=programs.SUBSCRIBE,
        run=redelivered,
        answers=resources.Delivery,
        status=202,
        key="optional",
        again=redelivered_before,
    ),
)
