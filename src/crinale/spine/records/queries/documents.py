"""Documents and their bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions
from crinale.spine.records.models import Document
from crinale.spine.records.ports import blob_store

if TYPE_CHECKING:
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
