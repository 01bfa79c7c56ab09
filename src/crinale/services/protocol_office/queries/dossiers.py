"""Dossiers (fascicoli) of an area and what they hold (DPR 445/2000 art. 64 and 65)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.queries.choosing import dossier_choice
from crinale.services.protocol_office.queries.dossier_story import StoryStep, story_of
from crinale.services.protocol_office.queries.dossier_words import FORMS, KINDS, PHASES, VISIBILITIES
from crinale.services.protocol_office.queries.lists import PAGE, Page, register_page
from crinale.spine.protocol import queries as protocol
from crinale.spine.records import queries as records
from crinale.spine.records.queries import DEEPEST, PERMANENT, Aggregation, IndexedDocument

if TYPE_CHECKING:
    from typing import BinaryIO

    from crinale.services.protocol_office.queries.choosing import DossierChoice
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import MovedAway, RegistrationView
    from crinale.spine.records.queries import DocumentRef, DossierRef, PlacedDocument
    from crinale.spine.tenancy.queries import AreaRef


@dataclass(frozen=True)
class TreeRow:
    """A dossier of the tree as the page shows it; ``count`` is what is directly in it."""

    one: DossierRef
    form: str
    depth: int
    count: int
    current: bool


@dataclass(frozen=True)
class Place:
    """A dossier to which a row can be moved."""

    id: UUID
    label: str


@dataclass(frozen=True)
class DossierPage:
    """A dossier with its tree, one page of its registrations, its other documents, its story."""

    one: DossierRef
    kind: str
    form: str
    visibility: str
    phase: str
    readers: tuple[str, ...]
    line: list[DossierRef]
    tree: list[TreeRow]
    places: list[Place]
    registrations: Page
    documents: list[PlacedDocument]
    story: list[StoryStep]
    moved: list[MovedAway]
    moved_documents: list[PlacedDocument]

    @property
    def divisible(self) -> bool:
        """Say whether it may have parts."""
        return self.one.form != "insert" and len(self.one.line) < DEEPEST

    @property
    def kept_for_ever(self) -> bool:
        """Say whether it is never discarded."""
        return self.one.data.retention_years == PERMANENT


def dossier_page(
    *,
    actor: Actor,
    area: AreaRef,
    text: str = "",
    closed: bool | None = None,
    heading: str = "",
    heading_id: UUID | None = None,
    kind: str = "",
    before: str = "",
) -> Page:
    """Return a page of the dossiers of an area, the newest first; parts are found by their words."""
    rows = records.dossiers(
        actor=actor,
        area_id=area.id,
        text=text,
        closed=closed,
        heading=heading,
        heading_id=heading_id,
        kind=kind,
        top=not text,
        before=_place(before),
        limit=PAGE + 1,
    )
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(list(rows[:PAGE]), f"{last.opened_at.isoformat()}|{last.id}" if last else "")


def dossier(*, actor: Actor, area: AreaRef, dossier_id: UUID) -> DossierRef:
    """Return a dossier of this area.

    :raises NotVisible: when there is none that the actor may see.
    """
    found = records.dossier(actor=actor, dossier_id=dossier_id)
    if found.area_id != area.id:
        raise NotVisible
    return found


def dossier_in_full(*, actor: Actor, area: AreaRef, dossier_id: UUID, before: str = "") -> DossierPage:
    """Return a dossier as its page shows it.

    :raises NotVisible: when there is none that the actor may see.
    """
    one = dossier(actor=actor, area=area, dossier_id=dossier_id)
    tree = _tree(actor, area, one)
    named = records.dossier_readers(actor=actor, dossier_id=one.id) if one.visibility == "people" else []
    return DossierPage(
        one=one,
        kind=str(dict(KINDS)[one.kind]),
        form=str(dict(FORMS)[one.form]),
        visibility=str(dict(VISIBILITIES)[one.visibility]),
        phase=str(dict(PHASES)[one.data.procedure.phase]) if one.data.procedure else "",
        readers=tuple(name for _person, name in named),
        line=records.dossier_line(actor=actor, dossier_id=one.id) if one.line else [],
        tree=tree,
        places=[
            Place(row.one.id, f"{row.one.code} {row.one.title}")
            for row in tree
            if row.one.closed_at is None and not row.current
        ],
        registrations=registrations_of_dossier(actor=actor, area=area, dossier_id=one.id, before=before),
        documents=records.placed_documents(actor=actor, dossier_id=one.id),
        story=story_of(actor=actor, one=one),
        moved=protocol.moved_away(actor=actor, dossier=one),
        moved_documents=records.placed_documents(actor=actor, dossier_id=one.id, history=True),
    )


def registrations_of_dossier(*, actor: Actor, area: AreaRef, dossier_id: UUID, before: str = "") -> Page:
    """Return a page of what a dossier holds, the newest first."""
    return register_page(actor=actor, area=area, dossier_id=dossier_id, before=before)


def dossiers_for(*, actor: Actor, area: AreaRef, one: RegistrationView) -> DossierChoice:
    """Return the open dossiers in which a registration may be put: those that hold it are not offered."""
    return dossier_choice(actor=actor, area=area, but={held.id for held in one.dossiers})


def dossiers_but(*, actor: Actor, area: AreaRef, dossier_id: UUID) -> DossierChoice:
    """Return the open dossiers to which something of this one may be moved."""
    return dossier_choice(actor=actor, area=area, but={dossier_id})


def filed_there(*, actor: Actor, one: DossierRef, kind: str, object_id: UUID) -> str:
    """Return how what is in a dossier is called.

    :raises NotVisible: when it is not there, or not to be seen.
    """
    if kind == "document":
        placed = records.placed_documents(actor=actor, dossier_id=one.id)
        name = next((row.document.file_name for row in placed if row.document.id == object_id), None)
        if name is None:
            raise NotVisible
        return name
    view = protocol.registration(actor=actor, registration_id=object_id)
    if one.id not in {held.id for held in view.dossiers}:
        raise NotVisible
    return f"{view.number_text}/{view.year} {view.subject}"


def dossier_index(*, actor: Actor, area: AreaRef, dossier_id: UUID) -> Aggregation:
    """Return a dossier with the index of its documents (IndiceDocumenti) in the order of filing."""
    one = dossier(actor=actor, area=area, dossier_id=dossier_id)
    lines = [
        (
            line.at,
            IndexedDocument(
                identifier=str(line.document_id),
                sha256=line.sha256,
                file_name=line.file_name,
                registration=line.number,
            ),
        )
        for line in protocol.index_lines(actor=actor, dossier=one)
    ]
    lines += [
        (
            row.added_at,
            IndexedDocument(
                identifier=str(row.document.id), sha256=row.document.sha256, file_name=row.document.file_name
            ),
        )
        for row in records.placed_documents(actor=actor, dossier_id=one.id)
    ]
    above = records.dossier_line(actor=actor, dossier_id=one.id) if one.line else []
    heading = records.dossier_heading(actor=actor, dossier_id=one.id)
    return Aggregation(
        code=one.code,
        title=one.title,
        kind=one.kind,
        heading_code=heading.code,
        heading_title=heading.title,
        plan_name=heading.plan_name,
        body_name=area.body_name,
        body_code=area.body_ipa,
        office_name=one.office_name,
        office_code=one.office_code,
        opened_on=clock.legal_day(one.opened_at),
        closed_on=clock.legal_day(one.closed_at) if one.closed_at else None,
        data=one.data,
        above=above[0].code if above else "",
        documents=tuple(line for _at, line in sorted(lines, key=lambda pair: pair[0])),
    )


def headings_in_force() -> tuple[tuple[str, str], ...]:
    """Return the headings to which the list can be narrowed."""
    return tuple((one.code, f"{one.code} {one.title}") for one in records.classifications())


def people_who_may_see(*, actor: Actor, area: AreaRef) -> tuple[tuple[str, str], ...]:
    """Return the people who may be named to see a dossier."""
    found = records.possible_readers(actor=actor, area_id=area.id)
    return tuple((str(person), name) for person, name in found)


def reader_ids(*, actor: Actor, one: DossierRef) -> list[str]:
    """Return the people who are named to see a dossier, as a form holds them."""
    return [str(person) for person, _name in records.dossier_readers(actor=actor, dossier_id=one.id)]


def still_seen(*, actor: Actor, area: AreaRef, one: DossierRef) -> bool:
    """Say whether the actor sees a dossier."""
    return bool(records.visible_among(actor, area.id, [one.id]))


def open_placed(*, actor: Actor, one: DossierRef, document_id: UUID) -> tuple[DocumentRef, BinaryIO]:
    """Open an unregistered document of a dossier.

    :raises NotVisible: when it is not there.
    """
    placed = records.placed_documents(actor=actor, dossier_id=one.id)
    found = next((row.document for row in placed if row.document.id == document_id), None)
    if found is None:
        raise NotVisible
    return found, records.open_document(actor=actor, document_id=document_id)


def _tree(actor: Actor, area: AreaRef, one: DossierRef) -> list[TreeRow]:
    nodes = records.dossier_tree(actor=actor, dossier_id=one.id)
    filed = protocol.filed_counts(
        actor=actor, area_id=area.id, dossier_ids=[node.dossier.id for node in nodes]
    )
    forms = dict(FORMS)
    return [
        TreeRow(
            one=node.dossier,
            form=str(forms[node.dossier.form]),
            depth=node.depth,
            count=filed.get(node.dossier.id, 0) + node.documents,
            current=node.dossier.id == one.id,
        )
        for node in nodes
    ]


def _place(text: str) -> tuple[datetime, UUID] | None:
    """Return the place in the list that an address names; what names none is the beginning."""
    moment, _bar, identifier = text.partition("|")
    try:
        found = datetime.fromisoformat(moment), UUID(identifier)
    except ValueError:
        return None
    return found if found[0].tzinfo else None
