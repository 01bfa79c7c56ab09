"""Changes of the node's own register of bodies, unions and areas. Commands and set-up call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from crinale.kernel import clock
from crinale.kernel.codes import check_aoo_code, check_ipa_code
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.tenancy import rules
from crinale.spine.tenancy.models import Area, Body, BodyKind, IncomingMode, Membership

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID


class CodeTaken(Conflict):
    """The code already belongs to another one on this node."""


def create_body(
    *,
    ipa_code: str,
    name: str,
    kind: str = BodyKind.OTHER,
    istat_code: str = "",
    patron_day: str = "",
    union: bool | None = None,
    body_id: UUID | None = None,
) -> Body:
    """Add a body to the node; ``body_id`` keeps the identity of one that comes from another node.

    :raises Invalid: when a code or the patron's day is not well formed.
    :raises CodeTaken: when the IPA code is already here.
    """
    if kind not in BodyKind.values:
        raise Invalid("kind", f"choose one of {', '.join(BodyKind.values)}")
    body = Body(
        ipa_code=check_ipa_code(ipa_code),
        name=rules.check_name(name),
        kind=kind,
        istat_code=rules.check_istat_code(istat_code),
        patron_day=rules.check_patron_day(patron_day),
        union=kind == BodyKind.UNION if union is None else union,
        created_at=clock.now(),
    )
    if body_id is not None:
        body.id = body_id
    _insert(body)
    return body


def set_sign_in_policy(
    *, body_id: UUID, second_factor_from: date | None, review_months: int | None = None
) -> Body:
    """Say from which day the staff of a body need a second factor, and how often grants are looked at again.

    :raises NotVisible: when the body is not on this node.
    """
    if review_months is not None and not 1 <= review_months <= rules.LONGEST_REVIEW_MONTHS:
        raise Invalid("review_months", "choose 1 to 60 months")
    with transaction.atomic():
        body = Body.objects.select_for_update().filter(id=body_id).first()
        if body is None:
            raise NotVisible
        body.second_factor_from = second_factor_from
        if review_months is not None:
            body.review_months = review_months
        body.save(update_fields=["second_factor_from", "review_months"])
    return body


def create_area(
    *,
    body_id: UUID,
    code: str,
    name: str,
    registers_incoming: str = IncomingMode.AUTOMATIC,
    default_classification: str = "",
    endpoint: str = "",
) -> Area:
    """Add a registry area (AOO) to a body.

    :raises NotVisible: when the body is not on this node.
    :raises CodeTaken: when the area's code is already here.
    """
    if registers_incoming not in IncomingMode.values:
        raise Invalid("registers_incoming", f"choose one of {', '.join(IncomingMode.values)}")
    area = Area(
        body=_body(body_id),
        code=check_aoo_code(code),
        name=rules.check_name(name),
        registers_incoming=registers_incoming,
        default_classification=default_classification,
        endpoint=endpoint,
        created_at=clock.now(),
    )
    _insert(area)
    return area


def update_area(
    *,
    area_id: UUID,
    endpoint: str | None = None,
    registers_incoming: str | None = None,
    default_classification: str | None = None,
) -> Area:
    """Change what may change of an area: where it is reached, who registers what arrives and under what.

    :raises NotVisible: when the area is not on this node.
    """
    if registers_incoming is not None and registers_incoming not in IncomingMode.values:
        raise Invalid("registers_incoming", f"choose one of {', '.join(IncomingMode.values)}")
    wanted = {
        "endpoint": endpoint,
        "registers_incoming": registers_incoming,
        "default_classification": default_classification,
    }
    changes = {name: value for name, value in wanted.items() if value is not None}
    with transaction.atomic():
        area = Area.objects.select_for_update().filter(id=area_id).first()
        if area is None:
            raise NotVisible
        for name, value in changes.items():
            setattr(area, name, value)
        area.save(update_fields=sorted(changes))
    return area


def add_member(
    *, union_id: UUID, member_id: UUID, valid_from: date, valid_to: date | None = None
) -> Membership:
    """Enter a body in a union from a day, and until another if that is known.

    :raises NotAUnion: when the first body is not a union.
    :raises OverlappingMembership: when the body already belongs to the union on one of these days.
    """
    with transaction.atomic():
        union = Body.objects.select_for_update().filter(id=union_id).first()
        if union is None:
            raise NotVisible
        member = _body(member_id)
        if union.id == member.id:
            raise Invalid("member", "a union is not a member of itself")
        held = Membership.objects.filter(union=union, member=member).values_list("valid_from", "valid_to")
        rules.check_membership(
            is_union=union.union,
            wanted=rules.Days(first=valid_from, until=valid_to),
            held=[rules.Days(first=first, until=until) for first, until in held],
        )
        membership = Membership(union=union, member=member, valid_from=valid_from, valid_to=valid_to)
        membership.save(force_insert=True)
    return membership


def close_membership(*, union_id: UUID, member_id: UUID, valid_to: date) -> Membership:
    """End the open membership of a body that leaves a union; ``valid_to`` is its first day outside.

    :raises NotVisible: when the body has no open membership.
    """
    with transaction.atomic():
        membership = (
            Membership.objects.select_for_update()
            .filter(union_id=union_id, member_id=member_id, valid_to=None)
            .first()
        )
        if membership is None:
            raise NotVisible
        if valid_to <= membership.valid_from:
            raise Invalid("valid_to", "a membership ends after the day on which it begins")
        membership.valid_to = valid_to
        membership.save(update_fields=["valid_to"])
    return membership


def _body(body_id: UUID) -> Body:
    body = Body.objects.filter(id=body_id).first()
    if body is None:
        raise NotVisible
    return body


def _insert(row: Body | Area) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise CodeTaken from error
