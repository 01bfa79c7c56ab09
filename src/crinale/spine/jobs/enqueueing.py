"""Putting a job in the queue: one insert in the transaction of the caller."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

if TYPE_CHECKING:
    from crinale.spine.jobs.tasks import Task

# The same row that procrastinate_defer_jobs_v1() makes, one nested call cheaper, and a second job of a kind
# that is wanted only once is left out instead of failing the transaction. The triggers of the table do the
# rest.
_INSERT = """
insert into procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
values (%s, %s, %s, %s, %s, %s::text::jsonb)
on conflict (queueing_lock) where status = 'todo' do nothing
"""


def enqueue(task: Task, *, body_id: UUID | None, **arguments: Any) -> None:
    """Have a task run with these arguments, in the body's scope (or in none), once the transaction commits.

    :raises TypeError: when an argument is no JSON value or UUID, or the task does not take it.
    """
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in arguments.items()}
    if unknown := plain.keys() - task.parameters:
        raise TypeError(f"{task.name} takes no {', '.join(sorted(unknown))}")
    plain["body_id"] = str(body_id) if body_id is not None else None
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            (
                task.queue,
                task.name,
                task.priority,
                task.lock.format(**plain) or None,
                task.once.format(**plain) or None,
                json.dumps(plain),
            ),
        )
