"""Work that runs later, from a queue in the same PostgreSQL: a job exists if and only if its change does.

::

    @jobs.task(queue="exchange", lock="exchange:{message_id}")
    def attempt_send(*, body_id: UUID, message_id: UUID) -> None: ...

    jobs.enqueue(attempt_send, body_id=message.body_id, message_id=message.id)

The wrapper opens the scope of the body; a job never opens one itself. Jobs run at least once, so they are
idempotent. The tables and their functions are procrastinate's; docs/jobs.md says why the worker is ours.
"""

from __future__ import annotations

from crinale.spine.jobs.enqueueing import enqueue
from crinale.spine.jobs.running import drain
from crinale.spine.jobs.tasks import Retry, Task, task
from crinale.spine.jobs.ticks import periodic, run_ticks
from crinale.spine.jobs.worker import run_worker

__all__ = ["Retry", "Task", "drain", "enqueue", "periodic", "run_ticks", "run_worker", "task"]
