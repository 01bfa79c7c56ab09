"""Move a registration from a dossier to another; that it was in the first stays readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine import audit
from crinale.spine.protocol import facts
from crinale.spine.protocol.actions.handling import locked
from crinale.spine.protocol.models import DossierItem
from crinale.spine.records.actions import DossierIsClosed
from crinale.spine.records.models import Dossier
from crinale.spine.records.queries import visible_among

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor


def move_to_dossier(*, actor: Actor, registration_id: UUID, source_id: UUID, target_id: UUID) -> None:
    """Move a registration from an open dossier of its area to another open one.

    :raises NotVisible: when the registration, or one of the dossiers, is not there to be seen or changed, or
        the registration is not in the first.
    :raises DossierIsClosed: when one of the dossiers is closed.
    :raises Invalid: when it is in the other already.
    """
    with transaction.atomic():
        row = locked(actor, registration_id, "protocol.classify")
        wanted = {source_id, target_id}
        # In one order, so that two moves cannot wait crosswise for each other.
        held = Dossier.objects.select_for_update().filter(id__in=wanted, area_id=row.area_id).order_by("id")
        dossiers = {one.id: one for one in held}
        if len(dossiers) < len(wanted) or visible_among(actor, row.area_id, wanted) != wanted:
            raise NotVisible
        if any(one.closed_at is not None for one in dossiers.values()):
            raise DossierIsClosed
        items = DossierItem.objects.filter(registration=row, removed_at=None)
        item = items.filter(dossier_id=source_id).first()
        if item is None:
            raise NotVisible
        if items.filter(dossier_id=target_id).exists():
            raise Invalid("dossier", "it is in that dossier already")
        item.removed_at, item.removed_by, item.removed_by_name = (
            clock.now(),
            actor.person_id,
            actor.name[:200],
        )
        item.moved_to = dossiers[target_id]
        item.save(update_fields=["removed_at", "removed_by", "removed_by_name", "moved_to"])
        DossierItem(
            registration=row,
            dossier=dossiers[target_id],
            added_at=clock.now(),
            added_by=actor.person_id,
            added_by_name=actor.name[:200],
        ).save(force_insert=True)
        fact = facts.RegistrationMoved(subject_id=row.id, source=source_id, target=target_id)
        audit.write(fact, actor=actor)
