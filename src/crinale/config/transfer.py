"""A body moves from one node to another as one file, because a municipality may leave a union.

The file is a zip: `manifest.json` with the SHA-256 of every other member, one `rows/<table>.jsonl` per table
of the body in the order in which they can be inserted, and the documents as `blobs/<sha256>`. Rows travel as
PostgreSQL itself writes and reads them (`row_to_json`, `json_populate_record`), so that what is imported is
what was exported, to the microsecond and the byte, and a table added tomorrow travels without a word here.

Staff accounts and private keys belong to the node and stay there; rows name the people who acted.
Both commands run as the owner of the database.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from django.db import connection, transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, CrinaleError, NotVisible
from crinale.spine import tenancy
from crinale.spine.records.ports import blob_store
from crinale.spine.tenancy import queries as tenancy_queries
from crinale.spine.tenancy.models import Area, Body, Membership

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from uuid import UUID

_AREAS = "tenancy_area"
# Tables of the node, with the column that says which body a row is about.
_NODE_TABLES = {"tenancy_body": "id", _AREAS: "body_id", "tenancy_office": "body_id"}
FORMAT = "crinale-body/1"
MANIFEST = "manifest.json"
_CHUNK = 1 << 20
_ROWS_AT_ONCE = 500
_DIGEST = re.compile(r'sha256":\s*"([0-9a-f]{64})"')
_MEMBER = re.compile(r"rows/[a-z0-9_]+\.jsonl|blobs/[0-9a-f]{64}")


class BrokenArchive(CrinaleError):
    """The file is not a whole, untouched export of a body."""


class OtherVersion(CrinaleError):
    """The file was written by another version of Crinale; bring both nodes to the same one first."""


class BodyPresent(Conflict):
    """The body, or one of its registry areas, is on this node already; nothing was imported."""


@dataclass(frozen=True)
class BodyTable:
    """A table with rows of a body, and the column that says whose they are."""

    name: str
    owner_column: str
    columns: tuple[str, ...]


@dataclass
class Tally:
    """What was moved: rows per table, documents and their bytes."""

    ipa_code: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    blobs: int = 0
    blob_bytes: int = 0


def body_tables() -> list[BodyTable]:
    """The body's row, its areas and offices, then every isolated table, in an order that can be inserted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname::text from pg_class where relrowsecurity and not relispartition"
            " and relnamespace = 'public'::regnamespace"
        )
        isolated = [row[0] for row in cursor.fetchall()]
    owners = {**_NODE_TABLES, **dict.fromkeys(isolated, "body_id")}
    return [BodyTable(name, owners[name], _columns(name)) for name in _in_order(owners)]


