"""A body comes in from a file: first everything is verified, then all of it enters in one transaction."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from crinale.config.administration import facts
from crinale.config.transfer.archive import (
    AREAS,
    FORMAT,
    MANIFEST,
    ROWS_AT_ONCE,
    BodyTable,
    BrokenArchive,
    OtherVersion,
    Tally,
    body_tables,
    copy,
)
from crinale.kernel.errors import Conflict
from crinale.spine import audit, tenancy
from crinale.spine.records.ports import blob_store
from crinale.spine.tenancy.models import Area, Body, Membership

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crinale.config.administration.operators import Operator

_MEMBER = re.compile(r"rows/[a-z0-9_]+\.jsonl|blobs/[0-9a-f]{64}")


class BodyPresent(Conflict):
    """The body, or one of its registry areas, is on this node already; nothing was imported."""


def import_body(*, operator: Operator, source: Path) -> Tally:
    """Bring a body in from a file: first everything is verified, then all of it enters in one transaction.

    That it was done is a fact of the body, in that transaction.

    :raises BrokenArchive: when a member is missing, added or changed.
    :raises OtherVersion: when the tables of the two nodes differ.
    :raises BodyPresent: when the body or one of its areas is here.
    """
    try:
        with source.open("rb") as file:
            sha256 = copy(file, None)
            with zipfile.ZipFile(file) as archive:
                return _import(archive, _verified_manifest(archive), operator, sha256)
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
            if not _MEMBER.fullmatch(name) or copy(stream, None) != expected:
                message = f"{name} is not what was exported; nothing was imported."
                raise BrokenArchive(message)
    return manifest


def _import(archive: zipfile.ZipFile, manifest: dict[str, Any], operator: Operator, sha256: str) -> Tally:
    body_id = UUID(manifest["body_id"])
    members: dict[str, dict[str, Any]] = manifest["members"]
    tables = {table.name: table for table in body_tables()}
    exported = {name: tuple(members[f"rows/{name}.jsonl"]["columns"]) for name in manifest["order"]}
    if {name: set(columns) for name, columns in exported.items()} != {
        name: set(table.columns) for name, table in tables.items()
    }:
        raise OtherVersion
    tally = Tally(manifest["ipa_code"], sha256=sha256)
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
        fact = facts.BodyImported(
            operator=operator.user,
            subject_id=body_id,
            ipa_code=tally.ipa_code,
            file_sha256=sha256,
            exported_at=datetime.fromisoformat(manifest["exported_at"]),
            registrations=tally.rows.get("protocol_registration", 0),
            documents=tally.blobs,
        )
        audit.write(fact, actor=operator.actor)
    return tally


def _make_room(archive: zipfile.ZipFile, manifest: dict[str, Any], body_id: UUID) -> None:
    """Refuse a body that is here; one known only as a member of a union gives way to its own row."""
    with archive.open(f"rows/{AREAS}.jsonl") as stream:
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
            copy(stream, writer)
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
            if len(lines) == ROWS_AT_ONCE:
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
