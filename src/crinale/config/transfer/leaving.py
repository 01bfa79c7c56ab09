"""A body is written to a file, from one snapshot of the database."""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction

from crinale.config.administration import facts
from crinale.config.transfer.archive import (
    FORMAT,
    MANIFEST,
    ROWS_AT_ONCE,
    BodyTable,
    BrokenArchive,
    ExportUnderWay,
    Tally,
    body_tables,
    copy,
)
from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine import audit, tenancy
from crinale.spine.protocol import actions as protocol
from crinale.spine.records.ports import blob_store
from crinale.spine.tenancy import queries as tenancy_queries
from crinale.spine.tenancy.models import Area, Membership

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from crinale.config.administration.operators import Operator
    from crinale.spine.tenancy.queries import BodyRef

_DIGEST = re.compile(r'sha256":\s*"([0-9a-f]{64})"')


def export_body(*, operator: Operator, ipa_code: str, target: Path, leaving: bool = False) -> Tally:
    """Write a body to a file that only its writer may read, from one snapshot of the database.

    That it is done is a fact of the body, committed before the snapshot so that the file tells it too. With
    ``leaving`` its registers give no number here from then on, and other administrations that still call
    here are told that nobody is: they try again until the index names the new node. If no file comes of it
    everything is open again.

    :raises NotVisible: when the body is not on this node.
    :raises ExportUnderWay: when the file is being written.
    """
    body = tenancy_queries.body_by_ipa_code(ipa_code)
    if body is None:
        raise NotVisible
    partial = target.with_name(f"{target.name}.partial")
    try:
        # The file holds all that people wrote to the body: closed to others from its first byte.
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ExportUnderWay from error
    closed = _Closed([], {})
    try:
        with os.fdopen(descriptor, "w+b") as file:
            closed = _begin(operator, body, target, leaving=leaving)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
                tally = _export(archive, body.id, body.ipa_code)
            file.seek(0)
            tally.sha256 = copy(file, None)
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException:
        _open_again(closed)
        raise
    finally:
        partial.unlink(missing_ok=True)
    return tally


class _Closed(NamedTuple):
    """The registers that were open, and the endpoints that areas had."""

    registers: list[UUID]
    endpoints: dict[UUID, str]


def _begin(operator: Operator, body: BodyRef, target: Path, *, leaving: bool) -> _Closed:
    """Write the fact; close the registers and the doors of a body that leaves."""
    fact = facts.BodyExported(
        operator=operator.user, subject_id=body.id, ipa_code=body.ipa_code, file=target.name, leaving=leaving
    )
    with tenancy.scope(body.id), transaction.atomic(durable=True):
        closed = (
            _Closed(protocol.close_registers_of_leaving_body(body_id=body.id), _close_doors(body.id))
            if leaving
            else _Closed([], {})
        )
        audit.write(fact, actor=operator.actor)
    return closed


def _close_doors(body_id: UUID) -> dict[UUID, str]:
    areas = Area.objects.select_for_update().filter(body_id=body_id).exclude(endpoint="")
    endpoints = dict(areas.values_list("id", "endpoint"))
    areas.update(endpoint="")
    return endpoints


def _open_again(closed: _Closed) -> None:
    protocol.reopen_registers(register_ids=closed.registers)
    for area_id, endpoint in closed.endpoints.items():
        Area.objects.filter(id=area_id).update(endpoint=endpoint)


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
            if copy(source, stream) != digest:
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
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
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
