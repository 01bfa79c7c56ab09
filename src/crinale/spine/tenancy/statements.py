"""Plain SQL for the paths that every registration and every message takes.

The ORM compiles each query anew, which costs several times what the database needs to run it. Here the text
of a statement is made once, so the server prepares it once too, and statements need not wait for one another.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import psycopg
from django.db import connection, models, transaction
from psycopg.pq import PipelineStatus

from crinale.kernel.errors import CrinaleError
from crinale.spine.tenancy.manager import claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crinale.spine.tenancy.models import TenantModel


class NoTransaction(CrinaleError):
    """Statements go together in one transaction, and none is open."""


@contextmanager
def together() -> Iterator[None]:
    """Send the statements of a ``with`` block without waiting for each (PostgreSQL's pipeline).

    Only what reads rows waits, and the end of the block; an error of the database comes at the next of these,
    and takes back the whole block, not just a savepoint in it. How many rows a statement changed is not known
    inside, so an ORM ``save`` of a row that exists does not belong here.

    :raises NoTransaction: outside a transaction.
    """
    if not connection.in_atomic_block:
        raise NoTransaction
    connection.ensure_connection()
    raw = cast("psycopg.Connection[Any]", connection.connection)
    if raw.info.pipeline_status != PipelineStatus.OFF:  # part of a larger block already
        yield
        return
    with connection.wrap_database_errors, raw.pipeline():
        yield


@contextmanager
def in_one_go() -> Iterator[None]:
    """Open a transaction whose statements, its end included, go ``together``; inside another, a savepoint."""
    if connection.in_atomic_block:
        with transaction.atomic(), together():
            yield
        return
    connection.ensure_connection()
    raw = cast("psycopg.Connection[Any]", connection.connection)
    with connection.wrap_database_errors, raw.pipeline(), transaction.atomic():
        yield


def first(statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """Return the first row of a query, or nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cast("tuple[Any, ...] | None", cursor.fetchone())


def first_of_node(statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """Return the first row of a query over tables of the node, such as its queue, or nothing.

    The session keeps the scope that it has: nothing in these tables depends on it, and to change it for them
    and back again would cost two round trips.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement.encode(), values)
        return cursor.fetchone()


def every(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cast("list[tuple[Any, ...]]", cursor.fetchall())


class Statement(NamedTuple):
    """The text of a statement and the values that it takes."""

    text: str
    values: list[Any]


def execute(*statements: Statement) -> None:
    """Run statements that change rows, as a single one: none of them sees what the others write."""
    *parts, last = statements
    before = ", ".join(f"part{number} as ({part.text})" for number, part in enumerate(parts))
    text = f"with {before} {last.text}" if parts else last.text
    with connection.cursor() as cursor:
        cursor.execute(text, [value for statement in statements for value in statement.values])


def insert(rows: Sequence[TenantModel]) -> None:
    """Insert rows of one model, each claimed for the open scope.

    :raises ScopeMissing: when no scope is open.
    :raises WrongScope: when a row belongs to another body.
    """
    if rows:
        execute(insertion(rows))


def insert_if_new(row: TenantModel, *, given: str = "true", values: Sequence[Any] = ()) -> bool:
    """Insert a row unless a unique constraint knows it already; return whether it is new.

    :param given: a condition without which nothing is inserted, and the values that it takes.
    """
    claim(row)
    shape = _shape(type(row))
    statement = f"{shape.into}select {shape.places[1:-1]} where {given} on conflict do nothing returning true"
    new = first(statement, [*_values(shape, row), *values]) is not None
    _written(row)
    return new


def insertion(rows: Sequence[TenantModel]) -> Statement:
    """Return the statement that inserts rows (at least one) of one model, each claimed for the open scope."""
    shape = _shape(type(rows[0]))
    values: list[Any] = []
    for row in rows:
        claim(row)
        values += _values(shape, row)
        _written(row)
    return Statement(f"{shape.into}values {', '.join([shape.places] * len(rows))}", values)


def _values(shape: _Shape, row: TenantModel) -> list[Any]:
    return [plain(getattr(row, name)) for name, plain in shape.columns]


def _written(row: TenantModel) -> None:
    row._state.adding = False  # noqa: SLF001  as the ORM leaves a row that it wrote
    row._state.db = connection.alias  # noqa: SLF001


class _Shape(NamedTuple):
    into: str
    places: str
    columns: tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def _shape(model: type[TenantModel]) -> _Shape:
    fields = model._meta.concrete_fields  # noqa: SLF001  the public way to a model's columns
    names = ", ".join(str(field.column) for field in fields)
    return _Shape(
        into=f"insert into {model._meta.db_table} ({names}) ",  # noqa: SLF001  our own names
        places=f"({', '.join(map(_place, fields))})",
        columns=tuple((field.attname, _plain(field)) for field in fields),
    )


def _place(field: models.Field[Any, Any]) -> str:
    return "%s::text::jsonb" if isinstance(field, models.JSONField) else "%s"


def _plain(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else json.dumps(value)
    if isinstance(field, models.CharField):  # members of an enumeration too
        return lambda value: None if value is None else str(value)
    return lambda value: value
