"""Store documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.kernel.ids import new_id
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.records import facts
from crinale.spine.records.blobs import BlobRef, chunks
from crinale.spine.records.models import Document
from crinale.spine.records.ports import blob_store
from crinale.spine.records.queries import DocumentRef, document_ref
from crinale.spine.records.rules.metadata import file_metadata
from crinale.spine.records.rules.names import clean_file_name
from crinale.spine.records.signatures.file_checks import FileReport, examine_file
from crinale.spine.tenancy.statements import execute, insertion

if TYPE_CHECKING:
    from typing import BinaryIO

    from crinale.spine.identity import Actor

DEFAULT_LIMIT_BYTES = 1 << 30


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
