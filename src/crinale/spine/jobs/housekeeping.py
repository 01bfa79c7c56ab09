"""What the node does for itself: seal facts, take back jobs of dead workers, forget what is old."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

from django.db import connection
from procrastinate.sql import queries as procrastinate_queries

from crinale.kernel import clock
from crinale.spine.audit import actions as audit
from crinale.spine.identity import actions as identity
from crinale.spine.jobs.running import Job, Lost, failed
from crinale.spine.jobs.ticks import periodic

log = logging.getLogger(__name__)

DEAD_AFTER_SECONDS = 15.0
FAILED_KEPT_HOURS = 24 * 30
ATTEMPTS_KEPT = timedelta(days=180)


@periodic(seconds=5)
def recover_stalled_jobs() -> None:
    """Give back the jobs of workers that no longer give a sign of life, then forget those workers."""
    parameters = {"seconds_since_heartbeat": DEAD_AFTER_SECONDS, "queue": None, "task_name": None}
    with connection.cursor() as cursor:
        cursor.execute(procrastinate_queries["select_stalled_jobs_by_heartbeat"], parameters)
        columns = [column[0] for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        arguments = row["args"] if isinstance(row["args"], dict) else json.loads(row["args"])
        job = Job(id=row["id"], task=row["task_name"], arguments=arguments, attempts=row["attempts"])
        failed(job, Lost())
    with connection.cursor() as cursor:
        cursor.execute(
            procrastinate_queries["prune_stalled_workers"], {"seconds_since_heartbeat": DEAD_AFTER_SECONDS}
        )


@periodic(seconds=2)
def seal_facts() -> None:
    """Seal the facts of finished transactions."""
    audit.seal()


@periodic(seconds=60)
def stamp_batches() -> None:
    """Have new batches time-stamped, where an authority is configured."""
    audit.stamp_batches()


@periodic(seconds=3600)
def forget() -> None:
    """Remove failed jobs after a month and the log of sign-ins after half a year."""
    parameters = {"statuses": ["succeeded", "failed", "cancelled", "aborted"], "queue": None}
    with connection.cursor() as cursor:
        cursor.execute(
            procrastinate_queries["delete_old_jobs"], {**parameters, "nb_hours": FAILED_KEPT_HOURS}
        )
    identity.forget_attempts(before=clock.now() - ATTEMPTS_KEPT)
