"""A running node, asked over the wire: what its server does to requests, and the examples of the guide."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import urllib3

from crinale.config.node import REPOSITORY, NodeHome, free_port
from crinale.config.processes import WEB, WORKER, NodeProcesses
from crinale.config.tests.conftest import home, wait_until
from crinale.connectors.web_calls.tests.receivers import receiver
from crinale.services.program_interface.tests.callers import EVERYTHING, ROOT, incoming
from crinale.spine.identity import programs
from crinale.spine.protocol.tests.conftest import ports
from crinale.spine.protocol.tests.town import build_town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crinale.config.testing.databases import TestDatabase

__all__ = ["home", "ports"]
GUIDE = (REPOSITORY / "docs" / "interface.md").read_text(encoding="utf-8")
SHELL, ARRIVAL, VERIFICATION = (
    next(block for kind, block in re.findall(r"```(sh|python)\n(.*?)```", GUIDE, re.DOTALL) if sign in block)
    for sign in ("--fail-with-body", "urllib.request", "def is_genuine")
)


@dataclass(frozen=True)
class Running:
    """A node that serves, and a program that it knows."""

    home: NodeHome
    port: int
    aoo: str
    client_id: str
    secret: str

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def ask(self, method: str, path: str, **more: Any) -> urllib3.BaseHTTPResponse:
        return urllib3.request(method, self.base + path, retries=False, timeout=20, **more)

    def token(self) -> str:
        answer = self.ask(
            "POST",
            "/oauth2/token",
            body="grant_type=client_credentials",
            headers={
                **urllib3.make_headers(basic_auth=f"{self.client_id}:{self.secret}"),
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        assert answer.status == 200, answer.data
        return str(answer.json()["access_token"])

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "BASE": self.base,
            "AOO": self.aoo,
            "CLIENT_ID": self.client_id,
            "CLIENT_SECRET": self.secret,
        }


@pytest.fixture
def running(
    home: NodeHome, fresh_database: TestDatabase, ports: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    for name, value in fresh_database.environment().items():
        monkeypatch.setenv(name, value)
    town = build_town()
    made = programs.add(
        actor=ROOT, name="SUAP", area_id=town.area_id, body_id=town.body_id, scopes=EVERYTHING
    )
    secret = programs.new_secret(actor=ROOT, program_id=made.id)
    port = free_port()
    home.update_settings(
        web={"port": port},
        worker={"concurrency": 1},
        interface={"private_webhooks": True, "requests_per_address": 20, "address_header": "X-Real-IP"},
    )
    with NodeProcesses(home, parts={WEB, WORKER}):
        yield Running(home, port, town.code, str(made.id), secret)
    assert "Traceback" not in (home.log / "web.log").read_text(encoding="utf-8")


def test_the_examples_of_the_guide_run(running: Running, tmp_path: Path) -> None:
    if missing := [one for one in ("curl", "jq", "openssl") if shutil.which(one) is None]:
        pytest.skip(f"the example needs {', '.join(missing)}")
    numbers = []
    for command, first in (
        (["sh", "-c", SHELL], "Protocollo n. 1/"),
        (["sh", "-c", SHELL], "Protocollo n. 1/"),  # the same key: the same number
        ([sys.executable, "-c", ARRIVAL], "Protocollo n. 2/"),
    ):
        ran = subprocess.run(
            command, env=running.environment(), cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        told, document = ran.stdout.splitlines()
        assert told.startswith(first)
        assert document == "Chiedo"
        numbers.append(told)
    assert numbers[0] == numbers[1]


def test_an_event_arrives_and_is_genuine_as_the_guide_checks_it(running: Running) -> None:
    known: dict[str, Any] = {}
    exec(VERIFICATION, known)  # noqa: S102  the guide's own words
    bearer = {"Authorization": f"Bearer {running.token()}"}
    area = f"/v1/aoo/{running.aoo}"
    with receiver() as other:
        subscribed = running.ask(
            "POST",
            f"{area}/subscriptions",
            json={"url": other.url, "kinds": ["registration.created"]},
            headers=bearer,
        )
        assert subscribed.status == 201, subscribed.data
        made = _registered(running, bearer)
        wait_until(lambda: bool(other.heard), seconds=30)
        ((headers, body),) = other.heard
    secret = subscribed.json()["secret"]
    assert known["is_genuine"](headers, body, secret)
    assert not known["is_genuine"](headers, body + b" ", secret)
    assert not known["is_genuine"]({**headers, "webhook-timestamp": "1"}, body, secret)
    assert json.loads(body)["data"]["registration_id"] == made["registration_id"]


def test_what_the_server_does_to_requests(running: Running) -> None:
    bearer = {"Authorization": f"Bearer {running.token()}"}
    area = f"/v1/aoo/{running.aoo}"
    made = _registered(running, bearer)
    sha256 = made["documents"][0]["sha256"]
    headers = {**bearer, "If-Match": f'"{sha256}"'}
    whole = running.ask("GET", f"{area}/documents/{sha256}", headers=headers)
    assert hashlib.sha256(whole.data).hexdigest() == sha256
    part = running.ask("GET", f"{area}/documents/{sha256}", headers={**headers, "Range": "bytes=3-7"})
    assert (part.status, part.data) == (206, whole.data[3:8])
    assert part.headers["Content-Range"] == f"bytes 3-7/{len(whole.data)}"
    told = running.ask("HEAD", f"{area}/documents/{sha256}", headers=headers)
    assert (told.status, told.data, told.headers["Content-Length"]) == (200, b"", str(len(whole.data)))
    # A body without a length, and one that breaks off.
    chunked = running.ask(
        "POST",
        f"{area}/documents?file_name=a.txt",
        body=iter([b"half of ", b"a document"]),
        headers={**bearer, "Content-Type": "text/plain"},
    )
    assert (chunked.status, chunked.headers["Content-Type"]) == (411, "application/problem+json")
    _break_off(running, f"{area}/documents?file_name=a.txt", bearer["Authorization"])
    # Strangers are counted by the address that the proxy tells.
    refused = [
        running.ask("GET", f"{area}/offices", headers={"X-Real-IP": "192.0.2.1"}).status
        for _time in range(21)
    ]
    assert (refused[0], refused[20]) == (401, 429)
    assert running.ask("GET", f"{area}/offices", headers={"X-Real-IP": "192.0.2.2"}).status == 401
    assert running.ask("GET", f"{area}/offices", headers=bearer).status == 200


def _registered(running: Running, bearer: dict[str, str]) -> dict[str, Any]:
    area = f"/v1/aoo/{running.aoo}"
    delivered = running.ask(
        "POST",
        f"{area}/documents?file_name=istanza.txt",
        body=b"Si chiede l'accesso.",
        headers={**bearer, "Content-Type": "text/plain"},
    )
    assert delivered.status == 201, delivered.data
    made = running.ask(
        "POST",
        f"{area}/registrations/incoming",
        json=incoming(delivered.json()["document_id"]),
        headers={**bearer, "Idempotency-Key": "1"},
    )
    assert made.status == 201, made.data
    found: dict[str, Any] = made.json()
    return found


def _break_off(running: Running, path: str, authorization: str) -> None:
    """Promise a hundred bytes, send four, say no more: nothing is stored of it."""
    stored = {one for one in running.home.blobs.rglob("*") if one.is_file()}
    request = (
        f"POST /api{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n"
        "Content-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf"
    )
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
        connection.sendall(request.encode())
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            assert b" 201 " not in connection.recv(1000)
    assert {one for one in running.home.blobs.rglob("*") if one.is_file()} == stored
