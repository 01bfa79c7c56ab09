"""The work in the background: workers alive, jobs neither failed nor waiting long, facts sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

from crinale.config.administration.checkup.findings import Finding, bad, good, warning
from crinale.config.processes import WORKER
from crinale.spine import tenancy
from crinale.spine.audit import queries as audit
from crinale.spine.notify import queries as notify
from crinale.spine.notify.ports import mailer
from crinale.spine.tenancy import queries as bodies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.config.node import NodeHome

_DEAD_SECONDS: Final = 60
_WAITING_SECONDS: Final = 300
_WORKERS: Final = """
select count(*) filter (where last_heartbeat > clock_timestamp() - make_interval(secs => %(dead)s)),
    (select extract(epoch from clock_timestamp() - max(claimed_at)) from jobs_tick)
from procrastinate_workers
"""
_JOBS: Final = """
select count(*) filter (where status = 'failed'), count(*) filter (where status = 'doing'),
    count(*) filter (where status = 'todo' and coalesce(scheduled_at, '-infinity') <= clock_timestamp()),
    (select array_agg(distinct task_name) from procrastinate_jobs where status = 'failed'),
    (select extract(epoch from clock_timestamp() - min(event.at)) from procrastinate_events as event
     join procrastinate_jobs as job on job.id = event.job_id
     where job.status = 'todo' and event.type = 'deferred'
         and coalesce(job.scheduled_at, '-infinity') <= clock_timestamp())
from procrastinate_jobs
"""


def workers(home: NodeHome) -> Iterator[Finding]:
    """Somebody does what waits."""
    with connection.cursor() as cursor:
        cursor.execute(_WORKERS, {"dead": _DEAD_SECONDS})
        alive, since_tick = cursor.fetchone()
    remedy = f"see {home.log / WORKER}.log; crinale run"
    if not alive:
        yield bad("worker", "none gives a sign of life: nothing is sent, confirmed or frozen", remedy)
    elif since_tick is None or since_tick > _DEAD_SECONDS:
        yield bad("worker", "no periodic work was begun in the last minute", remedy)
    else:
        yield good("worker", f"{alive} at work")


def jobs(_home: NodeHome) -> Iterator[Finding]:
    """Jobs are done soon, and few fail for good."""
    with connection.cursor() as cursor:
        cursor.execute(_JOBS)
        failed, doing, waiting, names, oldest = cursor.fetchone()
    if failed:
        seen = f"{failed} failed for good: {', '.join(names)}"
        yield warning("jobs", seen, "the worker's log has the reasons; they are kept for a month")
    if oldest is not None and oldest > _WAITING_SECONDS:
        yield warning("jobs", f"one has been waiting for {oldest / 60:.0f} minutes", "see that a worker runs")
    if not failed:
        yield good("jobs", f"{waiting} wait, {doing} are being done, none failed")


def seals(_home: NodeHome) -> Iterator[Finding]:
    """Facts are sealed in batches: the job is at it, and no fact has been waiting for long."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select extract(epoch from clock_timestamp() - max(claimed_at)) from jobs_tick"
            " where name like '%%seal_facts'"
        )
        (since,) = cursor.fetchone()
        cursor.execute("select count(*), max(sealed_at) from audit_batch")
        batches, newest = cursor.fetchone()
    overdue = audit.overdue_since()
    if since is None or since > _DEAD_SECONDS:
        yield bad("facts", "they are not being sealed", "see that a worker runs")
    elif overdue is not None:
        seen = f"some wait to be sealed since {overdue:%Y-%m-%d %H:%M} UTC and could be changed unseen"
        yield bad("facts", seen, "see the worker's log, then: crinale audit verify")
    else:
        yield good(
            "facts", f"{batches} batches{f', the newest of {newest:%Y-%m-%d %H:%M} UTC' if newest else ''}"
        )


def notices(_home: NodeHome) -> Iterator[Finding]:
    """People are told by mail what waits for them, where the node has a mail server."""
    if not mailer.is_bound:
        yield good("notices", "none by mail: people see what waits for them on their page")
        return
    failed, error = 0, ""
    for body in bodies.bodies():
        with tenancy.scope(body.id):
            unsent = notify.unsent()
        failed, error = failed + unsent.count, unsent.error or error
    if failed:
        seen = f"{failed} could not be sent: {error}"
        yield warning("notices", seen, "see [notices] in node.toml, and the addresses of the people")
    else:
        yield good("notices", "sent by mail")
