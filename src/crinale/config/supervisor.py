"""Keeps child processes running: starts them, restarts one that ends by itself, stops them all cleanly.

Children are tethered: when the supervisor dies, even by kill -9, the kernel tells each of them to stop. Each
child leads its own process group, so that what it has started itself ends with it. Start children from the
main thread: the tether is cut when the thread that made them ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from crinale.config import tether
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STOP_SECONDS: Final = 20.0
_FIRST_DELAY: Final = 0.2
_LONGEST_DELAY: Final = 30.0
_STEADY_SECONDS: Final = 30.0


class NeverReady(CrinaleError):
    """A process of the node ended, or said nothing, while the node was starting; its log says why."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"{name}: {self.__doc__} ({log})\n{log_tail(log)}")


@dataclass(frozen=True)
class Child:
    """A process to keep running; `environment` is the whole of what it gets."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)


@dataclass
class _Running:
    child: Child
    process: subprocess.Popen[bytes]
    started: float
    delay: float = _FIRST_DELAY
    restart_at: float | None = None


class Supervisor:
    """The children of one node; their logs are `<log>/<name>.log`, their process ids `<run>/<name>.pid`."""

    def __init__(self, *, run: Path, log: Path) -> None:
        self.run = run
        self.log = log
        self._running: dict[str, _Running] = {}

    def start(self, child: Child) -> int:
        """Start a child and keep it running; returns its process id."""
        process = self._spawn(child)
        self._running[child.name] = _Running(child, process, time.monotonic())
        return process.pid

    def stop(self, name: str) -> None:
        """Stop one child cleanly and restart it no more."""
        running = self._running.pop(name, None)
        if running is not None:
            self._terminate([running])

    def stop_all(self) -> None:
        """Stop every child cleanly, all at the same time."""
        running, self._running = list(self._running.values()), {}
        self._terminate(running)

    def kill(self, name: str) -> None:
        """End a child as a crash would (kill -9); `watch` restarts it."""
        running = self._running[name]
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()

    def pid(self, name: str) -> int | None:
        """The process id of a child, None while it is down."""
        running = self._running.get(name)
        return running.process.pid if running and running.process.poll() is None else None

    def watch(self) -> list[str]:
        """Restart what has ended, after a delay that doubles with each crash in a row; returns what."""
        restarted = []
        for name, running in self._running.items():
            if running.process.poll() is None:
                continue
            now = time.monotonic()
            if running.restart_at is None:
                self._end_group(running.process)
                if now - running.started > _STEADY_SECONDS:
                    running.delay = _FIRST_DELAY
                running.restart_at = now + running.delay
                running.delay = min(running.delay * 2, _LONGEST_DELAY)
                self._note(
                    name, f"ended with {running.process.returncode}; starts again at once or in a moment"
                )
            if now >= running.restart_at:
                running.process, running.started, running.restart_at = self._spawn(running.child), now, None
                restarted.append(name)
        return restarted

    def ended(self) -> list[str]:
        """The children that are down at this moment."""
        return [name for name, running in self._running.items() if running.process.poll() is not None]

    def _spawn(self, child: Child) -> subprocess.Popen[bytes]:
        with (self.log / f"{child.name}.log").open("ab") as output:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    "-S",
                    tether.__file__,
                    str(os.getpid()),
                    "SIGTERM",
                    "-",
                    *child.command,
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(child.environment),
                # Ctrl-C reaches the supervisor only, which stops things in their order.
                start_new_session=True,
            )
        (self.run / f"{child.name}.pid").write_text(f"{process.pid}\n", encoding="ascii")
        return process

    def _terminate(self, children: list[_Running]) -> None:
        for running in children:
            with contextlib.suppress(ProcessLookupError):
                running.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for running in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.process.wait(max(0.0, deadline - time.monotonic()))
            self._end_group(running.process)
            running.process.wait()
            (self.run / f"{running.child.name}.pid").unlink(missing_ok=True)

    def _end_group(self, process: subprocess.Popen[bytes]) -> None:
        """End what a child left behind; the group keeps the child's id as long as any of it lives."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)

    def _note(self, name: str, text: str) -> None:
        with (self.log / "supervisor.log").open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {name} {text}\n")


def log_tail(log: Path, characters: int = 2000) -> str:
    """The end of a log."""
    with contextlib.suppress(FileNotFoundError):
        return log.read_text(encoding="utf-8", errors="replace")[-characters:]
    return ""
