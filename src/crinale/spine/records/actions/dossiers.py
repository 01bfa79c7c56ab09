"""Open dossiers and their parts, keep what is known of them, close and reopen them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.records import facts
from crinale.spine.records.actions.dossier_rows import (
    DossierIsClosed,
    add_readers,
    add_step,
    check_reason,
    check_visibility,
    dossier_to_change,
)
from crinale.spine.records.models import ClassificationEntry, Dossier
from crinale.spine.records.queries import DossierRef, classification, dossier_ref
from crinale.spine.records.queries.visibility import visible_among
from crinale.spine.records.rules import dossiers as rules
from crinale.spine.records.rules.dossiers import DossierData
from crinale.spine.tenancy.models import Office

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from crinale.spine.identity import Actor


def open_dossier(
    *,
    actor: Actor,
    area_id: UUID,
    title: str,
    classification_code: str,
    kind: str = "matter",
    data: DossierData | None = None,
    office_id: UUID | None = None,
    responsible: UUID | None = None,
    visibility: str = "open",
    readers: Mapping[UUID, str] | None = None,
) -> DossierRef:
    """Open a dossier under a heading; its code is the year, the heading and a progressive number.

    ``readers`` are the people (id and name) who see it when it is visible to named people only.

    :raises Invalid: when the heading does not exist, the title is empty or the data do not fit the kind.
    """
    permissions.require(actor, "protocol.classify", area_id=area_id)
    known = data or DossierData()
    rules.check_data(known, kind=kind)
    entry, year = classification(classification_code), clock.today().year
    row = Dossier(
        area_id=area_id,
        classification_id=entry.id,
        title=rules.check_title(title),
        kind=kind,
        metadata=known.to_json(),
        opened_at=clock.now(),
        opened_by=actor.person_id,
        office=_office(area_id, office_id),
        responsible=responsible,
        visibility=check_visibility(visibility, office_id, readers),
    )
    with transaction.atomic():
        # The heading's row serialises the progressive numbers under it.
        ClassificationEntry.objects.select_for_update().get(id=entry.id)
        pattern = rules.top_codes_pattern(year, entry.code)
        taken = Dossier.objects.filter(area_id=area_id, code__regex=pattern).count()
        row.code = rules.top_code(year, entry.code, taken + 1)
        _save_opened(actor, row, readers or {})
    return dossier_ref(row, entry.code)


def open_part(
    *, actor: Actor, parent_id: UUID, title: str, form: str = "sub_dossier", data: DossierData | None = None
) -> DossierRef:
    """Open a sub-dossier or an insert in a dossier; it has its kind, heading, office and visibility from it.

    :raises NotVisible: when the dossier above is not there.
    :raises DossierIsClosed: when the dossier above is closed.
    :raises Invalid: when it may have no such part.
    """
    with transaction.atomic():
        above = dossier_to_change(actor, parent_id)
        if above.closed_at is not None:
            raise DossierIsClosed
        line = [*above.line, above.id]
        rules.check_part(form, above.form, len(line))
        known = data or DossierData()
        rules.check_data(known, kind=above.kind, part=True)
        number = Dossier.objects.filter(parent=above).count() + 1
        row = Dossier(
            area_id=above.area_id,
            classification_id=above.classification_id,
            code=rules.part_code(above.code, number),
            title=rules.check_title(title),
            kind=above.kind,
            metadata=known.to_json(),
            opened_at=clock.now(),
            opened_by=actor.person_id,
            form=form,
            parent=above,
            line=line,
            office_id=above.office_id,
            responsible=above.responsible,
        )
        _save_opened(actor, row, {})
    return dossier_ref(row, above.classification.code)


def change_dossier(
    *,
    actor: Actor,
    dossier_id: UUID,
    data: DossierData,
    office_id: UUID | None = None,
    responsible: UUID | None = None,
) -> DossierRef:
    """Change what is known of an open dossier; what was known before stays readable.

    :raises NotVisible: when there is no such dossier.
    :raises DossierIsClosed: when it is closed.
    :raises Invalid: when the data do not fit the kind.
    """
    with transaction.atomic():
        row = dossier_to_change(actor, dossier_id)
        if row.closed_at is not None:
            raise DossierIsClosed
        rules.check_data(data, kind=row.kind, part=row.parent_id is not None)
        if row.visibility == "office" and office_id is None:
            raise Invalid("office", "choose the office that sees this dossier")
        before = _changed_values(row, data, office_id, responsible)
        if before:
            row.metadata, row.office = data.to_json(), _office(row.area_id, office_id)
            row.responsible = responsible
            row.save(update_fields=["metadata", "office", "responsible"])
            add_step(actor, row, "changed", before=before)
            fact = facts.DossierChanged(subject_id=row.id, code=row.code, fields=sorted(before))
            audit.write(fact, actor=actor)
    return dossier_ref(row, row.classification.code)


def close_dossier(*, actor: Actor, dossier_id: UUID) -> None:
    """Close a dossier: nothing more is put in it.

    :raises NotVisible: when there is no such dossier.
    :raises Conflict: when it is closed already.
    :raises Invalid: naming the parts that are still open.
    """
    with transaction.atomic():
        row = dossier_to_change(actor, dossier_id)
        if row.closed_at is not None:
            raise DossierIsClosed
        _check_parts_closed(actor, row)
        row.closed_at, row.closed_by = clock.now(), actor.person_id
        row.save(update_fields=["closed_at", "closed_by"])
        add_step(actor, row, "closed")
        audit.write(facts.DossierClosed(subject_id=row.id, code=row.code), actor=actor)


def reopen_dossier(*, actor: Actor, dossier_id: UUID, reason: str) -> None:
    """Open a closed dossier again; when it was closed and why it opens stays readable.

    :raises NotVisible: when there is no such dossier.
    :raises Conflict: when it is open.
    :raises Invalid: when no reason is given, or the dossier above is closed.
    """
    kept = check_reason(reason)
    with transaction.atomic():
        row = dossier_to_change(actor, dossier_id)
        if row.closed_at is None:
            raise Conflict
        if row.parent is not None and row.parent.closed_at is not None:
            raise Invalid("reason", "the dossier above is closed: reopen it first")
        before = {"closed_at": row.closed_at.isoformat()}
        row.closed_at, row.closed_by = None, None
        row.save(update_fields=["closed_at", "closed_by"])
        add_step(actor, row, "reopened", reason=kept, before=before)
        audit.write(facts.DossierReopened(subject_id=row.id, code=row.code, reason=kept), actor=actor)


def _save_opened(actor: Actor, row: Dossier, readers: Mapping[UUID, str]) -> None:
    row.save(force_insert=True)
    add_readers(actor, row, readers if row.visibility == "people" else {})
    add_step(actor, row, "opened")
    audit.write(facts.DossierOpened(subject_id=row.id, code=row.code), actor=actor)


def _check_parts_closed(actor: Actor, row: Dossier) -> None:
    parts = Dossier.objects.filter(line__contains=[row.id], closed_at=None).order_by("code")
    found = dict(parts.values_list("id", "code"))
    if not found:
        return
    seen = visible_among(actor, row.area_id, list(found))
    codes = [code for identifier, code in found.items() if identifier in seen]
    if not codes:
        raise Invalid("dossier", "parts of it are still open: ask the head of records management")
    raise Invalid("dossier", f"close these parts first: {', '.join(codes)}")


def _changed_values(
    row: Dossier, data: DossierData, office_id: UUID | None, responsible: UUID | None
) -> dict[str, Any]:
    """Return the former values of what is to change."""
    former, wanted = replace(DossierData.from_json(row.metadata)).to_json(), data.to_json()
    before = {name: value for name, value in former.items() if value != wanted[name]}
    if row.office_id != office_id:
        before["office"] = row.office.name if row.office else ""
    if row.responsible != responsible:
        before["responsible"] = str(row.responsible or "")
    return before


def _office(area_id: UUID, office_id: UUID | None) -> Office | None:
    if office_id is None:
        return None
    found = Office.objects.filter(id=office_id, area_id=area_id).first()
    if found is None:
        raise NotVisible
    return found
