"""Fetching one job, running it, and writing how it ended. The worker and ``drain`` share this.

The functions of the database are procrastinate's. Its bookkeeping does not wait for the disk: when a crash of
the server takes back "started" or "finished", the job runs once more, which jobs must bear anyway.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.utils.module_loading import autodiscover_modules

from crinale.spine.jobs.tasks import Retry, UnknownTask, find
from crinale.spine.tenancy import no_scope
from crinale.spine.tenancy.statements import first_of_node

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 3.0
_RELAXED = "select set_config('synchronous_commit', 'off', true), "
_FETCH = f"""
{_RELAXED} id, task_name, args::text, attempts from procrastinate_fetch_job_v2(%s::varchar[], %s::bigint)
"""
_FINISH = _RELAXED + "procrastinate_finish_job_v1(%s, %s::procrastinate_job_status, %s)"
_FINISH_AND_FETCH = f"""
with finished as materialized (select procrastinate_finish_job_v1(%s, 'succeeded', true))
{_RELAXED} id, task_name, args::text, attempts
from finished, procrastinate_fetch_job_v2(%s::varchar[], %s::bigint)
"""  # noqa: S608  constants
_RETRY = _RELAXED + "procrastinate_retry_job_v2(%s, now() + make_interval(secs => %s), null, null, null)"
_IN_HAND = (
    "select id, task_name, args::text, attempts from procrastinate_jobs"
    " where worker_id = %s and status = 'doing'"
)
DATABASE_GONE = (OperationalError, InterfaceError)


class Lost(Exception):
    """Nobody works on the job any more: its worker died, or lost the database before it could say so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A job in the hands of this process."""

    id: int
    task: str
    arguments: dict[str, Any]
    attempts: int

    def __str__(self) -> str:
        return f"job {self.id} ({self.task})"


def discover() -> None:
    """Import the ``jobs`` module of every application, so that the tasks are known."""
    autodiscover_modules("jobs")


def fetch(*, queues: Sequence[str] | None = None, worker_id: int | None = None) -> Job | None:
    """Take the next waiting job, or nothing."""
    return _job(first_of_node(_FETCH, [list(queues) if queues else None, worker_id]))


def succeeded_and_fetch(
    job: Job, *, queues: Sequence[str] | None = None, worker_id: int | None = None
) -> Job | None:
    """Take a finished job out of the queue and the next one from it, in one step."""
    return _job(first_of_node(_FINISH_AND_FETCH, [job.id, list(queues) if queues else None, worker_id]))


def _job(row: tuple[Any, ...] | None) -> Job | None:
    return None if row is None or row[1] is None else _read(row[1:])


def _read(row: Sequence[Any]) -> Job:
    number, task, arguments, attempts = row
    return Job(id=number, task=task, arguments=json.loads(arguments), attempts=attempts)


def give_back(worker_id: int) -> None:
    """Put back what the queue believes to be in the hands of a worker that has nothing in hand."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_HAND, [worker_id])
        for row in cursor.fetchall():
            failed(_read(row), Lost())


def succeeded(job: Job) -> None:
    """Take a finished job out of the queue."""
    _execute(_FINISH, [job.id, "succeeded", True])


def failed(job: Job, error: Exception) -> None:
    """Have a job tried again later, or keep it as failed when that was its last attempt."""
    try:
        wait = find(job.task).retry.wait(job.attempts + 1)
    except UnknownTask:
        wait = Retry().wait(job.attempts + 1)
    if wait is None:
        log.error("%s failed for good after %s attempts", job, job.attempts + 1, exc_info=error)
        _execute(_FINISH, [job.id, "failed", False])
    else:
        log.warning("%s failed, next attempt in %s: %r", job, wait, error)
        _try_again(job, wait.total_seconds())


def _try_again(job: Job, seconds: float) -> None:
    """Put a job back; where another of its kind waits already, that one does the work and this one ends."""
    try:
        with transaction.atomic():
            _execute(_RETRY, [job.id, seconds])
    except IntegrityError:
        _execute(_FINISH, [job.id, "failed", True])


def perform(job: Job) -> None:
    """Run a job.

    :raises UnknownTask: when no function has the name of its task.
    """
    find(job.task).run(job.arguments)


def drain(*, queues: Sequence[str] | None = None, at_most: int = 10_000, raise_errors: bool = True) -> int:
    """Run, here and now, every waiting job and those that they make, until none is left; return how many.

    For tests and commands, also inside a transaction. A job that fails is written down as in the worker, and
    its error raised unless told otherwise; retries that have to wait are left.
    """
    discover()
    count = 0
    with no_scope():
        while count < at_most and (job := fetch(queues=queues)) is not None:
            count += 1
            try:
                perform(job)
            except Exception as error:
                if not connection.needs_rollback:
                    failed(job, error)
                if raise_errors:
                    raise
            else:
                succeeded(job)
    return count


def _execute(query: str, parameters: list[Any]) -> None:
    first_of_node(query, parameters)
