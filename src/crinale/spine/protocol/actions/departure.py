"""The registers of a body that moves to another node: two nodes would give the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


def close_registers_of_leaving_body(*, body_id: UUID) -> list[UUID]:
    """Let the registers of a body give no number here any more; return those that did until now."""
    with connection.cursor() as cursor:
        # Waits for registrations under way; those that begin now find the mark.
        cursor.execute("lock table protocol_counter in share row exclusive mode")
        cursor.execute(
            "insert into protocol_departure as departure (register_id, left_at)"
            " select id, %s from protocol_register where body_id = %s"
            " on conflict (register_id) do update set returned_at = null"
            " where departure.returned_at is not null returning register_id",
            [clock.now(), body_id],
        )
        return [row[0] for row in cursor.fetchall()]


def reopen_registers(*, register_ids: Sequence[UUID]) -> None:
    """Let registers that were closed give numbers again: their body has not left."""
    if not register_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update protocol_departure set returned_at = %s where register_id = any(%s)",
            [clock.now(), list(register_ids)],
        )
