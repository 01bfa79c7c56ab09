"""Keep dossiers, what is in them, and the editions of the filing plan (DPR 445/2000 art. 64)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from crinale.kernel.errors import Invalid
from crinale.spine.protocol import actions as protocol
from crinale.spine.records import actions as records
from crinale.spine.records import queries as records_queries
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.records.queries import DossierData


class DossierOpening(TypedDict, total=False):
    """What may be said of a dossier when it is opened."""

    kind: str
    data: DossierData
    office_id: UUID | None
    responsible: UUID | None
    visibility: str
    readers: Mapping[UUID, str]


def open_dossier(
    *, actor: Actor, area_id: UUID, title: str, classification: str, **known: Unpack[DossierOpening]
) -> UUID:
    """Open a dossier; return it."""
    with transaction.atomic(durable=True):
        return records.open_dossier(
            actor=actor, area_id=area_id, title=title, classification_code=classification, **known
        ).id


def open_dossier_part(*, actor: Actor, parent_id: UUID, title: str, form: str) -> UUID:
    """Open a sub-dossier or an insert; return it."""
    with transaction.atomic(durable=True):
        return records.open_part(actor=actor, parent_id=parent_id, title=title, form=form).id


def change_dossier(
    *, actor: Actor, dossier_id: UUID, data: DossierData, office_id: UUID | None, responsible: UUID | None
) -> None:
    """Change what is known of a dossier."""
    with transaction.atomic(durable=True):
        records.change_dossier(
            actor=actor, dossier_id=dossier_id, data=data, office_id=office_id, responsible=responsible
        )


def show_dossier(
    *, actor: Actor, dossier_id: UUID, visibility: str, reason: str, readers: Mapping[UUID, str]
) -> None:
    """Say to whom a dossier is visible."""
    with transaction.atomic(durable=True):
        records.show_dossier(
            actor=actor, dossier_id=dossier_id, visibility=visibility, reason=reason, readers=readers
        )


def close_dossier(*, actor: Actor, dossier_id: UUID) -> None:
    """Close a dossier: nothing more is put in it."""
    with transaction.atomic(durable=True):
        records.close_dossier(actor=actor, dossier_id=dossier_id)


def reopen_dossier(*, actor: Actor, dossier_id: UUID, reason: str) -> None:
    """Open a closed dossier again."""
    with transaction.atomic(durable=True):
        records.reopen_dossier(actor=actor, dossier_id=dossier_id, reason=reason)


def put_file_in_dossier(
    *, actor: Actor, dossier_id: UUID, file_name: str, stream: BinaryIO, declared_type: str | None
) -> None:
    """Store a file that is not to be registered, and put it in a dossier."""
    with transaction.atomic(durable=True):
        stored = records.store_document(
            actor=actor, file_name=file_name, stream=stream, declared_type=declared_type
        )
        records.put_document(actor=actor, document_id=stored.id, dossier_id=dossier_id)


def move_between_dossiers(
    *, actor: Actor, kind: str, object_id: UUID, source_id: UUID, target_id: UUID
) -> None:
    """Move a registration, or an unregistered document, from a dossier to another."""
    with transaction.atomic(durable=True):
        if kind == "document":
            records.move_document(
                actor=actor, document_id=object_id, source_id=source_id, target_id=target_id
            )
        else:
            protocol.move_to_dossier(
                actor=actor, registration_id=object_id, source_id=source_id, target_id=target_id
            )


def bring_plan(*, actor: Actor, body_id: UUID, name: str, text: str, valid_from: date) -> int:
    """Give an edition of the filing plan its day; return the number of its headings.

    :raises Invalid: when it cannot be used, or lacks the default heading of an area of the body.
    """
    with transaction.atomic(durable=True):
        count = records.import_filing_plan(actor=actor, name=name, text=text, valid_from=valid_from)
        for area in tenancy.areas(body_id=body_id):
            default = area.default_classification
            if default and default not in records_queries.headings([default], on=valid_from):
                said = _("This edition lacks the heading %(code)s, where %(area)s files what others send it.")
                raise Invalid("plan", said % {"code": default, "area": area.name})
    return count


def withdraw_plan(*, actor: Actor, plan_id: UUID, reason: str) -> None:
    """Withdraw an edition of the filing plan before its day."""
    with transaction.atomic(durable=True):
        records.withdraw_filing_plan(actor=actor, plan_id=plan_id, reason=reason)


def add_to_dossier(*, actor: Actor, registration_id: UUID, dossier_id: UUID) -> None:
    """Put a registration in an open dossier."""
    with transaction.atomic(durable=True):
        protocol.add_to_dossier(actor=actor, registration_id=registration_id, dossier_id=dossier_id)
