"""A big attachment passes in pieces: neither side ever holds it in memory."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crinale.connectors.blob_folder import FolderBlobStore
from tests.faults.test_outages import RECIPIENT, RECIPIENT_NODE, SENDER, SENDER_NODE, message
from tests.network import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.network import Network

pytestmark = pytest.mark.xdist_group("network")
MEGABYTE = 1 << 20
SIZE = 200 * MEGABYTE
EXTRA = 150 * MEGABYTE


@pytest.fixture
def attachment(tmp_path: Path) -> Path:
    """200 MB that do not compress."""
    file = tmp_path / "rilievo.bin"
    with file.open("wb") as stream:
        for _ in range(SIZE // MEGABYTE):
            stream.write(os.urandom(MEGABYTE))
    return file


class Watch:
    """The highest memory of some processes over what they had at the beginning."""

    def __init__(self, network: Network, *where: tuple[str, str]) -> None:
        self._network, self._where = network, where
        self._begin = {pid: resident(pid) for pid in self._pids()}
        self._ending = threading.Event()
        self.extra: dict[int, int] = {}

    def _pids(self) -> list[int]:
        return [pid for node, process in self._where for pid in self._network.family(node, process)]

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        yield
        self._ending.set()
        thread.join()

    def _look(self) -> None:
        while not self._ending.wait(0.02):
            for pid in self._begin:
                self.extra[pid] = max(self.extra.get(pid, 0), resident(pid) - self._begin[pid])


def resident(pid: int) -> int:
    """Memory of a process, without the files that it maps; 0 when it is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        found = re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) * 1024 if found else 0
    return 0


def test_200_megabytes_pass_under_150_of_extra_memory_on_either_side(
    network: Network, attachment: Path
) -> None:
    subject = "Rilievo del territorio, allegato di grandi dimensioni"
    sender = Watch(network, (SENDER_NODE, "worker"), (SENDER_NODE, "machine"))
    recipient = Watch(network, (RECIPIENT_NODE, "worker"), (RECIPIENT_NODE, "machine"))

    with sender.running(), recipient.running():
        sent = network.run(
            "send", "--from", SENDER, "--to", RECIPIENT, "--subject", subject, "--class", "1.15",
            "--wait", "0", str(attachment), timeout=200,
        )  # fmt: skip
        assert sent.returncode == 0, sent.stdout + sent.stderr
        wait_until(lambda: message(network, subject)[0] == "registered", 120, "the receipt")

    for side in (sender, recipient):
        assert side.extra
        assert sum(side.extra.values()) < EXTRA, {pid: extra // MEGABYTE for pid, extra in side.extra.items()}
    digest = hashlib.sha256(attachment.read_bytes()).hexdigest()
    kept = FolderBlobStore(network.node_home(RECIPIENT_NODE).blobs).path(digest)
    assert kept.stat().st_size == SIZE
