"""The embedded PostgreSQL starts anywhere, loses no row to a kill, and touches nobody's directories."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from crinale.config import unprivileged
from crinale.config.embedded_postgres import EmbeddedPostgres, find_binaries, scratch_home
from crinale.config.node import NodeHome
from crinale.config.tests.conftest import alive, wait_until
from crinale.config.unprivileged import NOBODY

START_AND_WAIT = """
import sys, pathlib
from crinale.config import unprivileged
from crinale.config.embedded_postgres import EmbeddedPostgres
from crinale.config.node import NodeHome
server = EmbeddedPostgres(NodeHome(pathlib.Path(sys.argv[1])))
server.start()
print(server.process.pid, server.owner_url(), flush=True)
sys.stdin.read()
server.stop()
"""


IMPORTABLE = f"import sys; assert sys.version_info[:2] == {sys.version_info[:2]}; open({psycopg.__file__!r})"


def one(url: str, query: str) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def test_it_is_durable_private_and_italian(home: NodeHome) -> None:
    with EmbeddedPostgres(home) as server:
        for setting, value in {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "listen_addresses": "127.0.0.1",
            "server_encoding": "UTF8",
        }.items():
            assert one(server.owner_url(), f"show {setting}") == value
        assert one(
            server.owner_url(),
            "select to_tsvector('italian', 'le deliberazioni') @@ to_tsquery('italian', 'deliberazione')",
        )
        assert (
            one(
                server.superuser_url(),
                "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'",
            )
            == 0
        )
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.app_url().replace(home.secret("postgres-app"), "guess"))
        assert home.postgres.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in home.secrets.iterdir())
    assert not server.alive()


def test_neither_role_can_step_over_row_level_security_and_the_application_makes_no_tables(
    home: NodeHome,
) -> None:
    with EmbeddedPostgres(home) as server:
        for url in (server.owner_url(), server.app_url()):
            assert (
                one(url, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
                is False
            )
        with (
            psycopg.connect(server.app_url()) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("create table mine ()")


def test_it_keeps_its_port_and_takes_another_when_somebody_sits_there(home: NodeHome) -> None:
    with EmbeddedPostgres(home) as server:
        first = server.port
    with EmbeddedPostgres(home) as server:
        assert server.port == first
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", first))
        squatter.listen()
        with EmbeddedPostgres(home) as server:
            assert server.port != first
            assert home.settings()["postgres"]["port"] == server.port


def test_when_its_starter_is_killed_it_shuts_down_cleanly_and_starts_again(
    home: NodeHome, run_python: Any
) -> None:
    starter = run_python(START_AND_WAIT, str(home.root))
    pid, url = starter.stdout.readline().split()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table kept as select 42 as answer")
    starter.send_signal(signal.SIGKILL)
    wait_until(lambda: not alive(int(pid)))
    assert "database system is shut down" in (home.log / "postgres.log").read_text()
    with EmbeddedPostgres(home) as server:
        assert one(server.owner_url(), "select answer from kept") == 42


def test_it_recovers_from_kill_9_of_itself_and_all_its_processes(home: NodeHome) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    with psycopg.connect(server.owner_url(), autocommit=True) as connection:
        connection.execute("create table kept as select generate_series(1, 1000) as number")
    assert server.process is not None
    os.killpg(server.process.pid, signal.SIGKILL)
    wait_until(lambda: not server.alive())
    assert (home.postgres / "postmaster.pid").exists(), "the stale pid file is what this test is about"
    server.start()
    assert one(server.owner_url(), "select count(*) from kept") == 1000
    server.stop()


def test_a_stale_pid_file_naming_a_stranger_harms_nobody(home: NodeHome, run_python: Any) -> None:
    EmbeddedPostgres(home).__enter__().stop()
    stranger = run_python("import sys; sys.stdin.read()")
    (home.postgres / "postmaster.pid").write_text(f"{stranger.pid}\n{home.postgres}\n")
    with EmbeddedPostgres(home) as server:
        assert server.alive()
    assert stranger.poll() is None


def test_a_kill_in_the_middle_of_creation_leaves_nothing_in_the_way(home: NodeHome) -> None:
    home.prepare()
    (home.root / "postgres.new" / "base").mkdir(parents=True)
    with EmbeddedPostgres(home) as server:
        assert server.alive()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs to become somebody else")
def test_root_runs_it_as_nobody_where_nobody_can_enter(home: NodeHome) -> None:
    before = home.root.stat()
    with EmbeddedPostgres(home) as server:
        assert server.process is not None
        assert Path(f"/proc/{server.process.pid}").stat().st_uid == NOBODY
    after = home.root.stat()
    assert (before.st_mode, before.st_uid) == (after.st_mode, after.st_uid)


def _programs_in(closed: Path) -> Path:
    """Put the programs in the closed directory too, as in a checkout below /root."""
    installed = find_binaries()
    package = installed.parents[1]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(folder, closed / folder.name)
    return closed / installed.relative_to(package.parent)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs to become somebody else")
@pytest.mark.parametrize("namespaces", [True, False], ids=["namespaces", "no namespaces"])
def test_root_runs_it_in_a_closed_directory_without_opening_it(
    namespaces: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not namespaces:
        monkeypatch.setattr(unprivileged, "user_namespaces", lambda: False)
    elif not unprivileged.user_namespaces():
        pytest.skip("this system gives nobody a user namespace")
    closed = scratch_home("crinale-closed-")
    closed.chmod(0o700)
    users = Path("/etc/passwd").read_bytes()
    try:
        home = NodeHome(closed / "node")
        with EmbeddedPostgres(home, binaries=_programs_in(closed)) as server:
            assert one(server.owner_url(), "select 1") == 1
        assert closed.stat().st_mode & 0o777 == 0o700
        assert Path("/etc/passwd").read_bytes() == users
        closed.chmod(0o711)  # opened later by its owner: the data change hands
        with EmbeddedPostgres(home) as server:
            assert one(server.owner_url(), "select 1") == 1
    finally:
        shutil.rmtree(closed)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
@pytest.mark.parametrize("uid", [NOBODY, 12345], ids=["with a name", "without a name"])
def test_an_ordinary_user_runs_it_as_himself(run_python: Any, uid: int) -> None:
    root = scratch_home("crinale-user-")
    try:
        os.chown(root, uid, uid)
        as_user = (
            "setpriv",
            f"--reuid={uid}",
            f"--regid={uid}",
            "--clear-groups",
            "env",
        )  # env: setpriv still has root's powers when it starts its command
        pythons = [sys.executable, "/usr/bin/python3"]
        usable = [
            python
            for python in pythons
            if subprocess.run(
                [*as_user, python, "-c", IMPORTABLE], check=False, capture_output=True
            ).returncode
            == 0
        ]
        if not usable:
            pytest.skip("no Python of this version here that another user may run")
        starter = run_python(START_AND_WAIT, str(root), prefix=as_user, python=usable[0])
        line = starter.stdout.readline()
        assert line, starter.stderr.read()
        pid, url = line.split()
        assert Path(f"/proc/{pid}").stat().st_uid == uid
        assert one(url, "select 1") == 1
        starter.stdin.close()
        wait_until(lambda: not alive(int(pid)))
    finally:
        shutil.rmtree(root)
