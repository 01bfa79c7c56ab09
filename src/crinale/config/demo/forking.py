"""Starts a node's processes from one warm interpreter, so that a network of four nodes is up in seconds.

Each process of a node spends a second of processor time on importing what all of them import. Here the
libraries are imported once, by the demonstration's own process, and every child is a fork of it that goes on
as the very module that its command names. Nothing else differs from a node of its own: same commands, same
environment, same tether.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

from crinale.config import tether
from crinale.config.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crinale.config.supervisor import Child

# Libraries without any state of a node: nothing here reads Django's settings.
WARM = (
    "asyncio",
    "concurrent.futures",
    "cryptography.hazmat.primitives.asymmetric.padding",
    "cryptography.x509.verification",
    "django.contrib.messages.storage.fallback",
    "django.core.handlers.wsgi",
    "django.core.management",
    "django.core.servers.basehttp",
    "django.db.backends.postgresql.base",
    "django.db.migrations.executor",
    "django.db.models.sql.compiler",
    "django.forms",
    "django.template.backends.django",
    "django.template.defaulttags",
    "django.template.loader_tags",
    "django.urls",
    "django.utils.translation.trans_real",
    "django.views.csrf",
    "granian.server",
    "granian.cli",
    "lxml.etree",
    "multiprocessing.context",
    "procrastinate",
    "psycopg_pool",
    "urllib3",
)


def warm_up() -> None:
    """Import what every process will need; what is not installed is left to those who need it."""
    for name in WARM:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # Forks share these pages as long as the collector does not write its marks into them.
    gc.collect()
    gc.freeze()


class Forked:
    """A forked child, with the part of `subprocess.Popen` that the supervisor uses."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, None while the child runs."""
        if self.returncode is None:
            self._reap(os.WNOHANG)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; `subprocess.TimeoutExpired` when it does not come."""
        if timeout is None and self.returncode is None:
            self._reap(0)
        deadline = time.monotonic() + (timeout or 0)
        while self.poll() is None:
            if time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            time.sleep(0.01)
        return cast("int", self.returncode)

    def terminate(self) -> None:
        """Ask the child to stop."""
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the child has ended: its id may belong to somebody else by now."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _reap(self, options: int) -> None:
        try:
            pid, status = os.waitpid(self.pid, options)
        except ChildProcessError:
            self.returncode = 0
            return
        if pid == self.pid:
            self.returncode = os.waitstatus_to_exitcode(status)


def fork(
    target: Callable[[], object], *, environment: Mapping[str, str], output: Path | None = None
) -> Forked:
    """Run a function in a tethered fork of this process, in a session of its own.

    `environment` is all that it gets. Its output goes to a file, or stays with ours. The exit code is
    0, 1 after an error, or what `SystemExit` says.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(target, parent, environment, output)
    return Forked(pid)


def _become(
    target: Callable[[], object], parent: int, environment: Mapping[str, str], output: Path | None
) -> NoReturn:
    code = 1
    try:
        os.setsid()
        tether.tie_to_parent(signal.SIGTERM)
        if os.getppid() != parent:  # it died in between
            os._exit(1)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        if output is not None:
            _redirect(output)
        os.environ.clear()
        os.environ.update(environment)
        target()
        code = 0
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    except BaseException:  # noqa: BLE001  nothing may return into the parent's code
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _redirect(output: Path) -> None:
    descriptor = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


class ForkingSupervisor(Supervisor):
    """A supervisor whose children are forks that go on as the module of their command."""

    def ask_all_to_stop(self) -> None:
        """Ask, without waiting: `stop_all` of each node in turn then finds most of them gone."""
        for running in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                running.process.terminate()

    def _spawn(self, child: Child) -> subprocess.Popen[bytes]:
        python, option, module, *arguments = child.command
        if python != sys.executable or option != "-m" or _has_threads():
            return super()._spawn(child)
        process = fork(
            lambda: _run_module(module, arguments),
            environment=child.environment,
            output=self.log / f"{child.name}.log",
        )
        (self.run / f"{child.name}.pid").write_text(f"{process.pid}\n", encoding="ascii")
        return cast("subprocess.Popen[bytes]", process)


def _has_threads() -> bool:
    """Whether this process has more than one thread; a fork would have only one.

    The threads of compiled libraries count too: a child of a process that once used typst would hang in it,
    waiting for those that it lacks.
    """
    return sum(1 for _ in Path("/proc/self/task").iterdir()) > 1


def _run_module(module: str, arguments: Sequence[str]) -> None:
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
