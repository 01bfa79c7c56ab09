"""Questions about bodies, unions and areas."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from crinale.kernel import clock
from crinale.spine.tenancy.models import Area, Body
from crinale.spine.tenancy.statements import first_of_node

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet


@dataclass(frozen=True, kw_only=True)
class BodyRef:
    """A body of this node."""

    id: UUID
    ipa_code: str
    name: str
    kind: str
    istat_code: str
    patron_day: str
    union: bool
    second_factor_from: date | None = None
    review_months: int = 12


@dataclass(frozen=True, kw_only=True)
class AreaRef:
    """A registry area of this node, with what others need of its body."""

    id: UUID
    body_id: UUID
    code: str
    name: str
    body_ipa: str
    body_name: str
    registers_incoming: str
    default_classification: str
    endpoint: str
    second_factor_from: date | None = None


def bodies() -> list[BodyRef]:
    """Return every body of the node, by name."""
    return [_body_ref(row) for row in Body.objects.all()]


def body(body_id: UUID) -> BodyRef | None:
    """Return a body, or nothing when it is not on this node."""
    row = Body.objects.filter(id=body_id).first()
    return None if row is None else _body_ref(row)


def body_by_ipa_code(ipa_code: str) -> BodyRef | None:
    """Return the body that has an IPA code, whatever its case, or nothing."""
    row = Body.objects.filter(ipa_code__iexact=ipa_code.strip()).first()
    return None if row is None else _body_ref(row)


def members(union_id: UUID, *, on: date | None = None) -> list[BodyRef]:
    """Return the bodies that belong to a union on a day, today if none is given."""
    day = on or clock.today()
    belongs = Q(union_rows__valid_to=None) | Q(union_rows__valid_to__gt=day)
    rows = Body.objects.filter(belongs, union_rows__union_id=union_id, union_rows__valid_from__lte=day)
    return [_body_ref(row) for row in rows]


def areas(*, body_id: UUID | None = None) -> list[AreaRef]:
    """Return the areas of a body, or of the whole node, by name."""
    rows = _areas()
    return [_area_ref(row) for row in (rows if body_id is None else rows.filter(body_id=body_id))]


def area(area_id: UUID) -> AreaRef | None:
    """Return an area, or nothing when it is not on this node."""
    row = first_of_node(f"{_AREA} where area.id = %s", [area_id])
    return None if row is None else _read(row)


def area_by_code(code: str) -> AreaRef | None:
    """Return the area with a Codice_uni_aoo, or nothing when it is not on this node."""
    row = first_of_node(f"{_AREA} where area.code = %s", [code.strip().upper()])
    return None if row is None else _read(row)


# In the order of AreaRef; every message asks for an area, so not through the ORM.
_AREA = """
select area.id, area.body_id, area.code, area.name, body.ipa_code, body.name, area.registers_incoming,
    area.default_classification, area.endpoint, body.second_factor_from
from tenancy_area as area join tenancy_body as body on body.id = area.body_id"""
_AREA_FIELDS = tuple(field.name for field in fields(AreaRef))


def _read(row: Sequence[Any]) -> AreaRef:
    return AreaRef(**dict(zip(_AREA_FIELDS, row, strict=True)))


def _areas() -> QuerySet[Area]:
    return Area.objects.select_related("body")


def _body_ref(row: Body) -> BodyRef:
    return BodyRef(
        id=row.id,
        ipa_code=row.ipa_code,
        name=row.name,
        kind=row.kind,
        istat_code=row.istat_code,
        patron_day=row.patron_day,
        union=row.union,
        second_factor_from=row.second_factor_from,
        review_months=row.review_months,
    )


def _area_ref(row: Area) -> AreaRef:
    return AreaRef(
        id=row.id,
        body_id=row.body_id,
        code=row.code,
        name=row.name,
        body_ipa=row.body.ipa_code,
        body_name=row.body.name,
        registers_incoming=row.registers_incoming,
        default_classification=row.default_classification,
        endpoint=row.endpoint,
        second_factor_from=row.body.second_factor_from,
    )
