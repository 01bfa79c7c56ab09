"""Reclassify and file a registration: what may change after it was made, with its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import facts
from crinale.spine.protocol.models import ClassificationChange, DossierItem, Registration, State
from crinale.spine.protocol.queries import visibility
from crinale.spine.protocol.queries.registration import views
from crinale.spine.records import queries as records
from crinale.spine.records.models import Dossier

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import RegistrationView

LONGEST_TEXT = 1000


def reclassify(*, actor: Actor, registration_id: UUID, classification: str, reason: str) -> RegistrationView:
    """Move a registration to another open heading; the one that was registered stays readable.

    :raises NotVisible: when the registration is not there, or the actor may not classify.
    :raises Invalid: when the heading is not open, is the present one, or no reason is given.
    """
    if not reason.strip() or len(reason) > LONGEST_TEXT:
        raise Invalid("reason", f"say why, in at most {LONGEST_TEXT} characters")
    with transaction.atomic():
        row = locked(actor, registration_id, "protocol.classify")
        entry = records.classification(classification)
        previous = row.current_classification
        if previous.id == entry.id:
            raise Invalid("classification", "it is classified there already")
        ClassificationChange(
            registration=row,
            sequence=ClassificationChange.objects.filter(registration=row).count() + 1,
            previous=previous,
            classification_id=entry.id,
            reason=reason.strip(),
            changed_at=clock.now(),
            changed_by=actor.person_id,
            changed_by_name=actor.name[:200],
        ).save(force_insert=True)
        row.current_classification_id = entry.id
        row.save(update_fields=["current_classification"])
        audit.write(
            facts.RegistrationReclassified(
                subject_id=row.id, previous=previous.code, current=entry.code, reason=reason.strip()
            ),
            actor=actor,
        )
        return views([row.id])[0]


def add_to_dossier(*, actor: Actor, registration_id: UUID, dossier_id: UUID) -> RegistrationView:
    """Put a registration in an open dossier of its area; a second time changes nothing.

    :raises NotVisible: when the registration or the dossier is not there, or the actor may not classify.
    :raises Conflict: when the dossier is closed.
    """
    with transaction.atomic():
        row = locked(actor, registration_id, "protocol.classify")
        dossier = Dossier.objects.select_for_update().filter(id=dossier_id, area_id=row.area_id).first()
        if dossier is None or not records.visible_among(actor, row.area_id, [dossier_id]):
            raise NotVisible
        if dossier.closed_at is not None:
            raise Conflict
        if not DossierItem.objects.filter(registration=row, dossier=dossier, removed_at=None).exists():
            DossierItem(
                registration=row,
                dossier=dossier,
                added_at=clock.now(),
                added_by=actor.person_id,
                added_by_name=actor.name[:200],
            ).save(force_insert=True)
            audit.write(facts.RegistrationFiled(subject_id=row.id, dossier=dossier.id), actor=actor)
        return views([row.id])[0]


def locked(actor: Actor, registration_id: UUID, permission: str) -> Registration:
    """Hold a registration until the end of the transaction.

    :raises NotVisible: when it is not there, or the actor may not read it or do this to it.
    """
    row = (
        Registration.objects.select_for_update(of=("self",))
        .select_related("current_classification")
        .exclude(state=State.BEING_SEALED)
        .filter(id=registration_id)
        .first()
    )
    if row is None:
        raise NotVisible
    permissions.require(actor, permission, area_id=row.area_id)
    if visibility.is_hidden(actor, row):
        raise NotVisible
    return row
