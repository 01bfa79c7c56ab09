"""A town, its scope, and the ports that registering needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.connectors.blob_folder import FolderBlobStore
from crinale.spine.protocol.ports import seal_keys
from crinale.spine.protocol.tests.town import Keys, Town, build_town, seal_key
from crinale.spine.records.ports import blob_store
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crinale.config.testing.databases import TestDatabase


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[None]:
    with blob_store.replaced(FolderBlobStore(tmp_path / "blobs")), seal_keys.replaced(Keys(seal_key())):
        yield


@pytest.fixture
def town(db: None, ports: None) -> Iterator[Town]:
    """A town, with its scope open."""
    made = build_town()
    with scope(made.body_id):
        yield made


@pytest.fixture
def committed_town(fresh_database: TestDatabase, ports: None) -> Iterator[Town]:
    """A town in a database of its own, for tests that commit; its scope is open."""
    made = build_town()
    with scope(made.body_id):
        yield made


@pytest.fixture
def other_town(db: None, ports: None) -> Town:
    """Another town on the same node; its scope is closed."""
    return build_town(code="AAAA002", ipa_code="c_i454", name="Comune di Sassetta")
