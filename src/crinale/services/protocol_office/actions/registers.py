"""Keep the daily and the emergency register, and copy the register (DPR 445/2000 art. 53 and 63)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.services.protocol_office.actions.once import once
from crinale.spine.protocol import actions as protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.actions.emergency import EmergencyLine
    from crinale.spine.protocol.queries import CopyView, RegistrationFilter, RegistrationView


def enter_emergency(*, actor: Actor, emergency_id: UUID, token: UUID, line: EmergencyLine) -> UUID:
    """Enter a document registered by hand during an emergency; it keeps its emergency number."""

    def register() -> RegistrationView:
        return protocol.enter_emergency_registration(actor=actor, emergency_id=emergency_id, line=line)

    return once(actor, token, register)


def repeat_deposit(*, actor: Actor, area_id: UUID, day: date) -> None:
    """Have a day that preservation refused delivered again."""
    with transaction.atomic(durable=True):
        protocol.repeat_deposit(actor=actor, area_id=area_id, day=day)


def copy_register(
    *, actor: Actor, area_id: UUID, kind: str, narrowed: RegistrationFilter
) -> tuple[CopyView, BinaryIO | None]:
    """Copy the register into a file, or have a job write it when it is large."""
    with transaction.atomic(durable=True):
        return protocol.copy_register(actor=actor, area_id=area_id, kind=kind, narrowed=narrowed)


def note_copy_taken(*, actor: Actor, copy_id: UUID) -> None:
    """Note that a large copy was taken."""
    with transaction.atomic(durable=True):
        protocol.note_download(actor=actor, export_id=copy_id)


def enter_emergency_lines(
    *, actor: Actor, emergency_id: UUID, text: str, dry_run: bool
) -> protocol.EnteredLines:
    """Enter a table of lines registered by hand, all or none; a dry run keeps nothing."""
    with transaction.atomic(durable=True):
        return protocol.enter_emergency_lines(
            actor=actor, emergency_id=emergency_id, text=text, dry_run=dry_run
        )


def open_emergency(
    *, actor: Actor, area_id: UUID, cause: str, authorisation: str, started_at: datetime
) -> None:
    """Note the authorised use of the emergency register."""
    with transaction.atomic(durable=True):
        protocol.open_emergency(
            actor=actor, area_id=area_id, cause=cause, authorisation=authorisation, started_at=started_at
        )


def extend_emergency(
    *, actor: Actor, emergency_id: UUID, act: str, valid_from: datetime, valid_to: datetime
) -> None:
    """Note the act that allows the emergency register beyond 24 hours."""
    with transaction.atomic(durable=True):
        protocol.extend_emergency(
            actor=actor, emergency_id=emergency_id, act=act, valid_from=valid_from, valid_to=valid_to
        )


def close_emergency(
    *, actor: Actor, emergency_id: UUID, restored_at: datetime, totals: Mapping[date, int]
) -> None:
    """Note that the system is back and how many documents were registered by hand on each day."""
    with transaction.atomic(durable=True):
        protocol.close_emergency(
            actor=actor, emergency_id=emergency_id, restored_at=restored_at, totals=totals
        )
