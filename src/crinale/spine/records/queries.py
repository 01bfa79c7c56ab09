"""What the records hold: documents and their bytes, headings of the filing plan, dossiers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.identity import permissions
from crinale.spine.records.models import ClassificationEntry, Document, Dossier
from crinale.spine.records.ports import blob_store
from crinale.spine.tenancy.statements import every

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A stored document."""

    id: UUID
    sha256: str
    size: int
    media_type: str
    file_name: str
    created_at: datetime
    metadata: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class ClassificationRef:
    """An open heading of the filing plan in force; ``path`` are the titles from the top."""

    id: UUID
    code: str
    title: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DossierRef:
    """A dossier."""

    id: UUID
    area_id: UUID
    code: str
    title: str
    classification_code: str
    opened_at: datetime
    closed_at: datetime | None


def document_ref(document: Document) -> DocumentRef:
    """Describe a document."""
    return DocumentRef(
        id=document.id,
        sha256=document.sha256,
        size=document.size,
        media_type=document.media_type,
        file_name=document.file_name,
        created_at=document.created_at,
        metadata=document.metadata,
    )


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
    )


def document(*, actor: Actor, document_id: UUID) -> DocumentRef:
    """Return a document of the open scope.

    :raises NotVisible: when there is none.
    """
    permissions.require(actor, "records.read")
    found = Document.objects.filter(id=document_id).first()
    if found is None:
        raise NotVisible
    return document_ref(found)


def open_document(*, actor: Actor, document_id: UUID) -> BinaryIO:
    """Open the bytes of a document.

    Whether this actor may see the registration that it belongs to is the protocol's question.

    :raises NotVisible: when there is no such document.
    :raises BlobMissing: when its bytes are lost.
    """
    return blob_store.get().open(document(actor=actor, document_id=document_id).sha256)


def classification(code: str) -> ClassificationRef:
    """Return the open heading with this code in the body's filing plan in force.

    :raises Invalid: when there is none.
    """
    found = next((one for one in classifications() if one.code == code), None)
    if found is None:
        raise Invalid("classification", f"the filing plan in force has no open heading {code!r}")
    return found


def classifications(*, text: str = "") -> list[ClassificationRef]:
    """Return the open headings of the filing plan in force, in order; ``text`` narrows by code or title."""
    today = clock.today()
    entries = list(
        ClassificationEntry.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=today), plan__valid_to=None, valid_from__lte=today
        ).order_by("position")
    )
    by_id = {entry.id: entry for entry in entries}
    wanted = text.strip().casefold()
    return [
        ClassificationRef(id=entry.id, code=entry.code, title=entry.title, path=_path(entry, by_id))
        for entry in entries
        if not wanted or entry.code == wanted or wanted in entry.title.casefold()
    ]


_HEADINGS = """
select entry.code, entry.title
from records_classificationentry as entry join records_filingplan as plan on plan.id = entry.plan_id
where entry.body_id = crinale_body() and plan.valid_to is null and entry.code = any(%s::varchar[])
    and entry.valid_from <= %s and (entry.valid_to is null or entry.valid_to > %s)
"""


def headings(codes: Iterable[str]) -> dict[str, str]:
    """Return the titles of those of these codes that are open headings of the filing plan in force."""
    today = clock.today()
    return dict(every(_HEADINGS, [[code for code in codes if code], today, today]))


def _path(entry: ClassificationEntry, by_id: dict[UUID, ClassificationEntry]) -> tuple[str, ...]:
    above: list[str] = []
    step: ClassificationEntry | None = entry
    while step is not None:
        above.append(step.title)
        step = by_id.get(step.parent_id)
    return tuple(reversed(above))


def dossier(*, actor: Actor, dossier_id: UUID) -> DossierRef:
    """Return a dossier of the open scope.

    :raises NotVisible: when there is none in an area that the actor may see.
    """
    found = Dossier.objects.filter(id=dossier_id).select_related("classification").first()
    if found is None:
        raise NotVisible
    permissions.require(actor, "protocol.view", area_id=found.area_id)
    return dossier_ref(found, found.classification.code)


def dossiers(
    *,
    actor: Actor,
    area_id: UUID,
    text: str = "",
    code: str = "",
    closed: bool | None = None,
    before: datetime | None = None,
    limit: int = 50,
) -> list[DossierRef]:
    """Return the dossiers of an area, the newest first; ``text`` narrows by code or title.

    ``code`` is that of the only one wanted.
    ``before`` is the instant when the last one of the page before was opened.
    """
    permissions.require(actor, "protocol.view", area_id=area_id)
    found = (
        Dossier.objects.filter(area_id=area_id).select_related("classification").order_by("-opened_at", "-id")
    )
    if text.strip():
        found = found.filter(Q(code__icontains=text.strip()) | Q(title__icontains=text.strip()))
    if code:
        found = found.filter(code=code)
    if closed is not None:
        found = found.filter(closed_at__isnull=not closed)
    if before is not None:
        found = found.filter(opened_at__lt=before)
    return [dossier_ref(one, one.classification.code) for one in found[:limit]]
