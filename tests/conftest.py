"""One demonstration network for the tests that need it: started when the first asks, stopped at the end."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crinale.config.node import REPOSITORY
from tests.network import Network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.demo.once import Once


@contextmanager
def scratch() -> Iterator[Path]:
    """A home that other users can reach, for the time of a block."""
    root = REPOSITORY / "var" / "test"
    root.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="network-", dir=root))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def network_home() -> Iterator[Path]:
    with scratch() as home:
        yield home


@pytest.fixture
def own_network() -> Iterator[Network]:
    """A network for one test, which may leave it in any state."""
    with scratch() as home:
        network = Network(home)
        network.start()
        yield network
        if not network.ended():
            network.stop()


@pytest.fixture(scope="session")
def once(network_home: Path) -> Once:
    """The first start, with `--once --out`: the network is made, sends one document, and is gone."""
    from tests.demo.once import run_once

    return run_once(network_home)


@pytest.fixture(scope="session")
def running_network(network_home: Path, once: Once) -> Iterator[Network]:
    network = Network(network_home)
    network.start()
    yield network
    if not network.ended():
        network.stop()


@pytest.fixture
def network(running_network: Network) -> Network:
    """The running network; a test that ended it finds it started again."""
    if running_network.ended():
        running_network.start()
    return running_network
