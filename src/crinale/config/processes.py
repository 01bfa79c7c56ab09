"""The processes of a node: its database, its two web listeners and its worker, started in that order.

    NodeProcesses(NodeHome.current()).run()

The node's settings (node.toml) say which processes there are:

    [web]      host, port, workers, threads        the pages, behind a reverse proxy in production
    [machine]  host, port, workers, threads,       the interfaces for other administrations, mutual TLS;
               certificate, key, client_ca         PEM files, relative to the home; without them no listener
    [worker]   concurrency                         background jobs; 0: none on this machine
    [postgres] port                                the embedded database; unused with CRINALE_DATABASE_URL
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import psycopg

import crinale
from crinale.config import installation
from crinale.config.database_urls import APP_URL, OWNER_URL, DatabaseRole, database_url
from crinale.config.embedded_postgres import EmbeddedPostgres, PostgresRefused
from crinale.config.migrate import NoDatabase, migrate
from crinale.config.supervisor import Child, NeverReady, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from crinale.config.node import NodeHome

WEB: Final = "web"
MACHINE: Final = "machine"
WORKER: Final = "worker"
PARTS: Final = (WEB, MACHINE, WORKER)
READY_SECONDS: Final = 60.0
_DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    WEB: {"host": "127.0.0.1", "port": 8000, "workers": 1, "threads": 4},
    MACHINE: {"host": "127.0.0.1", "port": 8443, "workers": 1, "threads": 8},
    WORKER: {"concurrency": 4},
}


class NodeProcesses:
    """What runs while a node runs.

    `environment` is added to that of every process; `parts` names those to run, where a node spans machines.
    """

    def __init__(
        self, home: NodeHome, *, environment: Mapping[str, str] | None = None, parts: Collection[str] = PARTS
    ) -> None:
        self.home = home
        self.parts = frozenset(parts)
        self.environment = dict(environment or {})
        self.supervisor = Supervisor(run=home.run, log=home.log)
        self.postgres: EmbeddedPostgres | None = None

    def start(self) -> None:
        """Start everything; returns when the listeners answer."""
        try:
            self.start_database()
            self.start_children()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise

    def start_database(self) -> None:
        """Start the embedded database (unless the environment names a server) and bring it up to the code."""
        self.home.prepare()
        self.home.secret("django")
        self.home.secret("second-factors")
        if OWNER_URL in os.environ or APP_URL in os.environ:
            if OWNER_URL in os.environ:
                migrate(home=self.home)
            return
        self.postgres = EmbeddedPostgres(self.home)
        self.postgres.start()
        migrate(self.postgres.owner_url(), self.postgres.app_url(), home=self.home)

    def start_children(self) -> None:
        """Start the web listeners and the worker; does not wait for them."""
        installation.refresh()
        for child in self.children():
            if child.name in self.parts:
                self.supervisor.start(child)

    def wait_ready(self) -> None:
        """Wait until the listeners accept connections.

        :raises NeverReady: when one of them ends, or is not there in a minute.
        """
        deadline = time.monotonic() + READY_SECONDS
        for name in self.parts.intersection(self.listeners()):
            while not _accepts(self.host_and_port(name)):
                if name in self.supervisor.ended() or time.monotonic() > deadline:
                    raise NeverReady(name, self.home.log / f"{name}.log")
                time.sleep(0.05)

    def watch(self) -> list[str]:
        """Restart what has crashed, the database first; returns what. To be called about once a second."""
        restarted = []
        if self.postgres is not None and not self.postgres.alive():
            # It may be killed again while it recovers, or wait for the last of its children: next time then.
            with contextlib.suppress(PostgresRefused, psycopg.OperationalError):
                self.postgres.start()
                restarted.append("postgres")
        return restarted + self.supervisor.watch()

    def stop(self) -> None:
        """Stop everything cleanly, the database last."""
        self.supervisor.stop_all()
        if self.postgres is not None:
            self.postgres.stop()

    def run(self, started: Callable[[], object] = lambda: None) -> None:
        """Start, call `started` when the listeners answer, watch until SIGINT or SIGTERM, stop."""
        stopping = threading.Event()
        with stop_on_signals(stopping):
            try:
                self.start()
                started()
                while not stopping.wait(0.5):
                    self.watch()
            finally:
                self.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # What runs

    def settings(self, name: str) -> dict[str, Any]:
        """The settings of one process: the node's over the defaults."""
        return {**_DEFAULTS[name], **self.home.settings().get(name, {})}

    def listeners(self) -> list[str]:
        """The web listeners of this node; `machine` only where it has a certificate."""
        return [WEB, *([MACHINE] if self.settings(MACHINE).get("certificate") else [])]

    def host_and_port(self, name: str) -> tuple[str, int]:
        """Where a listener listens."""
        settings = self.settings(name)
        return str(settings["host"]), int(settings["port"])

    def children(self) -> list[Child]:
        """The processes that the settings ask for."""
        children = [self._listener(name) for name in self.listeners()]
        if concurrency := int(self.settings(WORKER)["concurrency"]):
            command = (sys.executable, "-m", "crinale.config.worker", "--concurrency", str(concurrency))
            children.append(Child(WORKER, command, self.child_environment(WORKER)))
        return children

    def _listener(self, name: str) -> Child:
        settings = self.settings(name)
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws",
            "--host", str(settings["host"]), "--port", str(settings["port"]),
            "--workers", str(settings["workers"]), "--blocking-threads", str(settings["threads"]),
            "--backpressure", str(4 * settings["threads"]), "--respawn-failed-workers",
            "--workers-kill-timeout", "10", "--log-level", "warning",
        ]  # fmt: skip
        if name == MACHINE:
            command += ["--ssl-client-verify", "--ssl-protocol-min", "tls1.2"]
            for option, key in (("certificate", "certificate"), ("keyfile", "key"), ("ca", "client_ca")):
                command += [f"--ssl-{option}", str(self.home.root / settings[key])]
        else:
            command += ["--static-path-mount", str(installation.SERVED), "--static-path-expires", "31536000"]
        return Child(name, (*command, "crinale.config.wsgi:application"), self.child_environment(name))

    def child_environment(self, name: str) -> dict[str, str]:
        """The environment of a process of this node: the application's credentials, never the owner's."""
        app_url = self.postgres.app_url() if self.postgres else database_url(DatabaseRole.APP, home=self.home)
        if app_url is None:
            raise NoDatabase
        environment = {key: value for key, value in os.environ.items() if key != OWNER_URL}
        return {
            **environment,
            "CRINALE_HOME": str(self.home.root),
            APP_URL: app_url,
            "CRINALE_DB_ROLE": "app",
            "CRINALE_LISTENER": "machine" if name == MACHINE else "pages",
            "CRINALE_TETHERED": "1",
            "DJANGO_SETTINGS_MODULE": "crinale.config.settings",
            "PYTHONPATH": str(Path(crinale.__file__).parents[1]),
            "PYTHONUNBUFFERED": "1",
            **self.environment,
        }


@contextlib.contextmanager
def stop_on_signals(stopping: threading.Event) -> Iterator[None]:
    """Set the event on SIGINT or SIGTERM while the block runs."""
    before = {
        number: signal.signal(number, lambda *_: stopping.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _accepts(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True
