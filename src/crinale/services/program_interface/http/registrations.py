"""Registrations: read, listed, searched, with their segnatura and their messages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.http import HttpResponse

from crinale.kernel.errors import NotVisible
from crinale.services.program_interface.http import resources, views
from crinale.services.program_interface.http.cursors import no_cursor, read_cursor, write_cursor
from crinale.services.program_interface.http.operations import AREA, Call, Operation, Reply
from crinale.spine import audit
from crinale.spine.exchange import queries as exchanges
from crinale.spine.identity import permissions
from crinale.spine.protocol import queries as register
from crinale.spine.protocol.queries import RegistrationFilter
from crinale.spine.search import queries as index
from crinale.spine.search.queries import Position

if TYPE_CHECKING:
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import RegistrationView

_ONE: Final = f"{AREA}/registrations/{{registration_id}}"
_LARGEST_INT: Final = 2**31


def read_one(call: Call) -> Reply:
    found = seen(call)
    audit.access(actor=call.actor, what="registration", object_id=found.id)
    return Reply(content=shown(call, found))


def read_again(call: Call) -> Reply:
    """Read the registration of the address, instead of changing it a second time."""
    return Reply(content=shown(call, seen(call)))


def listed(call: Call) -> Reply:
    asked: resources.RegistrationsAsked = call.query
    if asked.text.strip():
        return Reply(content=_found(call, asked))
    rows = register.registrations(
        actor=call.actor,
        area_id=call.area.id,
        narrowed=RegistrationFilter(direction=asked.direction, year=asked.year),
        before=_number_of(asked.cursor),
        limit=asked.limit + 1,
    )
    shown = rows[: asked.limit]
    following = write_cursor([shown[-1].year, shown[-1].number]) if len(rows) > asked.limit else None
    return Reply(content=resources.Registrations(items=tuple(map(views.line, shown)), next=following))


def segnatura(call: Call) -> HttpResponse:
    asked: resources.SegnaturaAsked = call.query
    found = seen(call)
    xml = register.segnatura_xml(
        actor=call.actor, registration_id=found.id, received=asked.origin == "received"
    )
    return HttpResponse(xml, content_type="application/xml")


def messages(call: Call) -> Reply:
    found = seen(call)
    rows = exchanges.messages_of_registration(actor=call.actor, registration_id=found.id)
    return Reply(
        content=resources.Messages(
            items=tuple(
                resources.Message(
                    message_id=one.id,
                    direction=one.direction,
                    state=str(one.state),
                    counterpart_aoo=one.counterpart_aoo,
                    counterpart_name=one.counterpart_name,
                    created_at=one.created_at,
                    changed_at=one.changed_at,
                    anomaly=str(one.anomaly),
                    reason=one.reason,
                )
                for one in rows
            )
        )
    )


def seen(call: Call) -> RegistrationView:
    """Return the registration of the address, if the program may see it in this area.

    :raises NotVisible: when it may not, or there is none.
    """
    found = register.registration_views(actor=call.actor, registration_ids=[call.ids["registration_id"]])
    if not found or found[0].area_id != call.area.id:
        raise NotVisible
    return found[0]


def shown(call: Call, view: RegistrationView, *, actor: Actor | None = None) -> resources.Registration:
    """Describe a registration; of others that it refers to, only those that the program may see."""
    others = {one.related.id for one in view.links} | ({view.reply_to.id} if view.reply_to else set())
    found = (
        register.registration_views(actor=actor or call.actor, registration_ids=list(others))
        if others
        else []
    )
    return views.registration(view, known={one.id for one in found})


def _found(call: Call, asked: resources.RegistrationsAsked) -> resources.Registrations:
    permissions.require(call.actor, "protocol.search", area_id=call.area.id)
    restricted = permissions.allows(call.actor, "protocol.view_confidential", area_id=call.area.id)
    hits = index.find(
        area_ids=[call.area.id],
        text=asked.text,
        limit=asked.limit,
        before=_position_of(asked.cursor),
        include_restricted=restricted,
        year=asked.year,
    )
    ids = [hit.object_id for hit in hits if hit.kind == "registration"]
    if asked.direction:
        kept = register.those_of_direction(ids, asked.direction)
        ids = [one for one in ids if one in kept]
    seen = register.registration_views(actor=call.actor, registration_ids=ids)
    place = hits[-1].position if len(hits) == asked.limit else None
    # A page may hold fewer than asked (or none) and yet be followed by others.
    following = write_cursor([place.occurred_at.isoformat(), str(place.object_id)]) if place else None
    return resources.Registrations(items=tuple(map(views.line_of, seen)), next=following)


def _number_of(cursor: str) -> tuple[int, int] | None:
    if not cursor:
        return None
    place = read_cursor(cursor)
    if len(place) != 2 or not all(type(one) is int and 0 <= one < _LARGEST_INT for one in place):
        raise no_cursor()
    return place[0], place[1]


def _position_of(cursor: str) -> Position | None:
    if not cursor:
        return None
    place = read_cursor(cursor)
    try:
        moment, identifier = place
        found = Position(datetime.fromisoformat(moment), UUID(identifier))
    except (ValueError, TypeError, AttributeError):
        raise no_cursor() from None
    if found.occurred_at.tzinfo is None or not 1900 <= found.occurred_at.year <= 2200:
        raise no_cursor()
    return found


OPERATIONS: Final = (
    Operation(
        name="list_registrations",
        method="GET",
        path=f"{AREA}/registrations",
        summary="List or search registrations, the newest first",
        scope="protocol.read",
        run=listed,
        query=resources.RegistrationsAsked,
        answers=resources.Registrations,
    ),
    Operation(
        name="get_registration",
        method="GET",
        path=_ONE,
        summary="Read a registration",
        scope="protocol.read",
        run=read_one,
        answers=resources.Registration,
    ),
    Operation(
        name="get_segnatura",
        method="GET",
        path=f"{_ONE}/segnatura",
        summary="Fetch the segnatura of a registration, byte for byte",
        scope="protocol.read",
        run=segnatura,
        query=resources.SegnaturaAsked,
        kind="application/xml",
    ),
    Operation(
        name="list_messages",
        method="GET",
        path=f"{_ONE}/messages",
        summary="See how far the exchanges of a registration came",
        scope="exchange.read",
        run=messages,
        answers=resources.Messages,
    ),
)
