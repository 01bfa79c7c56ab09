"""Changes of the organigram: offices open, move, change their name and close, each on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.tenancy import rules
from crinale.spine.tenancy.actions.bodies import CodeTaken
from crinale.spine.tenancy.models import Area, Body, Office, OfficePlace

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID


class OfficeInUse(Conflict):
    """Other offices stand under this one on that day: move or close them first."""


def create_office(
    *,
    area_id: UUID,
    code: str,
    name: str,
    parent_id: UUID | None = None,
    opened_on: date | None = None,
    ipa_code: str = "",
    email: str = "",
    phone: str = "",
) -> Office:
    """Add an office to an area, under another office of the same body if ``parent_id`` is given.

    :param opened_on: its first day; without it, it was always there.
    :raises NotVisible: when the area, or the parent in the same body, is not on this node.
    :raises CodeTaken: when the body already has an office with this code.
    """
    area = Area.objects.filter(id=area_id).first()
    if area is None:
        raise NotVisible
    if not 1 <= len(code.strip()) <= 20:
        raise Invalid("code", "write a code of 1 to 20 characters")
    office = Office(
        body_id=area.body_id,
        area=area,
        code=code.strip(),
        name=rules.check_name(name),
        opened_on=opened_on,
        ipa_code=rules.check_office_ipa_code(ipa_code),
        email=rules.check_email(email),
        phone=rules.check_phone(phone),
    )
    with transaction.atomic():
        office.parent = _checked_parent(office, parent_id, opened_on)
        try:
            with transaction.atomic():
                office.save(force_insert=True)
        except IntegrityError as error:
            raise CodeTaken from error
        _place(office, valid_from=opened_on).save(force_insert=True)
    return office


def update_office(
    *, office_id: UUID, ipa_code: str | None = None, email: str | None = None, phone: str | None = None
) -> Office:
    """Change the codes and contacts of an office, which have no history.

    :raises CodeTaken: when another office has the Codice_uni_uo.
    """
    with transaction.atomic():
        office = _office(office_id)
        if ipa_code is not None:
            office.ipa_code = rules.check_office_ipa_code(ipa_code)
        if email is not None:
            office.email = rules.check_email(email)
        if phone is not None:
            office.phone = rules.check_phone(phone)
        try:
            with transaction.atomic():
                office.save(update_fields=["ipa_code", "email", "phone"])
        except IntegrityError as error:
            raise CodeTaken from error
    return office


def move_office(*, office_id: UUID, on: date, parent_id: UUID | None, name: str | None = None) -> Office:
    """Put an office under another one (or under none) and call it so, from a day on.

    What was decided for later days is undone: the last decision holds.

    :raises Invalid: when the office is closed by then, or would stand under itself.
    """
    with transaction.atomic():
        office = _office(office_id)
        if office.opened_on is not None and on < office.opened_on:
            raise Invalid("on", "the office opens later: choose its first day or a later one")
        if office.closed_on is not None and on >= office.closed_on:
            raise Invalid("on", "the office is closed on that day: choose an earlier one")
        above = _checked_parent(office, parent_id, on)
        places = OfficePlace.objects.filter(office=office)
        places.filter(valid_from__gte=on).delete()
        places.filter(Q(valid_to=None) | Q(valid_to__gt=on)).update(valid_to=on)
        office.parent = above
        office.name = office.name if name is None else rules.check_name(name)
        office.save(update_fields=["parent", "name"])
        _place(office, valid_from=on).save(force_insert=True)
    return office


def close_office(*, office_id: UUID, on: date) -> Office:
    """Close an office: ``on`` is the first day without it. What was assigned to it keeps its name.

    :raises OfficeInUse: when offices stand under it on that day.
    :raises Invalid: when it is closed, or opened that day or later.
    """
    with transaction.atomic():
        office = _office(office_id)
        if office.closed_on is not None:
            raise Invalid("office", "this office is closed already")
        if office.opened_on is not None and on <= office.opened_on:
            raise Invalid("on", "an office closes after the day on which it opens")
        under = OfficePlace.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=on),
            Q(office__closed_on=None) | Q(office__closed_on__gt=on),
            parent=office,
        )
        if under.exists():
            raise OfficeInUse
        office.closed_on = on
        office.save(update_fields=["closed_on"])
        places = OfficePlace.objects.filter(office=office)
        places.filter(valid_from__gte=on).delete()
        places.filter(Q(valid_to=None) | Q(valid_to__gt=on)).update(valid_to=on)
    return office


def _office(office_id: UUID) -> Office:
    """Lock the organigram of the office's body, so that two moves cannot make a circle together."""
    found = Office.objects.filter(id=office_id).first()
    if found is None:
        raise NotVisible
    Body.objects.select_for_update().get(id=found.body_id)
    return Office.objects.get(id=office_id)


def _place(office: Office, *, valid_from: date | None) -> OfficePlace:
    return OfficePlace(
        body_id=office.body_id,
        office=office,
        parent_id=office.parent_id,
        name=office.name,
        valid_from=valid_from,
        valid_to=office.closed_on,
    )


def _checked_parent(office: Office, parent_id: UUID | None, on: date | None) -> Office | None:
    """Return the parent: an open office of the body, and not below the office, from a day on."""
    if parent_id is None:
        return None
    day = on or clock.today()
    above = Office.objects.filter(id=parent_id, body_id=office.body_id).first()
    if above is None:
        raise NotVisible
    if above.closed_on is not None and above.closed_on <= day:
        raise Invalid("parent", "the office above is closed on that day: choose another")
    if above.opened_on is not None and above.opened_on > day:
        raise Invalid("parent", "the office above opens later: choose another, or a later day")
    # Also the places to come: a circle that begins next year is one.
    lasting = OfficePlace.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), body_id=office.body_id)
    parents: dict[UUID, set[UUID]] = {}
    for child, parent in lasting.exclude(parent=None).values_list("office_id", "parent_id"):
        parents.setdefault(child, set()).add(parent)
    if office.id in rules.all_above(parent_id, parents):
        raise Invalid("parent", "an office cannot stand under itself: choose another")
    return above
