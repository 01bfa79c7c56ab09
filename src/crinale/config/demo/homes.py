"""Where the demonstration network keeps its things, and the loopback ports that it remembers.

<home>/demo/ca.pem             the authority that everybody here trusts
<home>/demo/ports.json         ports of each node, kept from start to start
<home>/demo/endpoints.json     what a foreign client needs to drive the network
<home>/demo/clock              how far the clock was moved
<home>/demo/mail/              the provider of certified mail, and the mailboxes inside and outside
<home>/demo/secrets/           keys of the authority and of the test clients
<home>/demo/<node>/            the home of each node, laid out as any node's home
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from crinale.config.demo import network
from crinale.config.node import NodeHome, free_port, replace_file
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOPBACK = "127.0.0.1"
TEST_CLIENT_PORTS = "test-client"


class AlreadyRunning(CrinaleError):
    """The demonstration network is running already; stop it with Ctrl-C where it runs."""


class NotRunning(CrinaleError):
    """The demonstration network is not running; start it with `crinale demo`."""


@dataclass(frozen=True)
class NodePorts:
    """The loopback ports of one node."""

    pages: int
    machine: int


@dataclass(frozen=True)
class DemoHome:
    """The folder of the demonstration network."""

    root: Path

    def node(self, name: str) -> Path:
        """The home of one node."""
        return self.root / name

    def down_mark(self, name: str) -> Path:
        """A file that is there while a node is to be down."""
        return self.node(name) / "run" / "down"

    @property
    def secrets(self) -> Path:
        """Keys that belong to no node."""
        return self.root / "secrets"

    @property
    def authority_certificate(self) -> Path:
        """The certificate that every party trusts."""
        return self.root / "ca.pem"

    @property
    def clock(self) -> Path:
        """The clock's file."""
        return self.root / "clock"

    @property
    def mail(self) -> Path:
        """The folder of the provider of certified mail."""
        return self.root / "mail"

    @property
    def endpoints(self) -> Path:
        """The description of the network for foreign clients."""
        return self.root / "endpoints.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the network's lock; the system frees it when the process dies, however it dies.

        :raises AlreadyRunning: when another process holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunning from None
        try:
            yield
        finally:
            os.close(descriptor)

    @property
    def is_running(self) -> bool:
        """Whether a process holds the network's lock."""
        try:
            with self.locked():
                return False
        except AlreadyRunning:
            return True

    def ports(self) -> dict[str, NodePorts]:
        """The ports of every node and of the test client: those remembered, where they are still free."""
        file = self.root / "ports.json"
        remembered = json.loads(file.read_text()) if file.is_file() else {}
        ports = {}
        taken: set[int] = set()
        for name in (*(plan.name for plan in network.NODES), TEST_CLIENT_PORTS):
            wishes = remembered.get(name, {})
            numbers = {}
            for use in ("pages", "machine"):
                numbers[use] = _free_port(wishes.get(use), taken)
                taken.add(numbers[use])
            ports[name] = NodePorts(**numbers)
        file.write_text(json.dumps({name: asdict(row) for name, row in ports.items()}, indent=2) + "\n")
        return ports

    def read_endpoints(self) -> dict[str, object]:
        """What the running (or last run) network wrote about itself."""
        if not self.endpoints.is_file():
            raise NotRunning
        found = json.loads(self.endpoints.read_text())
        if not isinstance(found, dict):
            raise NotRunning
        return found

    def write_endpoints(self, description: dict[str, object]) -> None:
        """Write the description, whole or not at all, readable by its owner only: it holds passwords."""
        replace_file(self.endpoints, json.dumps(description, indent=2, ensure_ascii=False) + "\n")


def demo_home() -> DemoHome:
    """The demonstration network of this machine: under the home of CRINALE_HOME, else under `var`."""
    return DemoHome(NodeHome.current().root / "demo")


def _free_port(wish: int | None, taken: set[int]) -> int:
    if wish is not None and wish not in taken and _is_free(wish):
        return wish
    while (found := free_port()) in taken:
        pass
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Connections of the run before may linger; the servers set the same option.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
