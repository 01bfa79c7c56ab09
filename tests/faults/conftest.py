"""The foreign area that the fault tests play."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.config.demo import clock as demo_clock
from crinale.kernel import clock
from tests.faults.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.network import Network


@pytest.fixture
def peer(network: Network) -> Iterator[Peer]:
    foreign = Peer(network)
    # Another test may have moved the network's clock, and a message from the past is refused.
    demo_clock.follow(network.home / "demo" / demo_clock.FILE_NAME)
    try:
        with foreign.answering():
            yield foreign
    finally:
        clock.set_source(None)
