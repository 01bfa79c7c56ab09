"""Roles are given, confirmed and ended; none is ever removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.identity import facts, permissions, queries, rules
from crinale.spine.identity.models import Grant, Person
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from crinale.spine.identity.actor import Actor
    from crinale.spine.tenancy.queries import OfficeRef


def grant_role(
    *,
    actor: Actor,
    person_id: UUID,
    body_id: UUID,
    role: str,
    area_id: UUID | None = None,
    office_id: UUID | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Grant:
    """Give a person a role in a body, from now unless said otherwise; with an office, he works there.

    :raises Forbidden: when the actor does not manage the people of that body.
    :raises Invalid: when the role is none, or the area or office is not one of the body.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    if role not in {known.code for known in permissions.roles()}:
        raise Invalid("role", "choose one of the roles of this node")
    if area_id is not None and not queries.area_belongs(area_id=area_id, body_id=body_id):
        raise Invalid("area", "choose an area of this body")
    office = _office(office_id, body_id=body_id, area_id=area_id) if office_id else None
    person = Person.objects.filter(id=person_id).first()
    if person is None:
        raise NotVisible
    now = clock.now()
    start = valid_from or now
    if valid_to is not None and valid_to <= start:
        raise Invalid("valid_to", "a grant ends after it begins")
    grant = Grant(
        person_id=person_id,
        body_id=body_id,
        area_id=area_id,
        office_id=office_id,
        role=role,
        valid_from=start,
        valid_to=valid_to,
        granted_by_id=actor.person_id,
        created_at=now,
    )
    with transaction.atomic():
        grant.save(force_insert=True)
        fact = facts.RoleGranted(
            subject_id=grant.id,
            username=person.username,
            role=role,
            area=_area_code(area_id),
            office=office.code if office else "",
            valid_from=start,
            valid_to=valid_to,
        )
        facts.tell(fact, actor=actor, body_id=body_id)
    return grant


def revoke_grant(*, actor: Actor, grant_id: UUID, on: date | None = None) -> Grant:
    """End a grant now, or on the day that is given, which is the first without it; it stays as history.

    :raises Forbidden: when the actor does not manage the people of that body.
    :raises Invalid: when the day is past.
    """
    with transaction.atomic():
        grant = _grant(actor, grant_id)
        now = clock.now()
        end = now if on is None or on == clock.today() else rules.start_of_day(on)
        if end < now:
            raise Invalid("on", "this day is past: choose today or a day to come")
        if grant.valid_to is None or grant.valid_to > end:
            grant.valid_to = max(end, grant.valid_from)
            grant.save(update_fields=["valid_to"])
            fact = facts.RoleRevoked(
                subject_id=grant.id,
                username=grant.person.username,
                role=grant.role,
                area=_area_code(grant.area_id),
                office=grant.office.code if grant.office else "",
            )
            facts.tell(fact, actor=actor, body_id=grant.body_id)
    return grant


end_grant = revoke_grant


def confirm_grant(*, actor: Actor, grant_id: UUID) -> Grant:
    """Note that a grant was looked at and is still right; it comes up for review again after as long.

    :raises Forbidden: when the actor does not manage the people of that body.
    :raises Invalid: when it is over, or the actor's own: somebody else has to look at that.
    """
    with transaction.atomic():
        grant = _grant(actor, grant_id)
        now = clock.now()
        if grant.valid_to is not None and grant.valid_to <= now:
            raise Invalid("grant", "this role is over: grant it anew where it is needed")
        if grant.person_id == actor.person_id:
            raise Invalid("grant", "somebody else has to confirm your own roles")
        grant.confirmed_at = now
        grant.confirmed_by = Person.objects.get(id=actor.person_id) if actor.person_id else None
        grant.save(update_fields=["confirmed_at", "confirmed_by"])
        fact = facts.RoleConfirmed(subject_id=grant.id, username=grant.person.username, role=grant.role)
        facts.tell(fact, actor=actor, body_id=grant.body_id)
    return grant


def _grant(actor: Actor, grant_id: UUID) -> Grant:
    grant = Grant.objects.select_for_update().filter(id=grant_id).first()
    if grant is None:
        raise NotVisible
    permissions.require(actor, "admin.people", body_id=grant.body_id)
    return grant


def _office(office_id: UUID, *, body_id: UUID, area_id: UUID | None) -> OfficeRef:
    office = tenancy.office(office_id)
    if office is None or office.body_id != body_id or (area_id is not None and office.area_id != area_id):
        raise Invalid("office", "choose an office of this body, and of the area if one is named")
    return office


def _area_code(area_id: UUID | None) -> str:
    area = tenancy.area(area_id) if area_id else None
    return area.code if area else ""
