"""A node restored from its backup has the same registers, and proves it; what is not whole is refused."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from crinale.config.database_urls import APP_URL, OWNER_ROLE, OWNER_URL, with_credentials
from crinale.config.embedded_postgres import scratch_home
from crinale.config.node import REPOSITORY, NodeHome
from crinale.connectors.blob_folder import FolderBlobStore
from crinale.spine import audit, tenancy
from crinale.spine.audit import actions as sealing
from crinale.spine.identity import Actor
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.views import EnclosureData
from crinale.spine.records import actions as records
from crinale.spine.records.ports import blob_store
from crinale.spine.tenancy import queries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crinale.config.administration.tests.conftest import Console
    from crinale.config.testing.databases import TestDatabase, TestServer

SYSTEM = Actor.system("test")


@pytest.fixture
def office(
    lasting_console: Console, fresh_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Console]:
    """A town that has registered a letter."""
    for name, value in fresh_database.environment().items():
        monkeypatch.setenv(name, value)
    lasting_console.with_a_town()
    lasting_console.home.prepare()
    lasting_console.home.secret("django")
    lasting_console.home.update_settings(node={"name": "prova"})
    area = queries.area_by_code("AF03201")
    assert area is not None
    with blob_store.replaced(FolderBlobStore(lasting_console.home.blobs)), tenancy.scope(area.body_id):
        letter = records.store_document(
            actor=SYSTEM, file_name="lettera.txt", stream=io.BytesIO(b"Si trasmette quanto in oggetto.\n")
        )
        protocol.register_incoming(
            actor=SYSTEM,
            area_id=area.id,
            subject="Richiesta di accesso agli atti del Comune",
            classification="1.8",
            sender=PartyData(kind="natural_person", name="", first_name="Anna", last_name="Verdi"),
            recipients=(),
            documents=[EnclosureData(letter.id)],
            channel="hand",
        )
        sealing.seal()
        yield lasting_console


@pytest.fixture
def empty_database(test_server: TestServer) -> Iterator[str]:
    """An empty database; the owner's URL."""
    name = f"crinale_test_{uuid4().hex}"
    with psycopg.connect(test_server.admin_url, autocommit=True) as admin:
        create = "create database {} owner {} template template0 encoding 'UTF8' locale 'C.UTF-8'"
        admin.execute(sql.SQL(create).format(sql.Identifier(name), sql.Identifier(OWNER_ROLE)))
        yield with_credentials(test_server.admin_url, OWNER_ROLE, "test", database=name)
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def elsewhere() -> Iterator[NodeHome]:
    """An empty home, where other users may enter as the embedded database asks."""
    import shutil

    root = scratch_home("crinale-restored-")
    yield NodeHome(root)
    shutil.rmtree(root, ignore_errors=True)


def crinale(
    *words: str, home: NodeHome, owner_url: str = "", app_url: str = ""
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, as an administrator gives it."""
    environment = {key: value for key, value in os.environ.items() if key not in {OWNER_URL, APP_URL}}
    environment |= {"CRINALE_HOME": str(home.root), "PYTHONPATH": str(REPOSITORY / "src")}
    environment |= {OWNER_URL: owner_url, APP_URL: app_url} if owner_url else {}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "-m", "crinale.config.cli", *words],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def register_of(owner_url: str) -> list[Any]:
    with psycopg.connect(owner_url) as owner:
        return owner.execute(
            "select row_to_json(r)::text from protocol_registration r order by id"
        ).fetchall()


@pytest.mark.parametrize("target", ["copy", "copy.tar"])
def test_a_restored_node_has_the_same_registers_and_proves_it(
    office: Console,
    fresh_database: TestDatabase,
    empty_database: str,
    elsewhere: NodeHome,
    tmp_path: Path,
    target: str,
) -> None:
    said = office.do("backup", str(tmp_path / target))
    assert "1 documents" in said
    assert "holds no secrets" in said
    (created,) = office.facts("body.created")
    assert office.facts("backup.begun") == [
        {"with_secrets": False} | {key: created[key] for key in ("operator", "actor", "service")}
    ]

    app_url = fresh_database.app_url.replace(fresh_database.name, empty_database.rpartition("/")[2])
    restored = crinale(
        "restore", str(tmp_path / target), home=elsewhere, owner_url=empty_database, app_url=app_url
    )
    assert restored.returncode == 0, restored.stderr
    assert register_of(empty_database) == register_of(office.owner_url) != []
    assert elsewhere.settings()["node"] == {"name": "prova"}
    assert elsewhere.existing_secret("django") is None
    verified = crinale("audit", "verify", home=elsewhere, owner_url=empty_database, app_url=app_url)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "FAULTS" not in verified.stdout
    listed = crinale("registrations", home=elsewhere, owner_url=empty_database, app_url=app_url)
    assert "Richiesta di accesso agli atti" in listed.stdout
    again = crinale(
        "restore", str(tmp_path / target), home=elsewhere, owner_url=empty_database, app_url=app_url
    )
    assert again.returncode == 1
    assert "A node lives here already" in again.stderr


def test_a_node_with_its_own_database_is_restored_with_its_secrets(
    office: Console, elsewhere: NodeHome, tmp_path: Path
) -> None:
    office.do("backup", str(tmp_path / "copy"), "--with-secrets")
    restored = crinale("restore", str(tmp_path / "copy"), home=elsewhere)
    assert restored.returncode == 0, restored.stderr
    assert elsewhere.existing_secret("django") == office.home.existing_secret("django")
    assert not (elsewhere.postgres / "postmaster.pid").exists()
    # Backed up again without being started: its database runs for that long.
    second = crinale("backup", str(tmp_path / "second"), home=elsewhere)
    assert second.returncode == 0, second.stderr
    assert (
        hashlib.sha256(next((tmp_path / "second" / "blobs").glob("*/*")).read_bytes()).hexdigest()
        == next((tmp_path / "copy" / "blobs").glob("*/*")).name
    )


def _spoil(folder: Path, what: str) -> None:
    match what:
        case "database":
            (folder / "database.dump").write_bytes((folder / "database.dump").read_bytes()[:-1] + b"x")
        case "document":
            blob = next((folder / "blobs").glob("*/*"))
            blob.unlink()
            blob.write_bytes(b"altro")
        case "lost document":
            next((folder / "blobs").glob("*/*")).unlink()
        case "newer":
            manifest = folder / "backup.json"
            manifest.write_text(manifest.read_text().replace("protocol.0001", "protocol.9001"))
        case _:
            (folder / "backup.json").write_text("{}")


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ("database", "The database in this backup is damaged"),
        ("document", "is damaged: take it from another backup"),
        ("lost document", "Documents are missing"),
        ("newer", "taken by a newer version"),
        ("manifest", "This is no backup of a node"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_and_leaves_nothing(
    office: Console, empty_database: str, elsewhere: NodeHome, tmp_path: Path, spoilt: str, said: str
) -> None:
    office.do("backup", str(tmp_path / "copy"))
    _spoil(tmp_path / "copy", spoilt)
    restored = crinale("restore", str(tmp_path / "copy"), home=elsewhere, owner_url=empty_database)
    assert restored.returncode == 1
    assert said in restored.stderr
    assert list(elsewhere.root.iterdir()) == []


def test_a_backup_overwrites_nothing(office: Console, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert "exists: name another one" in office.type("backup", str(tmp_path / "there")).output
    assert "does not lie in the node's home" in office.type("backup", str(office.home.root / "copy")).output
    assert office.facts("backup.begun") == []
    assert audit.facts.kinds().count("backup.begun") == 1
