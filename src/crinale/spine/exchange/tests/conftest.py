"""Two towns that exchange documents in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.connectors.blob_folder import FolderBlobStore
from crinale.spine.exchange.ports import seal_trust, transport
from crinale.spine.exchange.tests.pair import Pair, Wire, build_seals, root
from crinale.spine.protocol.ports import seal_keys
from crinale.spine.protocol.tests.town import build_town
from crinale.spine.records.ports import blob_store
from crinale.spine.records.signatures.certificates import TrustStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _pair(tmp_path: Path) -> Iterator[Pair]:
    wire, seals = Wire(), build_seals("AAAA001", "AAAA002")
    with (
        blob_store.replaced(FolderBlobStore(tmp_path / "blobs")),
        seal_keys.replaced(seals),
        seal_trust.replaced(TrustStore([root().certificate])),
        transport.replaced(wire),
    ):
        made = Pair(
            massa=build_town(),
            sassetta=build_town(code="AAAA002", ipa_code="c_i454", name="Comune di Sassetta"),
            wire=wire,
            seals=seals,
        )
        made.list_area(made.massa)
        made.list_area(made.sassetta)
        yield made


@pytest.fixture
def pair(db: None, tmp_path: Path) -> Iterator[Pair]:
    """Two towns, inside the test's transaction."""
    yield from _pair(tmp_path)


@pytest.fixture
def committed_pair(fresh_database: object, tmp_path: Path) -> Iterator[Pair]:
    """Two towns in a database of their own, where everything is really committed."""
    yield from _pair(tmp_path)
