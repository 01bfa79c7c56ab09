"""The foreign area that the fault tests play."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.network import Network


@pytest.fixture
def peer(network: Network) -> Iterator[Peer]:
    foreign = Peer(network)
    with foreign.answering():
        yield foreign
