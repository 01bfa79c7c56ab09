"""The worker: threads that run jobs as they come; one listens and gives signs of life, one runs the ticks.

It survives the database: when that is gone, every thread waits and connects again. To the queue each thread
that runs jobs is a worker of its own, so that it can tell after such a loss what the queue believes to be in
its hands, and give that back.
"""

from __future__ import annotations

import contextlib
import logging
import select
import signal
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

from crinale.spine.jobs import running, ticks
from crinale.spine.jobs.running import DATABASE_GONE, HEARTBEAT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import psycopg

log = logging.getLogger(__name__)
T = TypeVar("T")

CHANNEL = "procrastinate_any_queue_v1"
POLL_SECONDS = 1.0
RECONNECT_SECONDS = 0.5
TICK_SECONDS = 0.5
# A worker that was taken for dead, and forgotten, is known again.
_BEAT = """
insert into procrastinate_workers (id) overriding system value select unnest(%s::bigint[])
on conflict (id) do update set last_heartbeat = now()
"""
FAREWELL_SECONDS = 10.0  # a job that hangs is given to another worker when the heartbeat is missed


def run_worker(
    *,
    concurrency: int = 4,
    queues: Sequence[str] | None = None,
    stop: threading.Event | None = None,
    with_ticks: bool = True,
) -> None:
    """Run jobs until ``stop`` is set, or SIGTERM or SIGINT arrives; what was begun gets some seconds to end.

    :param queues: the queues to serve; all when not given.
    :param stop: an event to embed the worker in a thread; then signals are left alone.
    """
    running.discover()
    worker = _Worker(
        concurrency=concurrency, queues=queues, stop=stop or threading.Event(), with_ticks=with_ticks
    )
    with _signals(worker.stop) if stop is None else contextlib.nullcontext():
        worker.run()


@contextlib.contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Worker:
    def __init__(
        self, *, concurrency: int, queues: Sequence[str] | None, stop: threading.Event, with_ticks: bool
    ) -> None:
        self.concurrency = concurrency
        self.queues = queues
        self.stop = stop
        self.with_ticks = with_ticks
        self.ids: list[int] = []
        self.news = threading.Condition()
        self.heard = 0

    def run(self) -> None:
        parts: list[Callable[[], None]] = [self._jobs] * self.concurrency
        if self.with_ticks:
            parts.append(self._ticks)
        threads = [
            threading.Thread(target=self._thread, args=(part,), name=f"jobs-{index}", daemon=True)
            for index, part in enumerate(parts)
        ]
        for thread in threads:
            thread.start()
        while not self.stop.is_set():
            self._patiently(self._listen)
        self._wake(len(threads))
        deadline = time.monotonic() + FAREWELL_SECONDS
        while any(thread.is_alive() for thread in threads) and time.monotonic() < deadline:
            self._once(self._beat)
            for thread in threads:
                thread.join(timeout=1 / len(threads))
        self._once(self._unregister)
        connection.close()

    def _thread(self, part: Callable[[], None]) -> None:
        try:
            part()
        finally:
            connection.close()

    def _patiently(self, part: Callable[[], T]) -> T | None:
        """Do something that needs the database, again until it is there (or nobody wants it any more)."""
        while True:
            try:
                return part()
            except DATABASE_GONE as error:
                log.warning("The database is gone, trying again: %s", error)
            except Exception:
                log.exception("The worker goes on after an error of its own")
            _start_afresh()
            if self.stop.wait(RECONNECT_SECONDS):
                return None

    def _once(self, part: Callable[[], None]) -> None:
        """Do something that needs the database if it is there."""
        try:
            part()
        except DatabaseError as error:
            log.warning("While stopping: %s", error)
            connection.close()

    def _listen(self) -> None:
        """Wake threads when jobs arrive, and say every few seconds that this worker lives."""
        connection.ensure_connection()
        raw = connection.connection
        raw.execute(f"listen {CHANNEL}")
        self._wake(self.concurrency)
        beaten = 0.0
        while not self.stop.is_set():
            if time.monotonic() - beaten >= HEARTBEAT_SECONDS:
                self._beat()
                beaten = time.monotonic()
            if select.select([raw], (), (), POLL_SECONDS)[0]:
                self._wake(_news_of(raw))

    def _wake(self, threads: int) -> None:
        with self.news:
            self.heard += threads
            self.news.notify(threads)

    def _jobs(self) -> None:
        """Run jobs as one worker of the queue, whatever happens to the database."""
        worker_id = self._patiently(_register)
        if worker_id is not None:
            self.ids.append(worker_id)
            self._patiently(partial(self._work, worker_id))

    def _work(self, worker_id: int) -> None:
        running.give_back(worker_id)
        while not self.stop.is_set():
            heard = self.heard
            job = running.fetch(queues=self.queues, worker_id=worker_id)
            while job is not None:
                job = self._run(job, worker_id)
            with self.news:
                if heard == self.heard:  # else a job came while this thread was asking
                    self.news.wait(POLL_SECONDS)

    def _run(self, job: running.Job, worker_id: int) -> running.Job | None:
        """Run a job and write down how it ended; return the next, if it was taken in the same step."""
        error: Exception | None = None
        try:
            running.perform(job)
        except Exception as raised:  # noqa: BLE001  whatever a job raises is written down
            error = raised
            if isinstance(raised, DATABASE_GONE) or connection.needs_rollback or connection.in_atomic_block:
                _start_afresh()
        try:
            if error is not None:
                running.failed(job, error)
            elif self.stop.is_set():
                running.succeeded(job)
            else:
                return running.succeeded_and_fetch(job, queues=self.queues, worker_id=worker_id)
        except DATABASE_GONE:
            raise
        except DatabaseError as refused:
            # This worker was taken for dead meanwhile, and the job given to another.
            log.warning("%s is no longer this worker's: %s", job, refused)
        return None

    def _ticks(self) -> None:
        self._patiently(self._tick)

    def _tick(self) -> None:
        while not self.stop.wait(TICK_SECONDS):
            ticks.run_ticks(due_only=True)

    def _beat(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_BEAT, [self.ids])

    def _unregister(self) -> None:
        with connection.cursor() as cursor:
            for worker_id in self.ids:
                cursor.execute("select procrastinate_unregister_worker_v1(%s)", [worker_id])


def _register() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select worker_id from procrastinate_register_worker_v1()")
        return int(cursor.fetchone()[0])


def _start_afresh() -> None:
    """Forget this thread's connection with all that it remembers of transactions; the next use opens another.

    A database that dies within a transaction can leave a mark that keeps the old one from connecting again.
    """
    with contextlib.suppress(Exception):
        connection.close()
    del connections[DEFAULT_DB_ALIAS]


def _news_of(raw: psycopg.Connection[Any]) -> int:
    """Read what the server said without asking and return how many jobs it announced.

    Below psycopg's own generator of notifications, which costs more than the rest of the listening.
    """
    with connection.wrap_database_errors:
        raw.pgconn.consume_input()
    news = 0
    while raw.pgconn.notifies() is not None:
        news += 1
    return news
