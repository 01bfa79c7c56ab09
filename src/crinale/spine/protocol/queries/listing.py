"""Lists of registrations, page by page, in three questions however long the page is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Min, OuterRef, Q, Subquery

from crinale.spine.identity import permissions
from crinale.spine.protocol.models import Enclosure, Party, Register, Registration, State
from crinale.spine.protocol.models.registers import RegisterKind
from crinale.spine.protocol.queries.visibility import seen_by
from crinale.spine.protocol.views import RegistrationRow
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import DirectionName

MOST = 200
NAMED = 10  # of each role; a mailing has two thousand recipients, and a list shows some


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationFilter:
    """What a list is narrowed to; nothing set means everything that the actor may see.

    ``register_code`` is that of an archive taken over from older software; the ordinary register without it.
    """

    direction: DirectionName | None = None
    since: date | None = None
    until: date | None = None
    year: int | None = None
    office_id: UUID | None = None
    person_id: UUID | None = None
    unassigned: bool = False
    classification_code: str = ""
    dossier_id: UUID | None = None
    annulled: bool | None = None
    register_code: str = ""


@dataclass(frozen=True, slots=True)
class RegistrationCount:
    """How many registrations a list holds, and since when the first of them (None when it is empty)."""

    count: int
    oldest: datetime | None


def registrations(
    *,
    actor: Actor,
    area_id: UUID,
    narrowed: RegistrationFilter | None = None,
    before: tuple[int, int] | None = None,
    limit: int = 50,
    oldest_first: bool = False,
) -> list[RegistrationRow]:
    """Return the registrations of an area's ordinary register, the newest first.

    ``before`` is (year, number) of the last row of the page before, whatever the order. Confidential
    registrations that the actor may not see are not among them.

    :raises NotVisible: when the actor may not see the area's registrations.
    """
    found = of_area(actor, area_id, narrowed or RegistrationFilter())
    found = found.select_related("current_classification", "current_office")
    some = _oldest if oldest_first else _newest
    return described(some(found, before, max(1, min(limit, MOST))))


def _newest(found: QuerySet[Registration], before: tuple[int, int] | None, limit: int) -> list[Registration]:
    """Return the next rows of a list.

    Those of one year and those of the years before it are asked apart: of the two compared together the
    planner thinks that there are next to none, and reads and sorts all of them.
    """
    ordered = found.order_by("-year", "-number")
    if before is None:
        return list(ordered[:limit])
    year, number = before
    rows = list(ordered.filter(year=year, number__lt=number)[:limit])
    if len(rows) < limit:
        rows += ordered.filter(year__lt=year)[: limit - len(rows)]
    return rows


def _oldest(found: QuerySet[Registration], before: tuple[int, int] | None, limit: int) -> list[Registration]:
    ordered = found.order_by("year", "number")
    if before is None:
        return list(ordered[:limit])
    year, number = before
    rows = list(ordered.filter(year=year, number__gt=number)[:limit])
    if len(rows) < limit:
        rows += ordered.filter(year__gt=year)[: limit - len(rows)]
    return rows


def described(rows: Sequence[Registration]) -> list[RegistrationRow]:
    """Describe rows that the actor may see, whose classification and office are read already."""
    ids = [row.id for row in rows]
    parties, documents = _correspondents(ids), _documents(ids)
    return [_row(row, parties[row.id], documents.get(row.id, 0)) for row in rows]


def registration_count(
    *, actor: Actor, area_id: UUID, narrowed: RegistrationFilter, at_most: int | None = None
) -> RegistrationCount:
    """Count what :func:`registrations` would list.

    :param at_most: count no further, so that what has grown very long costs no more than what is long.
    :raises NotVisible: when the actor may not see the area's registrations.
    """
    found = of_area(actor, area_id, narrowed)
    if at_most is None:
        counted = found.aggregate(n=Count("id"), oldest=Min("registered_at"))
        return RegistrationCount(counted["n"], counted["oldest"])
    oldest = found.order_by("year", "number").values_list("registered_at", flat=True).first()
    return RegistrationCount(found.order_by("-year", "-number")[:at_most].count(), oldest)


def those_of_direction(registration_ids: Sequence[UUID], direction: str) -> set[UUID]:
    """Return which of these registrations go in a direction; it tells nothing else about them."""
    found = Registration.objects.filter(id__in=registration_ids, direction=direction)
    return set(found.values_list("id", flat=True))


def of_area(actor: Actor, area_id: UUID, narrowed: RegistrationFilter) -> QuerySet[Registration]:
    """Return the registrations that a list narrows to; for the other questions of this package."""
    permissions.require(actor, "protocol.view", area_id=area_id)
    # One known register: the index on its numbers then gives every page in order, however long it is.
    registers = Register.objects.filter(area_id=area_id, kind=RegisterKind.ORDINARY)
    if narrowed.register_code:
        registers = Register.objects.filter(area_id=area_id, code=narrowed.register_code)
    found = Registration.objects.filter(register_id=Subquery(registers.values("id")[:1]))
    found = found.exclude(state=State.BEING_SEALED)
    found = found.filter(seen_by(actor, area_id))
    if narrowed.dossier_id is not None:
        if not records.visible_among(actor, area_id, [narrowed.dossier_id]):
            return found.none()
        found = found.filter(dossier_items__dossier_id=narrowed.dossier_id, dossier_items__removed_at=None)
    return _narrow(found, narrowed)


def _narrow(found: QuerySet[Registration], narrowed: RegistrationFilter) -> QuerySet[Registration]:
    wanted = {
        "direction": narrowed.direction,
        "legal_date__gte": narrowed.since,
        "legal_date__lte": narrowed.until,
        "year": narrowed.year,
        "current_office_id": narrowed.office_id,
        "current_person": narrowed.person_id,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    if narrowed.classification_code:
        code = narrowed.classification_code
        found = found.filter(
            Q(current_classification__code=code)
            | Q(current_classification__code__startswith=f"{code}.")
            | Q(current_classification_id__in=records.heading_line(code))
        )
    if narrowed.unassigned:
        found = found.filter(current_office=None)
    if narrowed.annulled is not None:
        found = found.filter(annulled_at__isnull=not narrowed.annulled)
    return found


def _correspondents(ids: Sequence[UUID]) -> defaultdict[UUID, list[tuple[str, str, int]]]:
    """Return role, name and how many there are of that role, of the first correspondents of each."""
    names: defaultdict[UUID, list[tuple[str, str, int]]] = defaultdict(list)
    same = Party.objects.filter(registration_id=OuterRef("registration_id"), role=OuterRef("role"))
    found = Party.objects.filter(registration_id__in=ids, position__lt=NAMED).order_by("role", "position")
    found = found.annotate(last=Subquery(same.order_by("-position").values("position")[:1]))
    for registration_id, role, name, last in found.values_list("registration_id", "role", "name", "last"):
        names[registration_id].append((role, name, last + 1))
    return names


def _documents(ids: Sequence[UUID]) -> dict[UUID, int]:
    found = Enclosure.objects.filter(registration_id__in=ids).order_by().values_list("registration_id")
    return dict(found.annotate(documents=Count("id")))


def _row(row: Registration, parties: list[tuple[str, str, int]], documents: int) -> RegistrationRow:
    other = {"incoming": {"sender"}, "outgoing": {"recipient"}}.get(row.direction, {"sender", "recipient"})
    named = tuple(name for role, name, _ in parties if role in other)
    there = sum({role: count for role, _, count in parties if role in other}.values())
    return RegistrationRow(
        id=row.id,
        area_id=row.area_id,
        year=row.year,
        number=row.number,
        registered_at=row.registered_at,
        direction=row.direction,  # type: ignore[arg-type]
        subject=row.subject,
        confidential=row.confidential,
        classification_code=row.current_classification.code,
        correspondents=named,
        office_name=row.current_office.name if row.current_office else "",
        annulled=row.annulled_at is not None,
        documents=documents,
        more_correspondents=there - len(named),
        channel=row.channel,
    )
