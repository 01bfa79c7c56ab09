"""Store documents, bring a filing plan into force, open and close dossiers."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.records import facts
from crinale.spine.records.blobs import BlobRef, chunks
from crinale.spine.records.models import ClassificationEntry, Document, Dossier, FilingPlan
from crinale.spine.records.ports import blob_store
from crinale.spine.records.queries import DocumentRef, DossierRef, classification, document_ref, dossier_ref
from crinale.spine.records.rules.filing import Heading, read_plan
from crinale.spine.records.rules.metadata import file_metadata
from crinale.spine.records.rules.names import clean_file_name
from crinale.spine.records.signatures.file_checks import FileReport, examine_file
from crinale.spine.tenancy.statements import execute, insertion

if TYPE_CHECKING:
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor

DEFAULT_LIMIT_BYTES = 1 << 30
LONGEST_TITLE = 250


def document_limit() -> int:
    """Return the largest document that this node accepts, in bytes (``CRINALE_DOCUMENT_LIMIT_BYTES``)."""
    return int(getattr(settings, "CRINALE_DOCUMENT_LIMIT_BYTES", DEFAULT_LIMIT_BYTES))


def store_document(
    *,
    actor: Actor,
    file_name: str,
    stream: BinaryIO,
    declared_type: str | None = None,
    limit: int | None = None,
    acquired: bool = True,
) -> DocumentRef:
    """Store a file, read in pieces: its digest and its media type come from its content.

    :raises Invalid: when the file is empty or its name unusable.
    :raises TooLarge: when it is longer than ``limit`` (the node's own, by default).
    """
    permissions.require(actor, "records.store")
    name = clean_file_name(file_name)
    writer = blob_store.get().writer(limit=document_limit() if limit is None else limit, file_name=name)
    try:
        for chunk in chunks(stream):
            writer.write(chunk)
        if not writer.size:
            raise Invalid("file", "the file is empty: choose it again")
        blob = writer.commit()
    finally:
        writer.abort()
    return record_document(
        actor=actor,
        blob=blob,
        file_name=name,
        declared_type=declared_type,
        acquired=acquired,
        report=_examined(blob, name, declared_type),
    )


def _examined(blob: BlobRef, file_name: str, declared_type: str | None) -> FileReport:
    """Look at signatures and readability before anybody sends it: a sender's duty (Allegato 6, 2)."""
    with blob_store.get().open(blob.sha256) as stream:
        return examine_file(stream, file_name=file_name, declared_mime=declared_type or "")


def record_document(
    *,
    actor: Actor,
    blob: BlobRef,
    file_name: str,
    declared_type: str | None = None,
    acquired: bool = True,
    report: FileReport | None = None,
) -> DocumentRef:
    """Make a document of a blob that is in the store already (written while it was received).

    ``report`` is what an examination of the file found; it goes into the metadata.

    :raises Invalid: when the blob is empty or the name unusable.
    """
    permissions.require(actor, "records.store")
    if not blob.size:
        raise Invalid("file", "the file is empty: choose it again")
    name, identifier = clean_file_name(file_name), new_id()
    document = Document(
        id=identifier,
        sha256=blob.sha256,
        size=blob.size,
        media_type=blob.media_type,
        declared_type=(declared_type or "")[:127],
        file_name=name,
        metadata=file_metadata(
            sha256=blob.sha256,
            identifier=str(identifier),
            file_name=name,
            media_type=blob.media_type,
            acquired=acquired,
            signed=None if report is None else report.signatures > 0,
            time_stamped=None if report is None else report.time_stamps > 0,
            findings=() if report is None else tuple(one.detail for one in report.findings),
        ),
        created_at=clock.now(),
        created_by=actor.person_id,
    )
    stored = facts.DocumentStored(
        subject_id=document.id, sha256=blob.sha256, size=blob.size, media_type=blob.media_type
    )
    # One statement, so both or neither.
    execute(audit.insertion([stored], actor=actor), insertion([document]))
    return document_ref(document)


def municipal_plan() -> str:
    """Return the text of the model filing plan for municipalities, to import or to start from."""
    data = resources.files("crinale.spine.records") / "data" / "titolario_comuni.csv"
    return data.read_text(encoding="utf-8")


def import_filing_plan(*, actor: Actor, name: str, text: str) -> int:
    """Bring a filing plan (CSV) into force today; the one before it ends. Return the number of headings.

    :raises Invalid: when the CSV cannot be used.
    """
    permissions.require(actor, "records.manage_plan")
    headings, today = read_plan(text), clock.today()
    with transaction.atomic():
        FilingPlan.objects.filter(valid_to=None).update(valid_to=today)
        plan = FilingPlan(name=name, valid_from=today)
        plan.save(force_insert=True)
        ClassificationEntry.objects.bulk_create(_entries(plan, headings))
        audit.write(
            facts.FilingPlanImported(subject_id=plan.id, name=name, headings=len(headings)), actor=actor
        )
    return len(headings)


def _entries(plan: FilingPlan, headings: tuple[Heading, ...]) -> list[ClassificationEntry]:
    made: dict[str, ClassificationEntry] = {}
    for heading in headings:
        made[heading.code] = ClassificationEntry(
            body_id=plan.body_id,
            plan=plan,
            code=heading.code,
            title=heading.title,
            parent=made.get(heading.parent),
            position=heading.position,
            valid_from=plan.valid_from,
        )
    return list(made.values())


def close_classification(*, actor: Actor, code: str) -> None:
    """End a heading today: what is filed there stays, nothing new may be.

    :raises NotVisible: when the filing plan in force has no such open heading.
    """
    permissions.require(actor, "records.manage_plan")
    with transaction.atomic():
        entry = ClassificationEntry.objects.filter(plan__valid_to=None, code=code, valid_to=None).first()
        if entry is None:
            raise NotVisible
        entry.valid_to = clock.today()
        entry.save(update_fields=["valid_to"])
        audit.write(facts.ClassificationClosed(subject_id=entry.id, code=code), actor=actor)


def open_dossier(
    *, actor: Actor, area_id: UUID, title: str, classification_code: str, kind: str = "matter"
) -> DossierRef:
    """Open a dossier under a heading; its code is the year, the heading and a progressive number.

    :raises Invalid: when the heading does not exist or the title is empty.
    """
    permissions.require(actor, "protocol.classify", area_id=area_id)
    if not title.strip() or len(title) > LONGEST_TITLE:
        raise Invalid("title", f"a dossier has a title of at most {LONGEST_TITLE} characters")
    entry, now = classification(classification_code), clock.now()
    with transaction.atomic():
        # The heading's row serialises the progressive numbers under it.
        ClassificationEntry.objects.select_for_update().get(id=entry.id)
        prefix = f"{clock.today().year}/{entry.code}/"
        taken = Dossier.objects.filter(area_id=area_id, code__startswith=prefix).count()
        dossier = Dossier(
            area_id=area_id,
            classification_id=entry.id,
            code=f"{prefix}{taken + 1}",
            title=title.strip(),
            kind=kind,
            opened_at=now,
            opened_by=actor.person_id,
        )
        dossier.save(force_insert=True)
        audit.write(facts.DossierOpened(subject_id=dossier.id, code=dossier.code), actor=actor)
    return dossier_ref(dossier, entry.code)


def close_dossier(*, actor: Actor, dossier_id: UUID) -> None:
    """Close a dossier: nothing more is put in it.

    :raises NotVisible: when there is no such dossier.
    :raises Conflict: when it is closed already.
    """
    with transaction.atomic():
        dossier = Dossier.objects.select_for_update().filter(id=dossier_id).first()
        if dossier is None:
            raise NotVisible
        permissions.require(actor, "protocol.classify", area_id=dossier.area_id)
        if dossier.closed_at is not None:
            raise Conflict
        dossier.closed_at, dossier.closed_by = clock.now(), actor.person_id
        dossier.save(update_fields=["closed_at", "closed_by"])
        audit.write(facts.DossierClosed(subject_id=dossier.id, code=dossier.code), actor=actor)
