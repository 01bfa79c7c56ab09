"""Who carries the mail of a node, and where its passwords come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.config import wiring
from crinale.config.node import NodeHome
from crinale.config.node_keys import NodeKeys
from crinale.connectors.blob_folder import FolderBlobStore
from crinale.connectors.pec.fake import FolderPostman
from crinale.connectors.pec.postman import MailServerPostman
from crinale.spine.records.signatures.certificates import TrustStore

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "protocollo@pec.montieri.example"


@pytest.fixture
def home(tmp_path: Path) -> NodeHome:
    found = NodeHome(tmp_path / "node")
    found.prepare()
    return found


def bound(home: NodeHome) -> object:
    store = FolderBlobStore(home.blobs)
    return wiring._postman(home, NodeKeys(home.secrets), store=store, trust=TrustStore([]))


def test_a_node_uses_mail_servers(home: NodeHome) -> None:
    assert isinstance(bound(home), MailServerPostman)


def test_a_demonstration_uses_a_shared_folder(home: NodeHome, tmp_path: Path) -> None:
    home.update_settings(
        mail={"provider_folder": str(tmp_path / "gestore"), "provider_domains": ["pec.montieri.example"]}
    )
    found = bound(home)
    assert isinstance(found, FolderPostman)
    assert found.provider.is_certified(ADDRESS)
    assert found.provider.authority.is_file()


def test_a_password_is_read_from_the_secrets(home: NodeHome) -> None:
    folder = home.secrets / "mail"
    folder.mkdir()
    (folder / ADDRESS).write_text("così è \n", encoding="utf-8")
    (folder / ADDRESS).chmod(0o600)

    keys = NodeKeys(home.secrets)
    assert keys.mail_password(ADDRESS) == "così è "
    assert keys.mail_password(ADDRESS.upper()) == "così è "
    assert keys.mail_password("altro@pec.montieri.example") is None


def test_a_password_that_others_may_read_is_not_used(
    home: NodeHome, caplog: pytest.LogCaptureFixture
) -> None:
    folder = home.secrets / "mail"
    folder.mkdir()
    (folder / ADDRESS).write_text("segreta", encoding="utf-8")
    (folder / ADDRESS).chmod(0o644)

    assert NodeKeys(home.secrets).mail_password(ADDRESS) is None
    assert "may be read by others" in caplog.text
    assert "segreta" not in caplog.text


@pytest.mark.parametrize("address", ["../mail/x@y.example", "/etc/passwd", "", ".", "..", "a\0b"])
def test_no_address_leads_out_of_the_folder(home: NodeHome, address: str) -> None:
    (home.secrets / "mail").mkdir()
    (home.secrets / "x").write_text("altro", encoding="utf-8")
    assert NodeKeys(home.secrets).mail_password(address) is None
