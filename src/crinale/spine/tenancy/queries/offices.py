"""Questions about the organigram: which offices there are on a day, by which name and under which office."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.spine.tenancy import rules
from crinale.spine.tenancy.models import Office, OfficePlace
from crinale.spine.tenancy.statements import every

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class OfficeRef:
    """An office as it is, was or will be on a day."""

    id: UUID
    body_id: UUID
    area_id: UUID
    parent_id: UUID | None
    code: str
    name: str
    ipa_code: str = ""
    email: str = ""
    phone: str = ""
    opened_on: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class OfficeNode:
    """An office in the tree of its body; ``depth`` is 0 for those under no other."""

    office: OfficeRef
    depth: int
    children: tuple[OfficeNode, ...]


@dataclass(frozen=True, kw_only=True)
class PlaceView:
    """What an office was called and under which it stood, on the days from one until another (excluded)."""

    name: str
    parent_id: UUID | None
    parent_name: str
    valid_from: date | None
    valid_to: date | None


# In the order of OfficeRef. An office whose parent closed without it stands at the top of the tree.
_ON_A_DAY = """
select office.id, office.body_id, office.area_id, place.parent_id, office.code, place.name, office.ipa_code,
    office.email, office.phone, office.opened_on, office.closed_on
from tenancy_office as office join tenancy_office_place as place on place.office_id = office.id
where (place.valid_from is null or place.valid_from <= %s) and (place.valid_to is null or place.valid_to > %s)
    and (office.opened_on is null or office.opened_on <= %s)
    and (office.closed_on is null or office.closed_on > %s)"""
_FIELDS = tuple(field.name for field in fields(OfficeRef))


def offices(*, area_id: UUID, on: date | None = None) -> list[OfficeRef]:
    """Return the offices that an area has on a day, today if none is given, by name."""
    return _offices(f"{_ON_A_DAY} and office.area_id = %s", [area_id], on)


def office(office_id: UUID, *, on: date | None = None) -> OfficeRef | None:
    """Return an office as it is on a day, today if none is given; nothing when it is not there then."""
    return next(iter(_offices(f"{_ON_A_DAY} and office.id = %s", [office_id], on)), None)


def office_body(office_id: UUID) -> UUID | None:
    """Return the body of an office, open or closed; nothing when it is not on this node."""
    return Office.objects.filter(id=office_id).values_list("body_id", flat=True).first()


def organigram(body_id: UUID, at: date | None = None) -> tuple[OfficeNode, ...]:
    """Return the offices of a body on a day, today if none is given, as trees in one query."""
    found = _offices(f"{_ON_A_DAY} and office.body_id = %s", [body_id], at)
    here = {one.id for one in found}
    below: dict[UUID | None, list[OfficeRef]] = {}
    for one in found:
        below.setdefault(one.parent_id if one.parent_id in here else None, []).append(one)
    return _under(None, below, depth=0)


def office_names(office_ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of offices as they were last called, closed ones included, for lists."""
    return dict(Office.objects.filter(id__in=office_ids).values_list("id", "name"))


def office_history(office_id: UUID) -> list[PlaceView]:
    """Return the names and places that an office had, has and will have, the oldest first."""
    rows = OfficePlace.objects.filter(office_id=office_id).select_related("parent")
    return [
        PlaceView(
            name=row.name,
            parent_id=row.parent_id,
            parent_name=row.parent.name if row.parent else "",
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in sorted(rows, key=lambda one: rules.begins(one.valid_from))
    ]


def _offices(statement: str, values: Sequence[UUID], on: date | None) -> list[OfficeRef]:
    day = on or clock.today()
    rows = every(f"{statement} order by place.name, office.code", [day, day, day, day, *values])
    return [OfficeRef(**dict(zip(_FIELDS, row, strict=True))) for row in rows]


def _under(
    parent_id: UUID | None, below: dict[UUID | None, list[OfficeRef]], *, depth: int
) -> tuple[OfficeNode, ...]:
    return tuple(
        OfficeNode(office=one, depth=depth, children=_under(one.id, below, depth=depth + 1))
        for one in below.get(parent_id, ())
    )
