"""Questions about posts: which a body has on a day, who holds them, who held them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Prefetch, Q

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions
from crinale.spine.identity.models import Incumbency, Post

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity.actor import Actor


@dataclass(frozen=True, kw_only=True)
class Incumbent:
    """A person in a post, from a day until a day (excluded)."""

    id: UUID
    post_id: UUID
    person_id: UUID
    name: str
    act: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, kw_only=True)
class PostView:
    """A post of a body, for an office or for the whole of it, and who holds it."""

    id: UUID
    body_id: UUID
    office_id: UUID | None
    office_name: str
    kind: str
    title: str
    act: str
    opened_on: date | None
    closed_on: date | None
    holder: Incumbent | None


def posts(*, body_id: UUID, at: date | None = None) -> list[PostView]:
    """Return the posts that a body has on a day, today if none is given, with who holds them. Two queries."""
    day = at or clock.today()
    there = (Q(opened_on=None) | Q(opened_on__lte=day)) & (Q(closed_on=None) | Q(closed_on__gt=day))
    holders = Incumbency.objects.filter(holds_on(day)).select_related("person")
    rows = (
        Post.objects.filter(there, body_id=body_id)
        .select_related("office")
        .prefetch_related(Prefetch("incumbencies", holders))
    )
    return [_view(row) for row in rows.order_by(F("office__name").asc(nulls_first=True), "title", "id")]


def post(*, actor: Actor, post_id: UUID) -> PostView:
    """Return a post, open or closed, with who holds it today.

    :raises NotVisible: when there is none, or the actor does not manage the offices of its body.
    """
    holders = Incumbency.objects.filter(holds_on(clock.today())).select_related("person")
    rows = Post.objects.filter(id=post_id).select_related("office")
    row = rows.prefetch_related(Prefetch("incumbencies", holders)).first()
    if row is None:
        raise NotVisible
    permissions.require(actor, "admin.areas", body_id=row.body_id)
    return _view(row)


def post_history(post_id: UUID) -> list[Incumbent]:
    """Return everybody who held, holds or will hold a post, the first one first."""
    rows = Incumbency.objects.filter(post_id=post_id).select_related("person").order_by("valid_from")
    return [_incumbent(row) for row in rows if row.valid_to is None or row.valid_to > row.valid_from]


def incumbent(
    *, kind: str, body_id: UUID, office_id: UUID | None = None, at: date | None = None
) -> Incumbent | None:
    """Return who holds the post of a kind, of an office or of the body itself, on a day."""
    where = Q(post__office_id=office_id) if office_id else Q(post__office=None)
    row = (
        Incumbency.objects.filter(
            where, holds_on(at or clock.today()), post__kind=kind, post__body_id=body_id
        )
        .select_related("person")
        .order_by("valid_from")
        .first()
    )
    return None if row is None else _incumbent(row)


def holds_on(day: date) -> Q:
    """Return the condition on an incumbency to be in force on a day."""
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def _view(row: Post) -> PostView:
    holder = next(iter(row.incumbencies.all()), None)
    return PostView(
        id=row.id,
        body_id=row.body_id,
        office_id=row.office_id,
        office_name=row.office.name if row.office else "",
        kind=row.kind,
        title=row.title,
        act=row.act,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        holder=_incumbent(holder) if holder else None,
    )


def _incumbent(row: Incumbency) -> Incumbent:
    return Incumbent(
        id=row.id,
        post_id=row.post_id,
        person_id=row.person_id,
        name=row.person.name,
        act=row.act,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
