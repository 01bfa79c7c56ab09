"""The supervisor: what crashes comes back, what is stopped stays away, and nothing outlives it."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from crinale.config.supervisor import Child, Supervisor
from crinale.config.tests.conftest import alive, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOREVER = "import signal; signal.pause()"
WITH_GRANDCHILD = f"""
import subprocess, sys, pathlib
child = subprocess.Popen([sys.executable, "-c", {FOREVER!r}])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
child.wait()
"""
DEAF = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
signal.pause()
"""
SUPERVISE = f"""
import pathlib, sys
from crinale.config.supervisor import Child, Supervisor
directory = pathlib.Path(sys.argv[1])
supervisor = Supervisor(run=directory, log=directory)
print(supervisor.start(Child("forever", (sys.executable, "-c", {FOREVER!r}), {{}})), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(run=tmp_path, log=tmp_path)
    yield supervisor
    supervisor.stop_all()


def python(script: str, *arguments: str, name: str = "child") -> Child:
    return Child(name, (sys.executable, "-c", script, *arguments), {})


def test_a_killed_child_is_started_again_and_a_stopped_one_is_not(supervisor: Supervisor) -> None:
    first = supervisor.start(python(FOREVER))
    assert supervisor.watch() == []
    supervisor.kill("child")
    assert supervisor.pid("child") is None
    wait_until(lambda: supervisor.watch() == ["child"])
    second = supervisor.pid("child")
    assert second not in (None, first)
    assert (supervisor.run / "child.pid").read_text() == f"{second}\n"
    supervisor.stop("child")
    assert not alive(second or 0)
    assert supervisor.watch() == []
    assert not (supervisor.run / "child.pid").exists()


def test_a_child_that_ends_at_once_is_started_again_less_and_less_often(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("crinale.config.supervisor.time.monotonic", lambda: now)
    supervisor.start(python("raise SystemExit(3)"))
    waits = []
    for _ in range(5):
        supervisor._running["child"].process.wait()
        since = now
        while not supervisor.watch():
            now += 0.1
        waits.append(now - since)
    assert waits == sorted(waits)
    assert waits[-1] > 8 * waits[0]
    assert "ended with 3" in (supervisor.log / "supervisor.log").read_text()


def test_what_a_child_started_ends_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    supervisor.start(python(WITH_GRANDCHILD, str(note)))
    wait_until(lambda: note.exists() and note.read_text() != "")
    grandchild = int(note.read_text())
    supervisor.kill("child")
    assert alive(grandchild)
    supervisor.watch()
    wait_until(lambda: not alive(grandchild))


def test_a_deaf_child_is_stopped_all_the_same(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crinale.config.supervisor.STOP_SECONDS", 0.2)
    pid = supervisor.start(python(DEAF))
    wait_until(lambda: "deaf" in (supervisor.log / "child.log").read_text())
    supervisor.stop_all()
    assert not alive(pid)


def test_children_end_with_a_killed_supervisor(tmp_path: Path, run_python: Any) -> None:
    process = run_python(SUPERVISE, str(tmp_path))
    child = int(process.stdout.readline())
    assert alive(child)
    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not alive(child))
