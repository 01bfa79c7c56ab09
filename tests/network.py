"""The demonstration network as real processes: to start it, hurt it, look into its databases."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from crinale.config.database_urls import OWNER_ROLE, url
from crinale.config.node import REPOSITORY, NodeHome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

READY = "Ctrl-C stops everything."
NODES = ("tix", "nal-colline-metallifere", "nal-provincia-grosseto", "nal-piombino")


def environment(home: Path) -> dict[str, str]:
    """What a command needs to find its home, and nothing of the test session's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CRINALE_", "DJANGO_"))}
    return {**kept, "CRINALE_HOME": str(home), "PYTHONPATH": str(REPOSITORY / "src"), "PYTHONUNBUFFERED": "1"}


def crinale(home: Path, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a command of the program to its end."""
    return subprocess.run(
        [sys.executable, "-m", "crinale.config.cli", *arguments],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@dataclass
class Network:
    """A demonstration network in a home of its own."""

    home: Path
    process: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)
    started_in: float = 0.0

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        begin = time.monotonic()
        self.said = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crinale.config.cli", "demo"],
            env=environment(self.home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        wait_until(lambda: any(READY in line for line in self.said) or self.ended(), 120, "the network")
        assert not self.ended(), "".join(self.said)
        self.started_in = time.monotonic() - begin

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as stdout:
            self.said.extend(stdout)

    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.process is None or self.process.poll() is not None

    def stop(self) -> int:
        """Stop it as Ctrl-C does."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def run(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command beside it."""
        return crinale(self.home, *arguments, timeout=timeout)

    # What it is made of

    @property
    def endpoints(self) -> dict[str, Any]:
        """Its description of itself."""
        found: dict[str, Any] = json.loads((self.home / "demo" / "endpoints.json").read_text())
        return found

    def node_home(self, node: str) -> NodeHome:
        """The home of a node."""
        return NodeHome(self.home / "demo" / node)

    def area(self, aoo_code: str) -> dict[str, Any]:
        """The description of an area."""
        for node in self.endpoints["nodes"].values():
            for area in node["areas"]:
                if area["aoo_code"] == aoo_code:
                    return dict(area)
        raise KeyError(aoo_code)

    def pid(self, node: str, process: str) -> int:
        """The id of a process of a node: web, machine, worker, or postgres."""
        home = self.node_home(node)
        if process == "postgres":
            return int((home.postgres / "postmaster.pid").read_text().split("\n", 1)[0])
        return int((home.run / f"{process}.pid").read_text())

    def family(self, node: str, process: str) -> list[int]:
        """A process and all that it started."""
        return descendants(self.pid(node, process))

    # What it knows

    def connect(self, node: str) -> psycopg.Connection[Any]:
        """A connection as the owner of a node's database, who sees every body."""
        home = self.node_home(node)
        port = home.settings()["postgres"]["port"]
        return psycopg.connect(
            url(user=OWNER_ROLE, password=home.existing_secret("postgres-owner"), port=port), autocommit=True
        )

    def rows(self, node: str, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask a node's database; while it restarts, wait for it."""
        deadline = time.monotonic() + 30
        while True:
            try:
                with self.connect(node) as connection:
                    return connection.execute(query.encode(), parameters).fetchall()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def story(self) -> str:
        """What explains a wait in vain: messages on their way, jobs, and the ends of the logs."""
        lines = ["".join(self.said[-30:])]
        for node in NODES:
            for title, query in _STORY.items():
                lines += [f"{node} {title}: {' | '.join(map(str, row))}" for row in self.rows(node, query)]
            for log in sorted(self.node_home(node).log.glob("*.log")):
                lines += [f"--- {node} {log.name}", log.read_text(errors="replace")[-3000:]]
        return "\n".join(lines)


_STORY = {
    "message": "select m.subject, m.direction, m.counterpart_aoo, m.state, m.errand, m.failures, m.stuck,"
    " m.next_attempt_at, now(),"
    " string_agg(concat_ws(' ', r.kind, r.data->>'code', r.data->>'reason'), ', ' order by r.seq)"
    " from exchange_message m left join exchange_receipt r on r.message_id = m.id"
    " where m.state not in ('registered', 'refused') or m.errand <> '' group by m.id limit 40",
    "job": "select id, status, task_name, attempts, scheduled_at, worker_id, args"
    " from procrastinate_jobs limit 40",
    "worker": "select *, now() from procrastinate_workers",
    "mail": "select subject, kind, sender_address, state, reason from exchange_mail"
    " order by id desc limit 40",
    "mailbox": "select address, last_uid, checked_at, failing_since, last_error, now() from exchange_mailbox",
    "session": "select pid, state, wait_event, now() - state_change, left(query, 100) from pg_stat_activity"
    " where backend_type = 'client backend'",
}


def wait_until(
    done: Callable[[], bool], seconds: float, what: str, *, story: Callable[[], str] = lambda: ""
) -> None:
    """Ask again and again; fails when the answer is still no at the end, and tells the story of it."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}\n{story()}"
        time.sleep(0.05)


def descendants(pid: int) -> list[int]:
    """A process and its children, and theirs."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [pid, *(found for child in text.split() for found in descendants(int(child)))]


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
