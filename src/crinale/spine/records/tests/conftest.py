"""A body with its scope open, and a store of blobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.connectors.blob_folder import FolderBlobStore
from crinale.spine.records.ports import blob_store
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID


@pytest.fixture
def body_id(db: None, tmp_path: Path) -> Iterator[UUID]:
    body = tenancy.create_body(ipa_code="c_f032", name="Comune di Massa Marittima", kind="municipality")
    with blob_store.replaced(FolderBlobStore(tmp_path / "blobs")), scope(body.id):
        yield body.id


@pytest.fixture
def area_id(body_id: UUID) -> UUID:
    return tenancy.create_area(body_id=body_id, code="AAAA001", name="Protocollo").id
