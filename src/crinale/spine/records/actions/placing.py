"""Put documents that no register knows in dossiers, and move them from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine import audit
from crinale.spine.records import facts
from crinale.spine.records.actions.dossier_rows import dossier_for_update
from crinale.spine.records.models import Document, Dossier, DossierDocument

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor


def put_document(*, actor: Actor, document_id: UUID, dossier_id: UUID) -> None:
    """Put a document in an open dossier; a second time changes nothing.

    :raises NotVisible: when the document or the dossier is not there.
    :raises DossierIsClosed: when the dossier is closed.
    """
    with transaction.atomic():
        dossier = dossier_for_update(actor, dossier_id)
        if not Document.objects.filter(id=document_id).exists():
            raise NotVisible
        if _placed(dossier, document_id) is None:
            _place(actor, dossier, document_id)
            fact = facts.DocumentPlaced(subject_id=document_id, dossier=dossier.id, code=dossier.code)
            audit.write(fact, actor=actor)


def move_document(*, actor: Actor, document_id: UUID, source_id: UUID, target_id: UUID) -> None:
    """Move a document from an open dossier to another; that it was in the first stays readable.

    :raises NotVisible: when the document is not in the first, or a dossier is not there.
    :raises DossierIsClosed: when one of the two is closed.
    """
    if source_id == target_id:
        return
    with transaction.atomic():
        first, second = sorted(
            (source_id, target_id)
        )  # in one order, so that two moves cannot wait crosswise
        locked = {one: dossier_for_update(actor, one) for one in (first, second)}
        source, target = locked[source_id], locked[target_id]
        placed = _placed(source, document_id)
        if placed is None or source.area_id != target.area_id:
            raise NotVisible
        placed.removed_at, placed.removed_by = clock.now(), actor.person_id
        placed.removed_by_name, placed.moved_to = actor.name[:200], target
        placed.save(update_fields=["removed_at", "removed_by", "removed_by_name", "moved_to"])
        if _placed(target, document_id) is None:
            _place(actor, target, document_id)
        fact = facts.DocumentMoved(
            subject_id=document_id, source=source.id, target=target.id, code=target.code
        )
        audit.write(fact, actor=actor)


def _placed(dossier: Dossier, document_id: UUID) -> DossierDocument | None:
    return DossierDocument.objects.filter(dossier=dossier, document_id=document_id, removed_at=None).first()


def _place(actor: Actor, dossier: Dossier, document_id: UUID) -> None:
    DossierDocument(
        dossier=dossier,
        document_id=document_id,
        added_at=clock.now(),
        added_by=actor.person_id,
        added_by_name=actor.name[:200],
    ).save(force_insert=True)
