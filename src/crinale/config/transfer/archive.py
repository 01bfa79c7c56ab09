"""What the file of a body looks like, and which tables have rows of a body."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from django.db import connection

from crinale.kernel.errors import Conflict, CrinaleError

if TYPE_CHECKING:
    from collections.abc import Iterable

AREAS = "tenancy_area"
# Tables of the node, with the column that says which body a row is about.
_NODE_TABLES = {
    "tenancy_body": "id",
    AREAS: "body_id",
    "tenancy_office": "body_id",
    "tenancy_office_place": "body_id",
}
FORMAT = "crinale-body/1"
MANIFEST = "manifest.json"
ROWS_AT_ONCE = 500
_CHUNK = 1 << 20


class BrokenArchive(CrinaleError):
    """The file is not a whole, untouched export of a body."""


class ExportUnderWay(Conflict):
    """Another export is writing this file, or one was interrupted; if none runs, remove its .partial."""


class OtherVersion(CrinaleError):
    """The file was written by another version of Crinale; bring both nodes to the same one first."""


@dataclass(frozen=True)
class BodyTable:
    """A table with rows of a body, and the column that says whose they are."""

    name: str
    owner_column: str
    columns: tuple[str, ...]


@dataclass
class Tally:
    """What was moved: rows per table, documents and their bytes, the digest of the file."""

    ipa_code: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    blobs: int = 0
    blob_bytes: int = 0
    sha256: str = ""


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


def copy(source: IO[bytes], target: Any) -> str:
    hashed = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        hashed.update(chunk)
        if target is not None:
            target.write(chunk)
    return hashed.hexdigest()
