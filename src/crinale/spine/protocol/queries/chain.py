"""The thread that a registration belongs to: what it answers and refers to, and what refers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions
from crinale.spine.protocol.models import Link, Registration, State
from crinale.spine.protocol.queries.listing import described
from crinale.spine.protocol.queries.visibility import is_hidden, seen_by_sql
from crinale.spine.protocol.views import ChainEdge, ChainView
from crinale.spine.tenancy import current_body
from crinale.spine.tenancy.models import Area
from crinale.spine.tenancy.statements import every

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from crinale.spine.identity import Actor

MOST = 200

# A query of rows without an order: PostgreSQL walks no further than it is asked for.
_WALK = """
with recursive walk(id) as (
    select %s::uuid
    union
    select met.id
    from walk
    cross join lateral (
        select here.reply_to_id from protocol_registration as here
        where here.id = walk.id and here.reply_to_id is not null
        union all select answer.id from protocol_registration as answer where answer.reply_to_id = walk.id
        union all select link.other_id from protocol_link as link
        where link.registration_id = walk.id and link.removed_at is null
        union all select link.registration_id from protocol_link as link
        where link.other_id = walk.id and link.removed_at is null
    ) as edge(id)
    join protocol_registration as met on met.id = edge.id
    where met.state <> 'being_sealed' and ({seen})
)
select id from walk limit %s
"""


def chain(*, actor: Actor, registration_id: UUID, limit: int = MOST) -> ChainView:
    """Return the whole thread of a registration, both ways, the nearest ones if it is longer than ``limit``.

    Links that were removed lead nowhere. What is confidential and not the actor's to see is not entered, nor
    what only it leads to; areas that he may not see are not entered either.

    :raises NotVisible: when the registration is not visible to the actor.
    """
    root = Registration.objects.exclude(state=State.BEING_SEALED).filter(id=registration_id).first()
    if root is None or not permissions.allows(actor, "protocol.view", area_id=root.area_id):
        raise NotVisible
    if is_hidden(actor, root):
        raise NotVisible
    most = max(1, min(limit, MOST))
    seen, values = _seen(actor)
    ids = [one for (one,) in every(_WALK.format(seen=seen), (registration_id, *values, most + 1))]
    kept = ids[:most]
    rows = list(
        Registration.objects.filter(id__in=kept)
        .select_related("current_classification", "current_office")
        .order_by("registered_at", "number")
    )
    return ChainView(tuple(described(rows)), _edges(rows, kept), whole=len(ids) <= most)


def _seen(actor: Actor) -> tuple[str, list[Any]]:
    """Return what may be entered as SQL and its parameters, area by area."""
    conditions, values = [], list[Any]()
    for area_id in Area.objects.filter(body_id=current_body()).values_list("id", flat=True):
        if permissions.allows(actor, "protocol.view", area_id=area_id):
            condition, needed = seen_by_sql(actor, area_id, registration="met")
            conditions.append(f"met.area_id = %s and {condition}")
            values += [area_id, *needed]
    return " or ".join(conditions), values


def _edges(rows: Sequence[Registration], ids: Sequence[UUID]) -> tuple[ChainEdge, ...]:
    known = set(ids)
    found = [ChainEdge(row.id, row.reply_to_id, "reply") for row in rows if row.reply_to_id in known]
    links = Link.objects.filter(registration_id__in=ids, other_id__in=ids, removed_at=None)
    found += [
        ChainEdge(one.registration_id, one.other_id, one.relation, one.id)  # type: ignore[arg-type]
        for one in links.order_by("added_at", "id")
    ]
    return tuple(found)
