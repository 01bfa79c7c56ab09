"""What dossiers hold: how many registrations, their documents for the index, and what went elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from crinale.kernel.numbers import format_number
from crinale.spine.protocol.models import DossierItem, Enclosure, State
from crinale.spine.protocol.queries.visibility import seen_by
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from crinale.spine.identity import Actor
    from crinale.spine.records.queries import DossierRef


@dataclass(frozen=True, slots=True)
class IndexLine:
    """A document of a registration in a dossier; ``at`` is when the registration was put there."""

    registration_id: UUID
    number: str
    document_id: UUID
    sha256: str
    file_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MovedAway:
    """A registration that was in a dossier; ``moved_to`` is empty when the actor may not see where it is."""

    registration_id: UUID
    number: str
    at: datetime
    by_name: str
    moved_to: str


def filed_counts(*, actor: Actor, area_id: UUID, dossier_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count, by dossier, the registrations that an actor may see there; one question besides the check."""
    seen = records.visible_among(actor, area_id, dossier_ids)
    rows = _items(actor, area_id).filter(dossier_id__in=seen, removed_at=None).order_by()
    return dict(rows.values_list("dossier_id").annotate(n=Count("id")))


def index_lines(*, actor: Actor, dossier: DossierRef) -> list[IndexLine]:
    """Return the documents of what a dossier holds that the actor may see, in the order of their filing."""
    if not records.visible_among(actor, dossier.area_id, [dossier.id]):
        return []
    items = _items(actor, dossier.area_id).filter(dossier_id=dossier.id, removed_at=None)
    filed = dict(items.values_list("registration_id", "added_at"))
    rows = Enclosure.objects.filter(registration_id__in=filed).select_related("registration", "document")
    lines = [
        IndexLine(
            registration_id=row.registration_id,
            number=f"{format_number(row.registration.number)}/{row.registration.year}",
            document_id=row.document_id,
            sha256=row.document.sha256,
            file_name=row.document.file_name,
            at=filed[row.registration_id],
        )
        for row in rows.order_by("registration__year", "registration__number", "position")
    ]
    return sorted(lines, key=lambda line: line.at)


def moved_away(*, actor: Actor, dossier: DossierRef, limit: int = 50) -> list[MovedAway]:
    """Return the registrations that were moved out of a dossier, the last one first."""
    if not records.visible_among(actor, dossier.area_id, [dossier.id]):
        return []
    items = _items(actor, dossier.area_id).filter(dossier_id=dossier.id, removed_at__isnull=False)
    rows = list(items.select_related("registration", "moved_to").order_by("-removed_at", "-id")[:limit])
    seen = records.visible_among(actor, dossier.area_id, {row.moved_to.id for row in rows if row.moved_to})
    return [
        MovedAway(
            registration_id=row.registration_id,
            number=f"{format_number(row.registration.number)}/{row.registration.year}",
            at=row.removed_at,
            by_name=row.removed_by_name,
            moved_to=row.moved_to.code if row.moved_to and row.moved_to.id in seen else "",
        )
        for row in rows
        if row.removed_at is not None
    ]


def _items(actor: Actor, area_id: UUID) -> QuerySet[DossierItem]:
    seen = seen_by(actor, area_id, of="registration__")
    return DossierItem.objects.filter(seen, registration__area_id=area_id).exclude(
        registration__state=State.BEING_SEALED
    )
