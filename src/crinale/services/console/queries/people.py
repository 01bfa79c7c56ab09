"""The people of a body in lists and one by one, with their roles and what ends when they leave."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from crinale.kernel import clock
from crinale.spine.identity import permissions
from crinale.spine.identity import queries as people
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.spine.identity import Actor
    from crinale.spine.identity.queries import AbsenceView, GrantView, PersonView, PostView, StaffRow

PAGE: Final = 50


@dataclass(frozen=True, kw_only=True)
class RoleLine:
    """A role in words: what, where, when; ``lasts`` until it is over, ``begun`` when it is in force."""

    grant: GrantView
    title: str
    body_name: str
    lasts: bool
    begun: bool


@dataclass(frozen=True, kw_only=True)
class StaffLine:
    """Somebody in the list, with his roles in words."""

    row: StaffRow
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PersonPage:
    """A person with all that the actor may see of him."""

    person: PersonView
    roles: list[RoleLine]
    posts: list[PostView]
    absences: list[AbsenceView]


def staff_page(
    *, actor: Actor, body_id: UUID, text: str, former: bool, after: str
) -> tuple[list[StaffLine], str]:
    """Return a page of the staff by name, and from where the next one goes on ("" on the last).

    :raises Forbidden: when the actor does not manage the people of that body.
    """
    rows = people.staff(
        actor=actor, body_id=body_id, text=text, former=former, after=_place(after), limit=PAGE + 1
    )
    bodies = {one.id: one.name for one in tenancy.bodies()}
    lines = [
        StaffLine(row=row, roles=tuple(_in_words(one, bodies, body_id) for one in row.grants))
        for row in rows[:PAGE]
    ]
    return lines, f"{rows[PAGE - 1].id}{rows[PAGE - 1].name}" if len(rows) > PAGE else ""


def person_page(*, actor: Actor, person_id: UUID) -> PersonPage:
    """Return a person with his roles in every body that the actor manages, his posts and absences.

    :raises NotVisible: when there is none whom the actor may see.
    """
    person = people.staff_member(actor=actor, person_id=person_id)
    bodies = people.bodies_managed(actor)
    now = clock.now()
    roles = [
        _line(one, body.name, now)
        for body in bodies
        for one in people.grants_of_person(actor=actor, person_id=person_id, body_id=body.id)
    ]
    posts = [
        post
        for body in bodies
        for post in people.posts(body_id=body.id)
        if post.holder is not None and post.holder.person_id == person_id
    ]
    return PersonPage(
        person=person,
        roles=sorted(roles, key=lambda one: (not one.lasts, one.body_name, one.grant.valid_from)),
        posts=posts,
        absences=people.absences(person_id=person_id),
    )


def due_roles(*, actor: Actor, body_id: UUID) -> list[RoleLine]:
    """Return the roles of a body that are to be looked at again.

    :raises Forbidden: when the actor does not manage the people of that body.
    """
    now = clock.now()
    return [_line(one, "", now) for one in people.due_for_review(actor=actor, body_id=body_id)]


def colleagues(*, actor: Actor, body_id: UUID) -> list[tuple[str, str]]:
    """Return who works for a body now, for a choice.

    :raises Forbidden: when the actor does not manage the people of that body.
    """
    held = people.grants_of_body(actor=actor, body_id=body_id)
    return list({str(one.person_id): one.person_name for one in held}.items())


def role_title(code: str) -> str:
    """Return the name of a role; its code where no package knows it any more."""
    known = {one.code: one for one in permissions.roles()}
    return str(known[code].title) if code in known else code


def _line(one: GrantView, body_name: str, now: datetime) -> RoleLine:
    return RoleLine(
        grant=one,
        title=role_title(one.role),
        body_name=body_name,
        lasts=one.valid_to is None or one.valid_to > max(now, one.valid_from),
        begun=one.valid_from <= now,
    )


def _in_words(one: GrantView, bodies: dict[UUID, str], body_id: UUID) -> str:
    where = one.office_name or one.area_code
    title = f"{role_title(one.role)} ({where})" if where else role_title(one.role)
    return title if one.body_id == body_id else f"{title}, {bodies.get(one.body_id, '')}"


def _place(text: str) -> tuple[str, UUID] | None:
    """Read the place in the list that :func:`staff_page` wrote: an identifier and a name after it."""
    length = len(str(UUID(int=0)))
    try:
        return text[length:], UUID(text[:length])
    except ValueError:
        return None


def grouped(lines: list[RoleLine]) -> dict[str, list[RoleLine]]:
    """Return roles by the name of their body."""
    found: dict[str, list[RoleLine]] = defaultdict(list)
    for line in lines:
        found[line.body_name].append(line)
    return dict(found)
