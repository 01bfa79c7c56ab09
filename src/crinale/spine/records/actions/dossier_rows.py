"""Lock a dossier to change it, and keep its story and those who are named to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid
from crinale.spine.identity import permissions
from crinale.spine.records.models import Dossier, DossierReader, DossierStep
from crinale.spine.records.queries.visibility import row_to_see
from crinale.spine.records.rules import dossiers as rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from crinale.spine.identity import Actor


_LONGEST_REASON = 1000


class DossierIsClosed(Conflict):
    """This dossier is closed: reopen it first, saying why."""


def dossier_for_update(actor: Actor, dossier_id: UUID) -> Dossier:
    """Return an open dossier, locked, for who puts something in it or takes it out.

    :raises NotVisible: when there is none that the actor may change.
    :raises DossierIsClosed: when it is closed.
    """
    row = dossier_to_change(actor, dossier_id)
    if row.closed_at is not None:
        raise DossierIsClosed
    return row


def dossier_to_change(actor: Actor, dossier_id: UUID) -> Dossier:
    """Return a dossier, locked, for who changes it, be it closed or not.

    :raises NotVisible: when there is none that the actor may change.
    """
    row_to_see(actor, dossier_id)
    row = (
        Dossier.objects.select_for_update(of=("self",))
        .select_related("classification", "parent", "office")
        .get(id=dossier_id)
    )
    permissions.require(actor, "protocol.classify", area_id=row.area_id)
    return row


def add_step(
    actor: Actor, row: Dossier, kind: str, *, reason: str = "", before: dict[str, Any] | None = None
) -> None:
    """Keep in the story of a dossier what happened to it."""
    DossierStep(
        dossier=row,
        sequence=DossierStep.objects.filter(dossier=row).count() + 1,
        kind=kind,
        reason=reason,
        before=before or {},
        at=clock.now(),
        by=actor.person_id,
        by_name=actor.name[:200],
    ).save(force_insert=True)


def add_readers(actor: Actor, row: Dossier, readers: Mapping[UUID, str]) -> None:
    """Name people who see a dossier from now on."""
    DossierReader.objects.bulk_create(
        DossierReader(
            body_id=row.body_id,
            dossier=row,
            person=person,
            person_name=name[:200],
            added_at=clock.now(),
            added_by=actor.person_id,
        )
        for person, name in readers.items()
    )


def check_visibility(wanted: str, office_id: UUID | None, readers: Mapping[UUID, str] | None) -> str:
    """Return to whom a dossier is visible.

    :raises Invalid: when nobody would see it.
    """
    if wanted not in rules.VISIBILITIES:
        raise Invalid("visibility", "choose who sees the dossier")
    if wanted == "office" and office_id is None:
        raise Invalid("office", "choose the office that sees this dossier")
    if wanted == "people" and not readers:
        raise Invalid("readers", "name the people who see this dossier")
    return wanted


def check_reason(reason: str) -> str:
    """Return a reason in its kept spelling.

    :raises Invalid: when there is none, or it is too long.
    """
    kept = reason.strip()
    if not kept or len(kept) > _LONGEST_REASON:
        raise Invalid("reason", f"say why, in at most {_LONGEST_REASON} characters")
    return kept
