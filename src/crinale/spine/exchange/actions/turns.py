"""Whose turn it is: one worker at a time per message, and a job for whatever is owed."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from django.db import DatabaseError, connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from crinale.spine.exchange.models import Message

_NAMESPACE: Final = 0x6372_6E6C  # "crnl": keeps our advisory locks apart from those of others


@contextmanager
def held(message_id: UUID) -> Iterator[bool]:
    """Hold a message for the length of a ``with`` block, outside any transaction.

    Gives False if another worker has it. A session lock of PostgreSQL: it ends with the connection, so a
    killed worker leaves nothing behind, and no row stays locked while the network is slow.
    """
    key = message_id.int & 0x7FFF_FFFF  # random bits of the UUIDv7; a collision only makes one job wait
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [_NAMESPACE, key])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [_NAMESPACE, key])


def wake(message: Message) -> None:
    """Enqueue the errand of a message, in the open transaction; nothing if it owes none."""
    if message.errand:
        _wake(message.body_id, message.id)


def stopwatch() -> Callable[[], int]:
    """Start measuring; the returned function tells the milliseconds since, a duration and no legal time."""
    start = time.monotonic_ns()
    return lambda: (time.monotonic_ns() - start) // 1_000_000


def _wake(body_id: UUID, message_id: UUID) -> None:
    from crinale.spine import jobs
    from crinale.spine.exchange.jobs import run_errand

    jobs.enqueue(run_errand, body_id=body_id, message_id=message_id)