def _columns(table: str) -> tuple[str, ...]:
    """The columns that travel: not those that are computed, nor numbers that each node gives for itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname::text from pg_attribute"
            " left join pg_attrdef on adrelid = attrelid and adnum = attnum"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and attgenerated = '' and attidentity = ''"
            " and coalesce(pg_get_expr(adbin, adrelid), '') !~ 'nextval|xact_id'"
            " order by attnum",
            [table],
        )
        return tuple(row[0] for row in cursor.fetchall())


def _in_order(tables: Iterable[str]) -> list[str]:
    names = sorted(tables)
    with connection.cursor() as cursor:
        cursor.execute(
            "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint"
            " where contype = 'f' and conrelid <> confrelid"
        )
        references = [pair for pair in cursor.fetchall() if pair[0] in names and pair[1] in names]
    ordered: list[str] = []
    while names:
        free = [name for name in names if not any(a == name and b in names for a, b in references)]
        if not free:
            message = f"The tables {', '.join(names)} refer to each other in a circle."
            raise CrinaleError(message)
        ordered += free
        names = [name for name in names if name not in free]
    return ordered


# Export


def export_body(*, ipa_code: str, target: Path) -> Tally:
    """Write a body to a file, from one snapshot of the database.

    :raises NotVisible: when the body is not on this node.
    """
    body = tenancy_queries.body_by_ipa_code(ipa_code)
    if body is None:
        raise NotVisible
    partial = target.with_name(f"{target.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            tally = _export(archive, body.id, body.ipa_code)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return tally


def _export(archive: zipfile.ZipFile, body_id: UUID, ipa_code: str) -> Tally:
    tally = Tally(ipa_code)
    members: dict[str, dict[str, Any]] = {}
    digests: dict[str, None] = {}
    with tenancy.scope(body_id), _one_snapshot(), transaction.atomic():
        tables = body_tables()
        for table in tables:
            name = f"rows/{table.name}.jsonl"
            hashed, count = hashlib.sha256(), 0
            with archive.open(name, "w", force_zip64=True) as stream:
                for line in _rows(table, body_id):
                    data = line.encode() + b"\n"
                    hashed.update(data)
                    stream.write(data)
                    count += 1
                    digests.update(dict.fromkeys(_digests_in(line)))
            members[name] = {"sha256": hashed.hexdigest(), "columns": list(table.columns), "rows": count}
            tally.rows[table.name] = count
        memberships = _memberships(body_id)
        needed = _documents(body_id)
    for digest in digests:
        size = blob_store.get().size(digest)
        if size is None and digest in needed:
            message = f"The document {digest} is missing from the store; nothing was exported."
            raise BrokenArchive(message)
        if size is None:
            continue  # the digest of something kept elsewhere: a segnatura, a certificate
        name = f"blobs/{digest}"
        with (
            blob_store.get().open(digest) as source,
            archive.open(_stored(name), "w", force_zip64=True) as stream,
        ):
            if _copy(source, stream) != digest:
                message = f"The document {digest} is damaged in the store; nothing was exported."
                raise BrokenArchive(message)
        members[name] = {"sha256": digest, "size": size}
        tally.blobs += 1
        tally.blob_bytes += size
    manifest = {
        "format": FORMAT,
        "ipa_code": ipa_code,
        "body_id": str(body_id),
        "exported_at": clock.now().isoformat(),
        "order": [table.name for table in tables],
        "memberships": memberships,
        "members": members,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
    return tally


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Let the next transaction see one instant; said to the session, because the engine speaks first."""
    command = "set session characteristics as transaction isolation level {}"
    with connection.cursor() as cursor:
        cursor.execute(command.format("repeatable read"))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(command.format("read committed"))


def _rows(table: BodyTable, body_id: UUID) -> Iterator[str]:
    columns = ", ".join(f'"{column}"' for column in table.columns)
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f'select row_to_json(r)::text from (select {columns} from "{table.name}"'  # noqa: S608  names of the catalogue
            f' where "{table.owner_column}" = %s order by id) as r',
            [body_id],
        )
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            for row in rows:
                yield row[0]


def _digests_in(line: str) -> Iterator[str]:
    """The digests that a row mentions under a name in `sha256`, at any depth; some name blobs."""
    return (found[1] for found in _DIGEST.finditer(line))


def _memberships(body_id: UUID) -> list[dict[str, Any]]:
    rows = Membership.objects.filter(member_id=body_id).select_related("union").order_by("valid_from")
    return [
        {
            "union": row.union.ipa_code,
            "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to and row.valid_to.isoformat(),
        }
        for row in rows
    ]


def _documents(body_id: UUID) -> frozenset[str]:
    """The digests whose blobs must be in the store."""
    with connection.cursor() as cursor:
        cursor.execute("select sha256 from records_document where body_id = %s", [body_id])
        return frozenset(row[0] for row in cursor.fetchall())


