"""What the system promises about jobs: they come with the change, run in the right scope, are tried again."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from crinale.kernel.ids import new_id
from crinale.spine import jobs
from crinale.spine.jobs import housekeeping, running, tasks
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import current, scope

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db
SEEN: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    SEEN.clear()


@jobs.task(queue="tests")
def note(*, body_id: UUID | None, word: str, thing_id: UUID | None = None) -> None:
    SEEN.append((body_id, current(), word, thing_id))


@jobs.task(queue="tests", lock="one:{word}", once="once:{word}")
def note_once(*, body_id: UUID | None, word: str) -> None:
    SEEN.append(word)


@jobs.task(queue="tests", priority=5)
def urgent(*, body_id: UUID | None) -> None:
    SEEN.append("urgent")


@jobs.task(queue="tests", retry=jobs.Retry(attempts=2, first=timedelta(0)))
def fail_twice(*, body_id: UUID | None) -> None:
    SEEN.append("failed")
    raise LookupError("as always")


@jobs.task(queue="tests")
def break_the_transaction(*, body_id: UUID | None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("insert into jobs_tick values ('left behind', now())")
        cursor.execute("select 1/0")


@jobs.task(queue="tests")
def chain(*, body_id: UUID | None, left: int) -> None:
    SEEN.append(left)
    if left:
        jobs.enqueue(chain, body_id=body_id, left=left - 1)


@pytest.fixture
def body_id() -> UUID:
    return tenancy.create_body(ipa_code="c_f032", name="Massa Marittima", kind="municipality").id


def waiting() -> list[tuple[str, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("select task_name, status::text, attempts from procrastinate_jobs order by id")
        return list(cursor.fetchall())


def test_a_job_runs_in_the_scope_of_its_body_and_gets_its_identifiers_back(body_id: UUID) -> None:
    thing = new_id()
    jobs.enqueue(note, body_id=body_id, word="città", thing_id=thing)
    with scope(new_id()):
        assert jobs.drain() == 1
    assert [(body_id, body_id, "città", thing)] == SEEN
    assert waiting() == []


def test_a_job_of_the_node_runs_in_no_scope(body_id: UUID) -> None:
    with scope(body_id):
        jobs.enqueue(note, body_id=None, word="node")
        jobs.drain()
        assert current() == body_id
    assert SEEN == [(None, None, "node", None)]


def test_a_job_goes_with_its_change() -> None:
    def change() -> None:
        with transaction.atomic():
            jobs.enqueue(note, body_id=None, word="never")
            raise LookupError

    with pytest.raises(LookupError):
        change()
    assert jobs.drain() == 0


def test_what_is_wanted_once_waits_once() -> None:
    with transaction.atomic():
        for word in ("a", "a", "b", "a"):
            jobs.enqueue(note_once, body_id=None, word=word)
    assert jobs.drain() == 2
    assert SEEN == ["a", "b"]
    jobs.enqueue(note_once, body_id=None, word="a")
    assert jobs.drain() == 1, "once it has run it may be wanted again"


def test_jobs_with_one_lock_run_one_after_the_other() -> None:
    jobs.enqueue(note_once, body_id=None, word="a")
    first = running.fetch(queues=["tests"])
    assert first is not None
    jobs.enqueue(note_once, body_id=None, word="a")
    assert running.fetch(queues=["tests"]) is None
    running.succeeded(first)
    assert running.fetch(queues=["tests"]) is not None


def test_jobs_make_jobs_and_urgent_ones_come_first() -> None:
    jobs.enqueue(chain, body_id=None, left=2)
    jobs.enqueue(urgent, body_id=None)
    assert jobs.drain() == 4
    assert SEEN == ["urgent", 2, 1, 0]


def test_a_queue_is_served_alone() -> None:
    jobs.enqueue(note, body_id=None, word="x")
    assert jobs.drain(queues=["other"]) == 0
    assert jobs.drain(queues=["tests"]) == 1


def test_a_failure_is_raised_in_tests_and_written_down(caplog: pytest.LogCaptureFixture) -> None:
    jobs.enqueue(fail_twice, body_id=None)
    with pytest.raises(LookupError, match="as always"):
        jobs.drain()
    assert [status for _, status, _ in waiting()] == ["todo"]
    with caplog.at_level(logging.ERROR):
        assert jobs.drain(raise_errors=False) == 1
    assert waiting() == [(fail_twice.name, "failed", 2)]
    assert "failed for good after 2 attempts" in caplog.text
    assert jobs.drain() == 0
    assert SEEN == ["failed", "failed"]


def test_a_retry_waits() -> None:
    jobs.enqueue(break_the_transaction, body_id=None)
    assert jobs.drain(raise_errors=False) == 1
    assert jobs.drain(raise_errors=False) == 0, "the second attempt is due in a second"
    with connection.cursor() as cursor:
        cursor.execute("select scheduled_at > now() from procrastinate_jobs")
        assert cursor.fetchall() == [(True,)]
        cursor.execute("select count(*) from jobs_tick where name = 'left behind'")
        assert cursor.fetchone() == (0,)


def test_a_job_of_an_unknown_task_is_kept_for_a_program_that_knows_it() -> None:
    jobs.enqueue(note, body_id=None, word="x")
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set task_name = 'gone'")
    with pytest.raises(tasks.UnknownTask):
        jobs.drain()
    assert [(name, status) for name, status, _ in waiting()] == [("gone", "todo")]


@pytest.mark.parametrize("wrong", [{"wrod": "x"}, {"word": object()}])
def test_arguments_are_checked_when_the_job_is_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        jobs.enqueue(note, body_id=None, **wrong)


def test_a_task_takes_a_body_and_keywords() -> None:
    def positional(body_id: UUID) -> None: ...

    def without_body(*, word: str) -> None: ...

    for function in (positional, without_body):
        with pytest.raises(TypeError, match="keyword arguments only, and body_id"):
            jobs.task()(function)


def test_the_wait_grows_and_ends() -> None:
    retry = jobs.Retry(attempts=4, first=timedelta(seconds=2), factor=10, longest=timedelta(minutes=1))
    waits = [retry.wait(failed) for failed in range(1, 6)]
    assert waits == [timedelta(seconds=2), timedelta(seconds=20), timedelta(minutes=1), None, None]


def test_jobs_of_a_dead_worker_come_back_and_those_of_a_living_one_stay() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select worker_id from procrastinate_register_worker_v1()")
        (living,) = cursor.fetchone()
        cursor.execute("select worker_id from procrastinate_register_worker_v1()")
        (dead,) = cursor.fetchone()
        jobs.enqueue(note, body_id=None, word="of the dead")
        jobs.enqueue(note, body_id=None, word="of the living")
        assert running.fetch(worker_id=dead)
        assert running.fetch(worker_id=living)
        cursor.execute(
            "update procrastinate_workers set last_heartbeat = now() - interval '1 minute' where id = %s",
            [dead],
        )
        housekeeping.recover_stalled_jobs()
        cursor.execute("select args ->> 'word', status::text, attempts from procrastinate_jobs order by id")
        assert cursor.fetchall() == [("of the dead", "todo", 1), ("of the living", "doing", 0)]
        cursor.execute("select id from procrastinate_workers")
        assert cursor.fetchall() == [(living,)]


def test_a_lost_job_gives_way_to_another_of_its_kind_and_holds_nobody_up() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select worker_id from procrastinate_register_worker_v1()")
        (dead,) = cursor.fetchone()
        jobs.enqueue(note_once, body_id=None, word="twice")
        jobs.enqueue(note, body_id=None, word="after it")
        assert running.fetch(worker_id=dead)
        assert running.fetch(worker_id=dead)
        jobs.enqueue(note_once, body_id=None, word="twice")
        cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
        housekeeping.recover_stalled_jobs()
        cursor.execute("select args ->> 'word', status::text, attempts from procrastinate_jobs order by 3")
        assert cursor.fetchall() == [("twice", "todo", 0), ("after it", "todo", 1)]


def test_old_failures_are_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        jobs.enqueue(fail_twice, body_id=None)
    while jobs.drain(raise_errors=False):
        pass
    with connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_events set at = now() - interval '31 days'"
            " where job_id = (select min(id) from procrastinate_jobs)"
        )
    housekeeping.forget()
    assert len(waiting()) == 1
