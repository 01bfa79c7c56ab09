"""The organigram of a body on a day, and one of its offices with its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.identity import queries as people
from crinale.spine.identity.permissions import require
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.identity.queries import Incumbent, PostView
    from crinale.spine.tenancy.queries import OfficeNode, OfficeRef, PlaceView


@dataclass(frozen=True)
class Branch:
    """An office in the tree, with its posts and the offices below it."""

    office: OfficeRef
    posts: tuple[PostView, ...]
    below: tuple[Branch, ...]


@dataclass(frozen=True)
class Organigram:
    """What a body is made of on a day."""

    tree: tuple[Branch, ...]
    own_posts: tuple[PostView, ...]


@dataclass(frozen=True, kw_only=True)
class OfficePage:
    """An office as it is today, or was on its last day or will be on its first."""

    office: OfficeRef
    on: date
    closed: bool
    above: str
    history: list[PlaceView]
    posts: list[PostView]
    below: list[OfficeRef]


def organigram(*, actor: Actor, body_id: UUID, on: date) -> Organigram:
    """Return the offices and posts of a body on a day, in four questions.

    :raises Forbidden: when the actor does not manage the offices of that body.
    """
    require(actor, "admin.areas", body_id=body_id)
    posts: dict[UUID | None, list[PostView]] = {}
    for post in people.posts(body_id=body_id, at=on):
        posts.setdefault(post.office_id, []).append(post)
    tree = _branches(tenancy.organigram(body_id, on), posts)
    return Organigram(tree=tree, own_posts=tuple(posts.get(None, ())))


def office(*, actor: Actor, body_id: UUID, office_id: UUID) -> OfficePage:
    """Return an office of a body, also a closed one or one to come.

    :raises NotVisible: when it is none of that body's, or the actor does not manage its offices.
    """
    require(actor, "admin.areas", body_id=body_id)
    if tenancy.office_body(office_id) != body_id:
        raise NotVisible
    history = tenancy.office_history(office_id)
    today = clock.today()
    on = next(iter(_days(history, today)))
    found = tenancy.office(office_id, on=on)
    if found is None:
        raise NotVisible
    names = tenancy.office_names({found.parent_id} if found.parent_id else set())
    everyone = _flat(tenancy.organigram(body_id, on))
    return OfficePage(
        office=found,
        on=on,
        closed=found.closed_on is not None and found.closed_on <= today,
        above=next(iter(names.values()), ""),
        history=[one for one in history if one.valid_to is None or one.valid_from != one.valid_to],
        posts=[one for one in people.posts(body_id=body_id, at=on) if one.office_id == office_id],
        below=[one for one in everyone if one.parent_id == office_id],
    )


def offices(*, body_id: UUID, on: date | None = None) -> list[tuple[str, str]]:
    """Return identifier and indented name of the offices of a body on a day, for a choice."""
    nodes = tenancy.organigram(body_id, on)
    return [(str(one.office.id), "\u2014 " * one.depth + one.office.name) for one in _nodes(nodes)]


def post(*, actor: Actor, body_id: UUID, post_id: UUID) -> tuple[PostView, list[Incumbent]]:
    """Return a post of a body and everybody who held, holds or will hold it.

    :raises NotVisible: when it is none of that body's.
    """
    found = people.post(actor=actor, post_id=post_id)
    if found.body_id != body_id:
        raise NotVisible
    return found, people.post_history(post_id)


def _days(history: list[PlaceView], today: date) -> list[date]:
    """Return the days on which an office may be looked at, the best first: today, its last, its first."""
    for one in history:
        if (one.valid_from is None or one.valid_from <= today) and (
            one.valid_to is None or one.valid_to > today
        ):
            return [today]
    over = [one.valid_to - timedelta(days=1) for one in history if one.valid_to and one.valid_to <= today]
    coming = [one.valid_from for one in history if one.valid_from and one.valid_from > today]
    return sorted(over, reverse=True) or sorted(coming) or [today]


def _branches(nodes: tuple[OfficeNode, ...], posts: dict[UUID | None, list[PostView]]) -> tuple[Branch, ...]:
    return tuple(
        Branch(one.office, tuple(posts.get(one.office.id, ())), _branches(one.children, posts))
        for one in nodes
    )


def _nodes(nodes: tuple[OfficeNode, ...]) -> list[OfficeNode]:
    return [found for one in nodes for found in (one, *_nodes(one.children))]


def _flat(nodes: tuple[OfficeNode, ...]) -> list[OfficeRef]:
    return [one.office for one in _nodes(nodes)]
