"""The engine itself: Django's PostgreSQL backend over a connection that knows what its session sees.

PostgreSQL takes a setting back when the transaction or savepoint that made it rolls back, so after any
rollback the session's scope counts as unknown and the next statement states it again.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any, NoReturn, Self, cast

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base as django_postgresql
from psycopg import _queries as psycopg_queries
from psycopg.pq import TransactionStatus

from crinale.spine.tenancy import scope_state

# psycopg parses long statements anew each time, because those of an ORM are hardly ever the same again; ours
# of many columns are constants, and to parse one takes longer than to run it.
psycopg_queries.MAX_CACHED_STATEMENT_PARAMS = 200

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import _GeneratorContextManager
    from uuid import UUID

UNKNOWN = object()


class DatabaseNotConfigured(ImproperlyConfigured):
    """This node has no database yet: start it with `./crinale run`, or set CRINALE_DATABASE_URL."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class ScopedConnection(psycopg.Connection[Any]):
    """A connection that remembers which scope its session was last told."""

    session_scope: object = None

    def show(self, scope: UUID | None) -> None:
        """Make the session see this scope; no round trip when it already does."""
        if scope == self.session_scope or self.info.transaction_status == TransactionStatus.INERROR:
            return  # a failed transaction takes nothing but its end, and no rows come out of it
        self.session_scope = UNKNOWN
        with psycopg.Cursor(self) as cursor:
            cursor.execute(
                "select set_config('crinale.body_id', %s, false)",
                ["" if scope is None else str(scope)],
                prepare=True,
            )
        self.session_scope = scope

    def forget_scope(self) -> None:
        """Count the session's scope as unknown, because a rollback may have taken it back."""
        self.session_scope = UNKNOWN

    def rollback(self) -> None:
        self.forget_scope()
        super().rollback()

    def transaction(self, *_: object, **__: object) -> NoReturn:
        """Refuse: psycopg's own transactions would roll back unseen; use `django.db.transaction.atomic`."""
        raise NotImplementedError(self.transaction.__doc__)


class ScopedCursor(django_postgresql.CursorMixin, psycopg.Cursor[Any]):
    """A cursor that shows the session the current scope before each statement."""

    def execute(self, *args: Any, **kwargs: Any) -> Self:
        connection = _scoped(self)
        connection.show(scope_state.current())
        super().execute(*args, **kwargs)
        if (self.statusmessage or "").startswith("ROLLBACK"):
            connection.forget_scope()
        return self

    def executemany(self, *args: Any, **kwargs: Any) -> None:
        _scoped(self).show(scope_state.current())
        super().executemany(*args, **kwargs)

    def stream(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        _scoped(self).show(scope_state.current())
        return super().stream(*args, **kwargs)

    def copy(self, *args: Any, **kwargs: Any) -> _GeneratorContextManager[psycopg.Copy]:
        _scoped(self).show(scope_state.current())
        return super().copy(*args, **kwargs)


class ScopedServerCursor(django_postgresql.CursorMixin, psycopg.ServerCursor[Any]):
    """A named cursor: its rows come batch by batch, and all from the scope in which it was opened."""

    _scope: UUID | None = None

    def execute(self, *args: Any, **kwargs: Any) -> Self:
        self._scope = scope_state.current()
        _scoped(self).show(self._scope)
        return super().execute(*args, **kwargs)

    def fetchone(self) -> Any:
        _scoped(self).show(self._scope)
        return super().fetchone()

    def fetchmany(self, size: int = 0) -> list[Any]:
        _scoped(self).show(self._scope)
        return super().fetchmany(size)

    def fetchall(self) -> list[Any]:
        _scoped(self).show(self._scope)
        return super().fetchall()

    def __next__(self) -> Any:
        _scoped(self).show(self._scope)
        return super().__next__()


class DatabaseWrapper(django_postgresql.DatabaseWrapper):
    """Django's PostgreSQL backend over scoped connections and cursors."""

    connection: ScopedConnection | None

    def get_connection_params(self) -> dict[str, Any]:
        if not self.settings_dict["NAME"]:
            raise DatabaseNotConfigured
        parameters = super().get_connection_params()
        parameters["cursor_factory"] = ScopedCursor
        return parameters

    def is_usable(self) -> bool:
        """Whether the server still holds the other end, told by the socket instead of asked by a statement.

        A server that stops says so, and the socket has something to read; then Django's question decides.
        """
        if self.connection is None or self.connection.closed:
            return False
        silent = not select.select([self.connection.fileno()], (), (), 0)[0]
        return silent or super().is_usable()

    def get_new_connection(self, conn_params: dict[str, Any]) -> ScopedConnection:
        connection = ScopedConnection.connect(**conn_params)
        connection.server_cursor_factory = ScopedServerCursor
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return connection


def _scoped(cursor: psycopg.Cursor[Any] | psycopg.ServerCursor[Any]) -> ScopedConnection:
    return cast("ScopedConnection", cursor.connection)
