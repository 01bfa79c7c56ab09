"""People of a node, their passwords, and the roles that they hold in bodies and areas, with dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine import tenancy
from crinale.spine.identity import actions, permissions, queries, rules

if TYPE_CHECKING:
    from datetime import date, datetime

    from crinale.config.administration.operators import Operator
    from crinale.spine.identity.models import Grant, Person
    from crinale.spine.tenancy.queries import AreaRef, BodyRef, OfficeRef


def add_person(
    *, operator: Operator, username: str, name: str, password: str, email: str = "", tax_code: str = ""
) -> Person:
    """Give a person an account; roles come apart.

    :raises Invalid: naming what is not well formed, or the user name that is taken.
    """
    with transaction.atomic(), tenancy.no_scope():
        try:
            made = actions.create_person(
                actor=operator.actor,
                username=username,
                name=name,
                password=password,
                email=email,
                tax_code=tax_code,
            )
        except actions.UsernameTaken as error:
            raise Invalid("username", f"{username} is somebody's user name already") from error
    return made


def set_password(*, operator: Operator, person: Person, password: str) -> None:
    """Give a person another password."""
    with transaction.atomic(), tenancy.no_scope():
        actions.set_password(actor=operator.actor, person_id=person.id, password=password)


def deactivate(*, operator: Operator, person: Person) -> None:
    """Close an account: it signs in no more, and what it did keeps its name.

    :raises Invalid: when it is closed.
    """
    if not person.active:
        raise Invalid("username", f"the account of {person.username} is closed already")
    with transaction.atomic(), tenancy.no_scope():
        actions.deactivate_person(actor=operator.actor, person_id=person.id)


def grant(
    *,
    operator: Operator,
    person: Person,
    body: BodyRef,
    role: str,
    area: AreaRef | None = None,
    office: OfficeRef | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> None:
    """Give a person a role in a body, in an area or in all, in an office or in none; from a day, until a day.

    :raises Invalid: when the role is none, the area is another body's, or the person holds it in these days.
    """
    if role not in (codes := [known.code for known in permissions.roles()]):
        raise Invalid("role", f"there is no role {role}: choose one of {', '.join(codes)}")
    begin = clock.now() if valid_from is None else rules.start_of_day(valid_from)
    end = None if valid_to is None else rules.start_of_day(valid_to)
    area_id = area.id if area else None
    with transaction.atomic(), tenancy.scope(body.id):
        for one in queries.grants(person.id):
            same = (one.body_id, one.area_id, one.office_id, one.role) == (
                body.id,
                area_id,
                office.id if office else None,
                role,
            )
            if same and _lasts_after(one, begin) and (end is None or one.valid_from < end):
                raise Invalid("role", f"{person.username} holds {role} there already on some of these days")
        actions.grant_role(
            actor=operator.actor,
            person_id=person.id,
            body_id=body.id,
            area_id=area_id,
            office_id=office.id if office else None,
            role=role,
            valid_from=begin,
            valid_to=end,
        )


def revoke(
    *, operator: Operator, person: Person, body: BodyRef, role: str, area: AreaRef | None = None
) -> None:
    """End a role that a person holds, or was to hold, as it was granted; for whatever office.

    :raises Invalid: when there is no such grant.
    """
    with transaction.atomic():
        for one in _held(person, body, role, area):
            actions.revoke_grant(actor=operator.actor, grant_id=one.id)


def confirm(
    *, operator: Operator, person: Person, body: BodyRef, role: str, area: AreaRef | None = None
) -> None:
    """Note that a role was looked at and is still right.

    :raises Invalid: when there is no such grant.
    """
    with transaction.atomic():
        for one in _held(person, body, role, area):
            actions.confirm_grant(actor=operator.actor, grant_id=one.id)


def _held(person: Person, body: BodyRef, role: str, area: AreaRef | None) -> list[Grant]:
    held = [
        one
        for one in queries.grants(person.id)
        if (one.body_id, one.area_id, one.role) == (body.id, area.id if area else None, role)
        and _lasts_after(one, clock.now())
    ]
    if not held:
        where = area.code if area else f"the whole of {body.ipa_code}"
        raise Invalid("role", f"{person.username} does not hold {role} for {where}: see `person list`")
    return held


def _lasts_after(one: Grant, instant: datetime) -> bool:
    """Whether a grant is, or will be, in force after an instant; one revoked before it began never is."""
    return one.valid_to is None or one.valid_to > max(instant, one.valid_from)
