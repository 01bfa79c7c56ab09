"""The doors by which administrators change the organigram; each change is a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel.errors import NotVisible
from crinale.spine.identity import facts, permissions
from crinale.spine.identity.actions.posts import close_posts_of
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import queries

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity.actor import Actor
    from crinale.spine.tenancy.models import Body, Office


def open_office(
    *,
    actor: Actor,
    area_id: UUID,
    code: str,
    name: str,
    parent_id: UUID | None = None,
    opened_on: date | None = None,
    ipa_code: str = "",
    email: str = "",
    phone: str = "",
) -> Office:
    """Add an office to an area; see :func:`crinale.spine.tenancy.actions.create_office`.

    :raises Forbidden: when the actor does not manage the offices of that body.
    """
    area = queries.area(area_id)
    if area is None:
        raise NotVisible
    permissions.require(actor, "admin.areas", body_id=area.body_id)
    with transaction.atomic():
        made = tenancy.create_office(
            area_id=area_id,
            code=code,
            name=name,
            parent_id=parent_id,
            opened_on=opened_on,
            ipa_code=ipa_code,
            email=email,
            phone=phone,
        )
        fact = facts.OfficeCreated(subject_id=made.id, area=area.code, code=made.code, name=made.name)
        facts.tell(fact, actor=actor, body_id=made.body_id)
    return made


def update_office(
    *,
    actor: Actor,
    office_id: UUID,
    ipa_code: str | None = None,
    email: str | None = None,
    phone: str | None = None,
) -> Office:
    """Change the codes and contacts of an office.

    :raises Forbidden: when the actor does not manage the offices of that body.
    """
    _require(actor, office_id)
    with transaction.atomic():
        changed = tenancy.update_office(office_id=office_id, ipa_code=ipa_code, email=email, phone=phone)
        given = {"ipa_code": ipa_code, "email": email, "phone": phone}
        changes = {name: value for name, value in given.items() if value is not None}
        fact = facts.OfficeChanged(subject_id=office_id, code=changed.code, changes=changes)
        facts.tell(fact, actor=actor, body_id=changed.body_id)
    return changed


def move_office(
    *, actor: Actor, office_id: UUID, on: date, parent_id: UUID | None, name: str | None = None
) -> Office:
    """Put an office under another one, or give it another name, from a day on.

    :raises Forbidden: when the actor does not manage the offices of that body.
    """
    _require(actor, office_id)
    with transaction.atomic():
        moved = tenancy.move_office(office_id=office_id, on=on, parent_id=parent_id, name=name)
        fact = facts.OfficeMoved(
            subject_id=office_id, code=moved.code, name=moved.name, parent_id=parent_id, on=on
        )
        facts.tell(fact, actor=actor, body_id=moved.body_id)
    return moved


def close_office(*, actor: Actor, office_id: UUID, on: date) -> Office:
    """Close an office and its posts: ``on`` is the first day without it. What was assigned to it stays.

    :raises Forbidden: when the actor does not manage the offices of that body.
    """
    _require(actor, office_id)
    with transaction.atomic():
        closed = tenancy.close_office(office_id=office_id, on=on)
        close_posts_of(actor, office_id, on=on)
        fact = facts.OfficeClosed(subject_id=office_id, code=closed.code, on=on)
        facts.tell(fact, actor=actor, body_id=closed.body_id)
    return closed


def set_sign_in_policy(
    *, actor: Actor, body_id: UUID, second_factor_from: date | None, review_months: int | None = None
) -> Body:
    """Say from which day a body's staff need a second factor, and how often roles are looked at again.

    :raises Forbidden: when the actor does not manage the people of that body.
    """
    permissions.require(actor, "admin.people", body_id=body_id)
    with transaction.atomic():
        body = tenancy.set_sign_in_policy(
            body_id=body_id, second_factor_from=second_factor_from, review_months=review_months
        )
        fact = facts.SignInPolicySet(
            subject_id=body_id, second_factor_from=second_factor_from, review_months=body.review_months
        )
        facts.tell(fact, actor=actor, body_id=body_id)
    return body


def _require(actor: Actor, office_id: UUID) -> None:
    body_id = queries.office_body(office_id)
    if body_id is None:
        raise NotVisible
    permissions.require(actor, "admin.areas", body_id=body_id)
