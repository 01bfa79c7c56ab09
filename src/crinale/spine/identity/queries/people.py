"""Questions about the people of a node: their accounts, roles, absences, and which roles to look at again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Greatest

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions, rules
from crinale.spine.identity.models import Absence, Grant, Person
from crinale.spine.identity.queries.actors import in_force, present
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from crinale.spine.identity.actor import Actor


@dataclass(frozen=True, kw_only=True)
class GrantView:
    """A role of a person, with the names that a page shows. ``looked_at`` is when it was last confirmed."""

    id: UUID
    person_id: UUID
    person_name: str
    username: str
    body_id: UUID
    area_id: UUID | None
    area_code: str
    office_id: UUID | None
    office_name: str
    role: str
    valid_from: datetime
    valid_to: datetime | None
    looked_at: datetime
    confirmed_by: str


@dataclass(frozen=True, kw_only=True)
class AbsenceView:
    """Days on which a person is away (the last one excluded), and who stands in."""

    id: UUID
    person_id: UUID
    person_name: str
    substitute_id: UUID
    substitute_name: str
    valid_from: date
    valid_to: date
    reason: str


def person_by_username(username: str) -> Person | None:
    """Return the person with a user name, or nothing."""
    return Person.objects.filter(username=rules.normal_username(username)).first()


def people() -> list[Person]:
    """Return everybody who has, or had, an account on this node, by name."""
    return list(Person.objects.all())


def person_names(person_ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of people, for lists."""
    return dict(Person.objects.filter(id__in=person_ids).values_list("id", "name"))


def grants(person_id: UUID) -> list[Grant]:
    """Return the grants of a person, past and future ones included, the oldest first."""
    return list(Grant.objects.filter(person_id=person_id).order_by("valid_from", "id"))


def grants_of_body(*, actor: Actor, body_id: UUID, at: datetime | None = None) -> list[GrantView]:
    """Return the roles in force in a body at an instant, now if none is given, by person. One query.

    :raises Forbidden: when the actor does not manage the people of that body.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    return grant_views(Grant.objects.filter(in_force(at or clock.now()), body_id=body_id))


def grants_of_person(*, actor: Actor, person_id: UUID, body_id: UUID) -> list[GrantView]:
    """Return every role that a person held, holds or will hold in a body.

    :raises Forbidden: when the actor does not manage the people of that body.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    return grant_views(Grant.objects.filter(person_id=person_id, body_id=body_id))


def due_for_review(*, actor: Actor, body_id: UUID, at: datetime | None = None) -> list[GrantView]:
    """Return the roles in force that nobody gave or confirmed in the months that the body chose.

    :raises Forbidden: when the actor does not manage the people of that body.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    body = tenancy.body(body_id)
    if body is None:
        raise NotVisible
    instant = at or clock.now()
    rows = Grant.objects.filter(in_force(instant), body_id=body_id).alias(
        looked=Greatest("created_at", "confirmed_at")
    )
    return grant_views(rows.filter(looked__lte=rules.months_before(instant, body.review_months)))


def colleagues(*, actor: Actor, on: date | None = None) -> list[Person]:
    """Return who works in a body of the actor's on a day, by name: those who may stand in for him."""
    instant = clock.now() if on is None else rules.start_of_day(on)
    bodies = {grant.body_id for grant in actor.grants}
    working = Grant.objects.filter(in_force(instant), body_id__in=bodies).values("person_id")
    found = Person.objects.filter(present(on or clock.today()), id__in=working)
    return [person for person in found if person.id != actor.person_id]


def absences(*, person_id: UUID, since: date | None = None) -> list[AbsenceView]:
    """Return the absences of a person that are not over, or were not on a day, the first one first."""
    return absence_views(Absence.objects.filter(person_id=person_id, valid_to__gt=since or clock.today()))


def absences_of_body(*, actor: Actor, body_id: UUID, at: datetime | None = None) -> list[AbsenceView]:
    """Return the absences, not over at an instant, of those who work in a body then.

    :raises Forbidden: when the actor does not manage the people of that body.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    instant = at or clock.now()
    working = Grant.objects.filter(in_force(instant), body_id=body_id).values("person_id")
    lasting = Q(valid_to__gt=clock.legal_day(instant))
    return absence_views(Absence.objects.filter(lasting, person_id__in=working))


def grant_views(rows: QuerySet[Grant]) -> list[GrantView]:
    found = rows.select_related("person", "area", "office", "confirmed_by")
    return [
        GrantView(
            id=row.id,
            person_id=row.person_id,
            person_name=row.person.name,
            username=row.person.username,
            body_id=row.body_id,
            area_id=row.area_id,
            area_code=row.area.code if row.area else "",
            office_id=row.office_id,
            office_name=row.office.name if row.office else "",
            role=row.role,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            looked_at=max(row.created_at, row.confirmed_at or row.created_at),
            confirmed_by=row.confirmed_by.name if row.confirmed_by else "",
        )
        for row in found.order_by("person__name", "valid_from", "id")
    ]


def absence_views(rows: QuerySet[Absence]) -> list[AbsenceView]:
    return [
        AbsenceView(
            id=row.id,
            person_id=row.person_id,
            person_name=row.person.name,
            substitute_id=row.substitute_id,
            substitute_name=row.substitute.name,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            reason=row.reason,
        )
        for row in rows.select_related("person", "substitute").order_by("valid_from", "id")
        if row.valid_to > row.valid_from
    ]
