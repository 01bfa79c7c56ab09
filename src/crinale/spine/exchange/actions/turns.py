"""A job for whatever is owed; jobs of one message run one by one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from crinale.spine.exchange.models import Message


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
