"""A whole node: real processes, real certificates, real kills."""

from __future__ import annotations

import http.client
import os
import signal
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from crinale.config import installation
from crinale.config.demo import pki
from crinale.config.node import free_port
from crinale.config.processes import MACHINE, WEB, WORKER, NodeProcesses
from crinale.config.tests.conftest import alive, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crinale.config.node import NodeHome
    from crinale.config.testing.databases import TestDatabase

RUN_A_NODE = """
import pathlib, sys
from crinale.config.node import NodeHome
from crinale.config.processes import NodeProcesses
node = NodeProcesses(NodeHome(pathlib.Path(sys.argv[1])))
def tell():
    print(node.postgres.process.pid, *(node.supervisor.pid(name) for name in ("web", "worker")), flush=True)
node.run(tell)
print("stopped", flush=True)
"""


@pytest.fixture
def authority(tmp_path: Path) -> pki.Authority:
    return pki.Authority(tmp_path / "authority")


@pytest.fixture
def node(
    home: NodeHome, fresh_database: TestDatabase, authority: pki.Authority, monkeypatch: pytest.MonkeyPatch
) -> Iterator[NodeProcesses]:
    """A running node on a database of its own, with both listeners and a worker."""
    for name, value in fresh_database.environment().items():
        monkeypatch.setenv(name, value)
    server = authority.issue(
        pki.Credential.at(home.root, "server"), subject=pki.node_name("server"), server_names=("127.0.0.1",)
    )
    home.update_settings(
        web={"port": free_port()},
        machine={
            "port": free_port(),
            "certificate": "server.pem",
            "key": str(server.key),
            "client_ca": str(authority.credential.certificate),
        },
        worker={"concurrency": 1},
    )
    with NodeProcesses(home) as running:
        yield running


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]


def get(node: NodeProcesses, path: str) -> Answer:
    connection = http.client.HTTPConnection(*node.host_and_port(WEB), timeout=20)
    try:
        connection.request("GET", path)
        with connection.getresponse() as response:
            return Answer(response.status, dict(response.headers.items()))
    finally:
        connection.close()


def answers(node: NodeProcesses) -> bool:
    try:
        return get(node, "/static/htmx/htmx.min.js").status == 200
    except OSError:
        return False


def ask_machine(node: NodeProcesses, authority: pki.Authority, client: pki.Credential | None) -> int:
    context = ssl.create_default_context(cafile=authority.credential.certificate)
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    connection = http.client.HTTPSConnection(*node.host_and_port(MACHINE), context=context, timeout=20)
    try:
        connection.request("GET", "/nothing-here")
        with connection.getresponse() as response:
            return response.status
    finally:
        connection.close()


def test_a_node_serves_and_comes_back_from_every_crash(node: NodeProcesses) -> None:
    assert answers(node)
    for name in (WEB, MACHINE, WORKER):
        before = node.supervisor.pid(name)
        node.supervisor.kill(name)
        wait_until(lambda name=name: name in node.watch())  # type: ignore[misc]  # bound now
        assert node.supervisor.pid(name) not in (None, before)
    wait_until(lambda: answers(node))
    node.wait_ready()


def test_served_files_are_named_by_their_digest_and_kept_for_good(node: NodeProcesses) -> None:
    import json

    names = json.loads((installation.SERVED / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    name = names["bootstrap-italia/css/bootstrap-italia.min.css"]
    response = get(node, f"/static/{name}")
    assert (response.status, response.headers["content-type"]) == (200, "text/css")
    assert "max-age=31536000" in response.headers["cache-control"]
    assert get(node, "/static/../staticfiles.py").status == 404


def test_the_machine_listener_wants_a_valid_certificate_of_a_known_authority(
    node: NodeProcesses, authority: pki.Authority, tmp_path: Path
) -> None:
    stranger = pki.Authority(tmp_path / "stranger")
    good = authority.issue(pki.Credential.at(tmp_path, "good"), subject=pki.node_name("good"))
    late = authority.issue(pki.Credential.at(tmp_path, "late"), subject=pki.node_name("late"), expired=True)
    foreign = stranger.issue(pki.Credential.at(tmp_path, "foreign"), subject=pki.node_name("foreign"))

    assert ask_machine(node, authority, good) == 404
    for refused in (late, foreign, None):
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            ask_machine(node, authority, refused)


def test_no_process_of_a_node_gets_the_owners_credentials(
    node: NodeProcesses, fresh_database: TestDatabase
) -> None:
    for name in (WEB, MACHINE, WORKER):
        pid = node.supervisor.pid(name)
        assert pid is not None
        with open(f"/proc/{pid}/environ", "rb") as environment:  # noqa: PTH123  a file of the kernel
            assert fresh_database.owner_url.encode() not in environment.read()


def test_a_killed_node_leaves_nothing_running_and_starts_again(home: NodeHome, run_python: Any) -> None:
    home.update_settings(web={"port": free_port()}, worker={"concurrency": 1})
    first = run_python(RUN_A_NODE, str(home.root))
    line = first.stdout.readline()
    assert line, first.stderr.read()
    pids = [int(pid) for pid in line.split()]
    children = [pid for parent in pids for pid in _children(parent)]
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in [*pids, *children]))

    second = run_python(RUN_A_NODE, str(home.root))
    database = int(second.stdout.readline().split()[0])
    second.send_signal(signal.SIGTERM)
    assert second.stdout.readline() == "stopped\n"
    wait_until(lambda: not alive(database))


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:  # noqa: PTH123  a file of the kernel
        return [int(child) for child in children.read().split()]


def test_the_worker_reports_for_work_and_leaves_when_it_is_stopped(
    node: NodeProcesses, fresh_database: TestDatabase
) -> None:
    with psycopg.connect(fresh_database.app_url, autocommit=True) as connection:

        def at_work() -> int:
            row = connection.execute("select count(*) from procrastinate_workers").fetchone()
            assert row is not None
            return int(row[0])

        wait_until(lambda: at_work() > 0)
        node.supervisor.stop(WORKER)
        assert at_work() == 0
