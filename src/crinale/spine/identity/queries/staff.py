"""The staff of a body as its administrators see it: who works here, with which roles, and how protected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions
from crinale.spine.identity.models import Absence, Authenticator, Credential, Grant, Passkey, Person
from crinale.spine.identity.queries.actors import in_force, present
from crinale.spine.identity.queries.people import absence_views, grant_views
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity.actor import Actor
    from crinale.spine.identity.queries.people import AbsenceView, GrantView
    from crinale.spine.tenancy.queries import BodyRef


@dataclass(frozen=True, kw_only=True)
class StaffRow:
    """Somebody as the list shows him; ``grants`` are those not over, in the bodies that the actor manages."""

    id: UUID
    name: str
    username: str
    active: bool
    left_on: date | None
    second_factor: bool
    grants: tuple[GrantView, ...]
    absence: AbsenceView | None


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """A person as an administrator sees him; ``managed``: the actor manages every body he works for."""

    id: UUID
    name: str
    username: str
    email: str
    tax_code: str
    active: bool
    left_on: date | None
    has_password: bool
    second_factor: bool
    managed: bool


@dataclass(frozen=True, kw_only=True)
class RoleProtection:
    """How many people hold a role in a body today, and how many of them have a second factor."""

    role: str
    people: int
    protected: int


def protection_by_role(*, actor: Actor, body_id: UUID) -> list[RoleProtection]:
    """Return for each role that may be held how well the accounts of its holders in a body are protected.

    :raises Forbidden: when the actor does not manage the people of that body.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    working = present(clock.today())
    held = Grant.objects.filter(
        in_force(clock.now()), body_id=body_id, person__in=Person.objects.filter(working)
    )
    holders: dict[str, set[UUID]] = {}
    for role, person_id in held.values_list("role", "person_id").distinct():
        holders.setdefault(role, set()).add(person_id)
    protected = _protected(sorted(set().union(*holders.values())))
    return [
        RoleProtection(
            role=one.code,
            people=len(found := holders.get(one.code, set())),
            protected=len(found & protected),
        )
        for one in permissions.roles()
    ]


def bodies_managed(actor: Actor) -> list[BodyRef]:
    """Return the bodies whose people the actor manages, by name."""
    return [body for body in tenancy.bodies() if permissions.allows(actor, "admin.people", body_id=body.id)]


def staff(
    *,
    actor: Actor,
    body_id: UUID,
    text: str = "",
    former: bool = False,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> list[StaffRow]:
    """Return who works for a body or is to, or who did, by name; with those who hold no role anywhere yet.

    :param after: name and identifier of the last row of the page before.
    :raises Forbidden: when the actor does not manage the people of that body.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    found = Person.objects.filter(_former(body_id) if former else _working(body_id))
    for word in text.split():
        found = found.filter(Q(name__icontains=word) | Q(username__icontains=word))
    if after is not None:
        found = found.filter(TupleGreaterThan(Tuple("name", "id"), after))
    rows = list(found.order_by("name", "id")[:limit])
    ids = [row.id for row in rows]
    bodies = [body.id for body in bodies_managed(actor)]
    lasting = Grant.objects.filter(_not_over(), person_id__in=ids, body_id__in=bodies)
    grants: dict[UUID, list[GrantView]] = {}
    for grant in grant_views(lasting):
        grants.setdefault(grant.person_id, []).append(grant)
    protected = _protected(ids)
    today = clock.today()
    away = Absence.objects.filter(person_id__in=ids, valid_from__lte=today, valid_to__gt=today)
    absent = {one.person_id: one for one in absence_views(away)}
    return [
        StaffRow(
            id=row.id,
            name=row.name,
            username=row.username,
            active=row.active,
            left_on=row.left_on,
            second_factor=row.id in protected,
            grants=tuple(grants.get(row.id, ())),
            absence=absent.get(row.id),
        )
        for row in rows
    ]


def everybody_of(*, actor: Actor, body_id: UUID) -> list[tuple[UUID, str]]:
    """Return identifier and name of all who ever held a role in a body, by name; for who looks at its logs.

    :raises Forbidden: without ``audit.view`` in that body.
    """
    permissions.require(actor, "audit.view", body_id=body_id)
    ever = Grant.objects.filter(person_id=OuterRef("id"), body_id=body_id)
    return list(Person.objects.filter(Exists(ever)).order_by("name", "id").values_list("id", "name"))


def staff_member(*, actor: Actor, person_id: UUID) -> PersonView:
    """Return a person who works or worked for a body that the actor manages, or has held no role yet.

    :raises NotVisible: when there is none.
    """
    bodies = {body.id for body in bodies_managed(actor)}
    row = Person.objects.filter(id=person_id).first()
    if not bodies or row is None:
        raise NotVisible
    held = list(Grant.objects.filter(person=row).values_list("body_id", "valid_to"))
    if held and not bodies & {body_id for body_id, _ in held}:
        raise NotVisible
    now = clock.now()
    lasting = {body_id for body_id, end in held if end is None or end > now}
    return PersonView(
        id=row.id,
        name=row.name,
        username=row.username,
        email=row.email,
        tax_code=row.tax_code,
        active=row.active,
        left_on=row.left_on,
        has_password=Credential.objects.filter(person=row).exists(),
        second_factor=bool(_protected([row.id])),
        managed=lasting <= bodies,
    )


def _not_over() -> Q:
    return Q(valid_to=None) | Q(valid_to__gt=clock.now())


def _working(body_id: UUID) -> Q:
    here = Grant.objects.filter(_not_over(), person_id=OuterRef("id"), body_id=body_id)
    anywhere = Grant.objects.filter(person_id=OuterRef("id"))
    return Q(Exists(here)) | (Q(active=True) & ~Q(Exists(anywhere)))


def _former(body_id: UUID) -> Q:
    ever = Grant.objects.filter(person_id=OuterRef("id"), body_id=body_id)
    return Q(Exists(ever)) & ~Q(Exists(ever.filter(_not_over())))


def _protected(ids: list[UUID]) -> set[UUID]:
    """Return those of some people who have a second factor."""
    with_codes = Authenticator.objects.filter(person_id__in=ids).values_list("person_id", flat=True)
    with_passkeys = Passkey.objects.filter(person_id__in=ids).values_list("person_id", flat=True)
    return set(with_codes.union(with_passkeys))
