"""What the system promises about the worker: it outlives its database, and killed it loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import connection, transaction

from crinale.spine import jobs
from crinale.spine.jobs import housekeeping, running, ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from crinale.config.testing.databases import TestDatabase

SEEN: list[int] = []
RELEASE = threading.Event()


@jobs.task(queue="tests")
def count(*, body_id: UUID | None, number: int) -> None:
    SEEN.append(number)


@jobs.task(queue="tests")
def hold(*, body_id: UUID | None) -> None:
    SEEN.append(-1)
    RELEASE.wait(20)
    SEEN.append(-2)


def until(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def left() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs")
        return int(cursor.fetchone()[0])


@pytest.fixture
def worker(fresh_database: TestDatabase) -> Iterator[threading.Event]:
    """A worker in a thread; setting the event stops it."""
    SEEN.clear()
    RELEASE.clear()
    stop = threading.Event()
    thread = threading.Thread(
        target=jobs.run_worker, kwargs={"concurrency": 2, "stop": stop, "with_ticks": False}
    )
    thread.start()
    yield stop
    RELEASE.set()
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.usefixtures("worker")
def test_jobs_run_as_soon_as_they_are_committed() -> None:
    with transaction.atomic():
        for number in range(100):
            jobs.enqueue(count, body_id=None, number=number)
        assert SEEN == []
    until(lambda: len(SEEN) == 100)
    assert sorted(SEEN) == list(range(100))
    until(lambda: left() == 0)


def test_a_stopped_worker_finishes_what_it_began_and_takes_no_more(worker: threading.Event) -> None:
    jobs.enqueue(hold, body_id=None)
    until(lambda: SEEN == [-1])
    worker.set()
    time.sleep(0.1)
    jobs.enqueue(count, body_id=None, number=1)
    RELEASE.set()

    def signed_off() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from procrastinate_workers")
            return bool(cursor.fetchone() == (0,))

    until(signed_off)
    assert SEEN in ([-1, -2], [-1, -2, 1], [-1, 1, -2])
    assert left() == (0 if 1 in SEEN else 1)


@pytest.mark.usefixtures("worker")
def test_it_outlives_connections_cut_by_the_server(fresh_database: TestDatabase) -> None:
    jobs.enqueue(count, body_id=None, number=1)
    until(lambda: SEEN == [1])
    jobs.enqueue(hold, body_id=None)
    until(lambda: -1 in SEEN)
    with psycopg.connect(
        fresh_database.owner_url.replace("crinale_owner", "crinale_app"), autocommit=True
    ) as other:
        other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    connection.close()
    RELEASE.set()
    jobs.enqueue(count, body_id=None, number=2)
    until(lambda: 2 in SEEN and -2 in SEEN)
    until(lambda: left() == 0)


@pytest.mark.usefixtures("worker")
def test_it_goes_on_when_its_jobs_were_given_to_another() -> None:
    for _ in range(2):
        jobs.enqueue(hold, body_id=None)
    until(lambda: SEEN == [-1, -1])
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
    RELEASE.set()
    until(lambda: -2 in SEEN)
    for number in (1, 2, 3, 4):
        jobs.enqueue(count, body_id=None, number=number)
    until(lambda: set(SEEN) == {-1, -2, 1, 2, 3, 4})
    until(lambda: left() == 0)


@pytest.mark.usefixtures("worker")
def test_what_was_fetched_over_a_connection_that_broke_is_given_back() -> None:
    """The queue handed a job out, and the answer never came: nobody else would look for it."""
    jobs.enqueue(hold, body_id=None)
    until(lambda: SEEN == [-1])
    with connection.cursor() as cursor:
        cursor.execute("select worker_id from procrastinate_jobs")
        (holder,) = cursor.fetchone()
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args, status, worker_id)"
            """ values ('tests', %s, '{"body_id": null, "number": 2}', 'doing', %s)""",
            [count.name, holder],
        )
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    RELEASE.set()
    until(lambda: 2 in SEEN)
    until(lambda: left() == 0)


def test_a_worker_runs_the_ticks(fresh_database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "_ticks", {})
    ran, stop = threading.Event(), threading.Event()

    @jobs.periodic(seconds=0.1)
    def tick() -> None:
        ran.set()

    thread = threading.Thread(target=jobs.run_worker, kwargs={"concurrency": 1, "stop": stop})
    thread.start()
    assert ran.wait(20)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


KILLED = """
import django
django.setup()
from crinale.spine import jobs
from crinale.spine.jobs.tests import test_worker
jobs.run_worker(concurrency=1, with_ticks=False)
"""


@jobs.task(queue="tests")
def die_once(*, body_id: UUID | None, mark: str) -> None:
    """Kill the process that runs it, unless the mark is there already."""
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        SEEN.append(9)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def test_the_job_of_a_killed_worker_runs_again(
    fresh_database: TestDatabase, tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    SEEN.clear()
    jobs.enqueue(die_once, body_id=None, mark=os.fspath(tmp_path) + "/mark")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED],
        env={
            **os.environ,
            **fresh_database.environment(),
            "DJANGO_SETTINGS_MODULE": "crinale.config.settings",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    assert running.fetch() is None, "the job is still the dead worker's"
    monkeypatch.setattr(housekeeping, "DEAD_AFTER_SECONDS", 0.0)
    housekeeping.recover_stalled_jobs()
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set scheduled_at = null")
    assert jobs.drain() == 1
    assert SEEN == [9]
