"""A body leaves one node and lives on in another: the same registers, and the next number follows."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from crinale.config.embedded_postgres import EmbeddedPostgres
from crinale.config.node import REPOSITORY, NodeHome
from crinale.config.ready_cluster import give_cluster
from crinale.connectors.blob_folder import FolderBlobStore
from tests.network import crinale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.network import Network

pytestmark = pytest.mark.xdist_group("network")
BODY, AREA, NODE = "c_i454", "AI45401", "nal-piombino"
# What each node numbers for itself, and what goes on there while the other is looked at.
OWN = {"audit_fact": ("id", "txid"), "exchange_mailbox": ("checked_at",)}


@dataclass
class Empty:
    """A node without bodies."""

    home: NodeHome
    postgres: EmbeddedPostgres

    def rows(self, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.postgres.owner_url(), autocommit=True) as owner:
            return owner.execute(query.encode(), parameters or []).fetchall()


@contextmanager
def empty_node() -> Iterator[Empty]:
    # Root's own temporary directories are closed to the database's user.
    with tempfile.TemporaryDirectory(dir=REPOSITORY / "var" / "test", prefix="empty-") as name:
        Path(name).chmod(0o711)
        home = NodeHome(Path(name))
        give_cluster(home)
        with EmbeddedPostgres(home) as postgres:
            yield Empty(home, postgres)


@pytest.fixture
def empty() -> Iterator[Empty]:
    with empty_node() as node:
        yield node


@pytest.fixture(scope="module")
def untouched() -> Iterator[Empty]:
    """A node in which no test ever succeeds in putting anything."""
    with empty_node() as node:
        yield node


@pytest.fixture
def archive(network: Network, tmp_path: Path) -> Path:
    file = tmp_path / "sassetta.zip"
    exported = network.run("body", "export", BODY, str(file), "--node", NODE)
    assert exported.returncode == 0, exported.stdout + exported.stderr
    return file


def tables(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        order: list[str] = json.loads(opened.read("manifest.json"))["order"]
    return order


def content(ask: Any, table: str) -> list[Any]:
    """The rows of the body in a table, as the database writes them."""
    owner = "id" if table == "tenancy_body" else "body_id"
    own = "".join(f" - '{column}'" for column in OWN.get(table, ()))
    query = (
        f"select to_jsonb(t){own} from {table} as t where {owner} ="
        f" (select id from tenancy_body where ipa_code = %s) order by (to_jsonb(t){own})::text"
    )
    return [row[0] for row in ask(query, [BODY])]


def test_the_body_lives_on_elsewhere_to_the_last_byte(network: Network, archive: Path, empty: Empty) -> None:
    imported = crinale(empty.home.root, "body", "import", str(archive))
    assert imported.returncode == 0, imported.stdout + imported.stderr

    moved = {"protocol_registration", "protocol_segnatura", "exchange_receipt", "audit_fact", "search_entry"}
    assert moved <= set(tables(archive))
    for table in tables(archive):
        here = content(empty.rows, table)
        if table == "audit_fact":
            (arrival,) = [row for row in here if row["kind"] == "body.imported"]
            here.remove(arrival)
        assert here == content(lambda query, values: network.rows(NODE, query, values), table), table
        assert here or table not in moved, table
    for (digest,) in empty.rows("select sha256 from records_document"):
        kept = FolderBlobStore(empty.home.blobs).path(digest)
        assert (
            kept.read_bytes()
            == (network.node_home(NODE).blobs / kept.relative_to(empty.home.blobs)).read_bytes()
        )
    verified = crinale(empty.home.root, "audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_who_moved_a_body_is_told_by_both_nodes_and_by_the_file(
    network: Network, archive: Path, empty: Empty
) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    assert not archive.with_name(f"{archive.name}.partial").exists()
    told = "select payload from audit_fact where kind = %s order by id desc limit 1"
    ((exported,),) = network.rows(NODE, told, ["body.exported"])
    assert (exported["ipa_code"], exported["file"]) == (BODY, archive.name)
    assert exported["operator"]

    assert crinale(empty.home.root, "body", "import", str(archive)).returncode == 0
    assert empty.rows(told, ["body.exported"]) == [(exported,)]
    ((imported,),) = empty.rows(told, ["body.imported"])
    assert imported["file_sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    assert imported["operator"]


def test_a_body_that_left_gives_no_number_on_the_old_node(
    network: Network, tmp_path: Path, empty: Empty
) -> None:
    file = tmp_path / "leaving.zip"
    take = "select number from protocol_take_number(%s, %s, clock_timestamp())"
    find = (
        "select register_id, year, last_number from protocol_counter join protocol_register on"
        " protocol_register.id = register_id where protocol_counter.body_id ="
        " (select id from tenancy_body where ipa_code = %s) order by year desc limit 1"
    )
    doors = network.rows(NODE, "select id, endpoint from tenancy_area")
    try:
        assert network.run("body", "export", BODY, str(file), "--leaving", "--node", NODE).returncode == 0
        left = network.rows(NODE, "select body.ipa_code from tenancy_area as area join tenancy_body as body"
            " on body.id = area.body_id where area.endpoint = ''")  # fmt: skip
        assert left == [(BODY,)], "who calls this area hears that nobody is here"
        ((register, year, last),) = network.rows(NODE, find, [BODY])
        with pytest.raises(psycopg.Error) as refused:
            network.rows(NODE, take, [register, year])
        assert refused.value.sqlstate == "CR002"
        assert network.rows(NODE, find, [BODY]) == [(register, year, last)]

        assert crinale(empty.home.root, "body", "import", str(file)).returncode == 0
        assert empty.rows(take, [register, year]) == [(last + 1,)]
    finally:
        network.rows(NODE, "update protocol_departure set returned_at = clock_timestamp() returning 1")
        for area_id, endpoint in doors:
            network.rows(
                NODE, "update tenancy_area set endpoint = %s where id = %s returning 1", [endpoint, area_id]
            )


def test_a_file_that_is_being_written_is_left_alone(network: Network, tmp_path: Path) -> None:
    partial = tmp_path / "sassetta.zip.partial"
    partial.write_text("somebody else's")
    refused = network.run("body", "export", BODY, str(tmp_path / "sassetta.zip"), "--node", NODE)
    assert refused.returncode != 0
    assert "Another export is writing this file" in refused.stderr
    assert partial.read_text() == "somebody else's"


def test_the_next_number_follows_without_a_gap(archive: Path, empty: Empty) -> None:
    assert crinale(empty.home.root, "body", "import", str(archive)).returncode == 0
    register, year, last = empty.rows("select register_id, year, last_number from protocol_counter")[0]

    taken = empty.rows("select number from protocol_take_number(%s, %s, clock_timestamp())", [register, year])

    assert taken == [(last + 1,)]


def test_a_body_that_is_here_is_not_imported_again(archive: Path, empty: Empty) -> None:
    assert crinale(empty.home.root, "body", "import", str(archive)).returncode == 0
    before = empty.rows("select count(*) from protocol_registration")

    again = crinale(empty.home.root, "body", "import", str(archive))

    assert again.returncode != 0
    assert "already" in again.stderr
    assert empty.rows("select count(*) from protocol_registration") == before


@pytest.mark.parametrize("spoil", ["rows", "blob", "missing", "added", "cut"])
def test_a_file_that_was_touched_is_refused_whole(
    archive: Path, untouched: Empty, tmp_path: Path, spoil: str
) -> None:
    spoilt = tmp_path / "spoilt.zip"
    if spoil == "cut":
        spoilt.write_bytes(archive.read_bytes()[:-200])
    else:
        rewrite(archive, spoilt, spoil)

    refused = crinale(untouched.home.root, "body", "import", str(spoilt))

    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert untouched.rows("select count(*) from tenancy_body") == [(0,)]


def rewrite(source: Path, target: Path, spoil: str) -> None:
    """Copy an archive with one thing changed in it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        names = old.namelist()
        victim = next(
            name for name in names if name.startswith("blobs/" if spoil == "blob" else "rows/protocol_reg")
        )
        for name in names:
            data = old.read(name)
            if name == victim and spoil == "missing":
                continue
            if name == victim and spoil in {"rows", "blob"}:
                data = data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]
            new.writestr(name, data)
        if spoil == "added":
            new.writestr("rows/tenancy_extra.jsonl", b"{}\n")