def _stored(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_STORED
    return info


def _copy(source: IO[bytes], target: Any) -> str:
    hashed = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        hashed.update(chunk)
        if target is not None:
            target.write(chunk)
    return hashed.hexdigest()


# Import


def import_body(*, source: Path) -> Tally:
    """Bring a body in from a file: first everything is verified, then all of it enters in one transaction.

    :raises BrokenArchive: when a member is missing, added or changed.
    :raises OtherVersion: when the tables of the two nodes differ.
    :raises BodyPresent: when the body or one of its areas is here.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _verified_manifest(archive)
            return _import(archive, manifest)
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BrokenArchive from error


def _verified_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
    if manifest.get("format") != FORMAT:
        raise OtherVersion
    members: dict[str, dict[str, Any]] = manifest["members"]
    present = [info.filename for info in archive.infolist() if info.filename != MANIFEST]
    if len(present) != len(set(present)) or set(present) != set(members):
        raise BrokenArchive
    for name, entry in members.items():
        expected = name.removeprefix("blobs/") if name.startswith("blobs/") else entry["sha256"]
        with archive.open(name) as stream:
            if not _MEMBER.fullmatch(name) or _copy(stream, None) != expected:
                message = f"{name} is not what was exported; nothing was imported."
                raise BrokenArchive(message)
    return manifest


def _import(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> Tally:
    from uuid import UUID

    body_id = UUID(manifest["body_id"])
    members: dict[str, dict[str, Any]] = manifest["members"]
    tables = {table.name: table for table in body_tables()}
    exported = {name: tuple(members[f"rows/{name}.jsonl"]["columns"]) for name in manifest["order"]}
    if {name: set(columns) for name, columns in exported.items()} != {
        name: set(table.columns) for name, table in tables.items()
    }:
        raise OtherVersion
    tally = Tally(manifest["ipa_code"])
    # Blobs first: the store is not part of the transaction, and a blob too many harms nobody.
    for name, entry in members.items():
        if name.startswith("blobs/"):
            _import_blob(archive, name)
            tally.blobs += 1
            tally.blob_bytes += int(entry["size"])
    with tenancy.scope(body_id), transaction.atomic():
        _make_room(archive, manifest, body_id)
        for name in manifest["order"]:
            with archive.open(f"rows/{name}.jsonl") as stream:
                tally.rows[name] = _insert_rows(tables[name], stream, body_id)
            if tally.rows[name] != members[f"rows/{name}.jsonl"]["rows"]:
                raise BrokenArchive
        _enter_unions(manifest["memberships"], body_id)
    return tally


def _make_room(archive: zipfile.ZipFile, manifest: dict[str, Any], body_id: UUID) -> None:
    """Refuse a body that is here; one known only as a member of a union gives way to its own row."""
    with archive.open(f"rows/{_AREAS}.jsonl") as stream:
        codes = [json.loads(line)["code"] for line in stream]
    if Area.objects.filter(code__in=codes).exists() or Area.objects.filter(body_id=body_id).exists():
        raise BodyPresent
    same = Body.objects.filter(ipa_code__iexact=manifest["ipa_code"])
    if same.exclude(id=body_id).exists():
        raise BodyPresent
    if Body.objects.filter(id=body_id).exists():
        Membership.objects.filter(member_id=body_id).delete()
        same.delete()


def _import_blob(archive: zipfile.ZipFile, name: str) -> None:
    writer = blob_store.get().writer()
    try:
        with archive.open(name) as stream:
            _copy(stream, writer)
        if writer.commit().sha256 != name.removeprefix("blobs/"):
            raise BrokenArchive
    finally:
        writer.abort()


def _insert_rows(table: BodyTable, stream: Iterable[bytes], body_id: UUID) -> int:
    columns = ", ".join(f'"{column}"' for column in table.columns)
    statement = (
        f'insert into "{table.name}" ({columns})'  # noqa: S608  names of the catalogue
        f' select {columns} from json_populate_recordset(null::"{table.name}", %s::json)'
    )
    count = 0
    lines: list[str] = []
    with connection.cursor() as cursor:
        for line in stream:
            row = line.decode()
            if json.loads(row)[table.owner_column] != str(body_id):
                raise BrokenArchive
            lines.append(row)
            if len(lines) == _ROWS_AT_ONCE:
                cursor.execute(statement, [f"[{','.join(lines)}]"])
                count, lines = count + len(lines), []
        if lines:
            cursor.execute(statement, [f"[{','.join(lines)}]"])
    return count + len(lines)


def _enter_unions(memberships: list[dict[str, Any]], body_id: UUID) -> None:
    """Enter the body in the unions that this node knows; the others are not its business."""
    for row in memberships:
        union = Body.objects.filter(ipa_code=row["union"]).first()
        if union is not None and union.id != body_id:
            Membership.objects.create(
                union=union, member_id=body_id, valid_from=row["valid_from"], valid_to=row["valid_to"]
            )
