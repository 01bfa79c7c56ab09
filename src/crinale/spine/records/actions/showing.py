"""Say who sees a dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.spine import audit
from crinale.spine.records import facts
from crinale.spine.records.actions.dossier_rows import (
    add_readers,
    add_step,
    check_reason,
    check_visibility,
    dossier_to_change,
)
from crinale.spine.records.models import Dossier, DossierReader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from crinale.spine.identity import Actor


def show_dossier(
    *,
    actor: Actor,
    dossier_id: UUID,
    visibility: str,
    reason: str,
    readers: Mapping[UUID, str] | None = None,
) -> None:
    """Say to whom a dossier, and all that is in it, is visible from now on.

    :raises NotVisible: when there is no such dossier.
    :raises Invalid: when nobody would see it, or no reason is given.
    """
    kept = check_reason(reason)
    with transaction.atomic():
        row = dossier_to_change(actor, dossier_id)
        wanted = dict(readers or {}) if visibility == "people" else {}
        before = {"visibility": row.visibility, "readers": _names(row)}
        row.visibility = check_visibility(visibility, row.office_id, wanted)
        row.save(update_fields=["visibility"])
        now = DossierReader.objects.filter(dossier=row, removed_at=None)
        now.exclude(person__in=wanted).update(removed_at=clock.now(), removed_by=actor.person_id)
        present = set(now.values_list("person", flat=True))
        add_readers(actor, row, {key: name for key, name in wanted.items() if key not in present})
        add_step(actor, row, "shown", reason=kept, before=before)
        audit.write(
            facts.DossierShown(
                subject_id=row.id,
                code=row.code,
                visibility=visibility,
                people=sorted(map(str, wanted)),
                reason=kept,
            ),
            actor=actor,
        )


def _names(row: Dossier) -> list[str]:
    found = DossierReader.objects.filter(dossier=row, removed_at=None).order_by("person_name")
    return list(found.values_list("person_name", flat=True))
