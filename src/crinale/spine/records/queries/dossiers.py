"""Dossiers, their parts, what happened to them, what they hold besides registrations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from crinale.spine.records.models import (
    Dossier,
    DossierDocument,
    DossierForm,
    DossierReader,
    DossierStep,
)
from crinale.spine.records.queries.documents import DocumentRef, document_ref
from crinale.spine.records.queries.plans import heading_line
from crinale.spine.records.queries.visibility import row_to_see, visible, visible_among
from crinale.spine.records.rules.dossiers import DossierData, read_code

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from crinale.spine.identity import Actor


@dataclass(frozen=True, slots=True)
class DossierRef:
    """A dossier or a part of one; ``line`` are those above it, from the top."""

    id: UUID
    area_id: UUID
    code: str
    title: str
    classification_code: str
    opened_at: datetime
    closed_at: datetime | None
    kind: str = "matter"
    form: str = "dossier"
    parent_id: UUID | None = None
    line: tuple[UUID, ...] = ()
    visibility: str = "open"
    office_id: UUID | None = None
    office_name: str = ""
    office_code: str = ""
    responsible: UUID | None = None
    heading_id: UUID | None = None
    data: DossierData = field(default_factory=DossierData, compare=False)


@dataclass(frozen=True, slots=True)
class DossierNode:
    """A dossier in the tree of the one at the top; ``depth`` is 0 there, ``documents`` are unregistered."""

    dossier: DossierRef
    depth: int
    documents: int


@dataclass(frozen=True, slots=True)
class DossierStepRef:
    """What happened to a dossier; ``before`` and ``after`` are both values of what was changed."""

    kind: str
    reason: str
    before: dict[str, Any]
    at: datetime
    by_name: str
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlacedDocument:
    """An unregistered document in a dossier, and where it went if it was taken away."""

    document: DocumentRef
    added_at: datetime
    added_by_name: str
    removed_at: datetime | None = None
    removed_by_name: str = ""
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class FiledHeading:
    """The heading under which a dossier was opened, and the edition that it is of."""

    code: str
    title: str
    plan_name: str


def dossier_ref(dossier: Dossier, classification_code: str) -> DossierRef:
    """Describe a dossier."""
    return DossierRef(
        id=dossier.id,
        area_id=dossier.area_id,
        code=dossier.code,
        title=dossier.title,
        classification_code=classification_code,
        opened_at=dossier.opened_at,
        closed_at=dossier.closed_at,
        kind=dossier.kind,
        form=dossier.form,
        parent_id=dossier.parent_id,
        line=tuple(dossier.line),
        visibility=dossier.visibility,
        office_id=dossier.office_id,
        office_name=dossier.office.name if dossier.office else "",
        office_code=dossier.office.code if dossier.office else "",
        responsible=dossier.responsible,
        heading_id=dossier.classification_id,
        data=DossierData.from_json(dossier.metadata),
    )


def dossier(*, actor: Actor, dossier_id: UUID) -> DossierRef:
    """Return a dossier of the open scope.

    :raises NotVisible: when there is none that the actor may see.
    """
    found = row_to_see(actor, dossier_id)
    return dossier_ref(found, found.classification.code)


def dossiers(
    *,
    actor: Actor,
    area_id: UUID,
    text: str = "",
    code: str = "",
    closed: bool | None = None,
    heading: str = "",
    heading_id: UUID | None = None,
    kind: str = "",
    top: bool = False,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[DossierRef]:
    """Return the dossiers of an area that the actor may see, the newest first.

    ``text`` narrows by code or title; ``heading`` to a heading of today, those below it and those that they
    continue, ``heading_id`` to a single one of any edition; ``top`` leaves out the parts. ``code`` is that of
    the only one wanted. ``before`` is (instant when it was opened, id) of the last one of the page before.
    """
    found = visible(actor, area_id).select_related("classification", "office").order_by("-opened_at", "-id")
    if text.strip():
        found = found.filter(Q(code__icontains=text.strip()) | Q(title__icontains=text.strip()))
    if code:
        found = found.filter(code=code)
    if closed is not None:
        found = found.filter(closed_at__isnull=not closed)
    if heading:
        found = found.filter(classification_id__in=heading_line(heading))
    if heading_id is not None:
        found = found.filter(classification_id=heading_id)
    if kind:
        found = found.filter(kind=kind)
    if top:
        found = found.filter(form=DossierForm.DOSSIER)
    return [dossier_ref(one, one.classification.code) for one in _from_place(found, before, limit)]


def dossier_counts(*, actor: Actor, area_id: UUID) -> dict[UUID, int]:
    """Count, by heading, the dossiers of an area that the actor may see, parts left out."""
    found = visible(actor, area_id).filter(form=DossierForm.DOSSIER).order_by()
    return dict(found.values_list("classification_id").annotate(n=Count("id")))


def dossier_tree(*, actor: Actor, dossier_id: UUID) -> list[DossierNode]:
    """Return the whole tree in which a dossier stands, top first, in four statements however large it is.

    :raises NotVisible: when the actor may not see the dossier.
    """
    one = row_to_see(actor, dossier_id)
    top = one.line[0] if one.line else one.id
    rows = list(
        visible(actor, one.area_id)
        .filter(Q(id=top) | Q(line__contains=[top]))
        .select_related("classification", "office")
    )
    placed = DossierDocument.objects.filter(dossier__in=rows, removed_at=None).order_by()
    documents = dict(placed.values_list("dossier_id").annotate(n=Count("id")))
    rows.sort(key=lambda row: _place(row.code))
    return [
        DossierNode(dossier_ref(row, row.classification.code), len(row.line), documents.get(row.id, 0))
        for row in rows
    ]


def dossier_line(*, actor: Actor, dossier_id: UUID) -> list[DossierRef]:
    """Return the dossiers above one, from the top; who may see it may see them."""
    one = row_to_see(actor, dossier_id)
    rows = Dossier.objects.filter(id__in=one.line).select_related("classification", "office")
    found = {row.id: dossier_ref(row, row.classification.code) for row in rows}
    return [found[identifier] for identifier in one.line]


def dossier_heading(*, actor: Actor, dossier_id: UUID) -> FiledHeading:
    """Return the heading of a dossier as it was when it was opened."""
    entry = row_to_see(actor, dossier_id).classification
    return FiledHeading(entry.code, entry.title, entry.plan.name)


def dossier_steps(*, actor: Actor, dossier_id: UUID) -> list[DossierStepRef]:
    """Return what happened to a dossier, the first thing first."""
    one = row_to_see(actor, dossier_id)
    # A step keeps what was before it: what was after it is what the next change of it found, or what is now.
    known = {**DossierData.from_json(one.metadata).to_json(), "office": one.office.name if one.office else ""}
    found = []
    for row in DossierStep.objects.filter(dossier=one).order_by("-sequence"):
        after = {name: known.get(name) for name in row.before} if row.kind == "changed" else {}
        if row.kind == "changed":
            known.update(row.before)
        found.append(DossierStepRef(row.kind, row.reason, row.before, row.at, row.by_name, after))
    return found[::-1]


def dossier_readers(*, actor: Actor, dossier_id: UUID) -> list[tuple[UUID, str]]:
    """Return the people who are named to see a dossier: id and name."""
    one = row_to_see(actor, dossier_id)
    rows = DossierReader.objects.filter(dossier=one, removed_at=None).order_by("person_name")
    return list(rows.values_list("person", "person_name"))


def placed_documents(*, actor: Actor, dossier_id: UUID, history: bool = False) -> list[PlacedDocument]:
    """Return the unregistered documents of a dossier in the order of their placing.

    ``history`` returns those that were taken away instead.
    """
    one = row_to_see(actor, dossier_id)
    found = list(
        DossierDocument.objects.filter(dossier=one, removed_at__isnull=not history)
        .select_related("document", "moved_to")
        .order_by("added_at", "id")
    )
    seen = visible_among(actor, one.area_id, {row.moved_to.id for row in found if row.moved_to})
    return [
        PlacedDocument(
            document_ref(row.document),
            row.added_at,
            row.added_by_name,
            row.removed_at,
            row.removed_by_name,
            row.moved_to.code if row.moved_to and row.moved_to.id in seen else "",
        )
        for row in found
    ]


def _from_place(
    found: QuerySet[Dossier], before: tuple[datetime, UUID] | None, limit: int
) -> Iterable[Dossier]:
    """Return the next rows of a list that is ordered by instant of opening and id, the newest first."""
    if before is None:
        return found[:limit]
    opened_at, last = before
    # The first condition is a bound that the index on the instants can use; the second divides equal ones.
    later = Q(opened_at=opened_at, id__gte=last)
    return found.filter(Q(opened_at__lte=opened_at) & ~later)[:limit]


def _place(code: str) -> tuple[int, ...]:
    found = read_code(code)
    return () if found is None else found.parts
