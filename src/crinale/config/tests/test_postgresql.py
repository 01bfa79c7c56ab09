"""The database engine: what a session sees is the Python scope, always."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql import base as django_postgresql

from crinale.config.postgresql.base import ScopedConnection
from crinale.spine.tenancy import scope_state

ONE, OTHER = uuid4(), uuid4()


class scope:  # noqa: N801  reads like the function that it stands for
    """Open a scope without the rest of tenancy."""

    def __init__(self, body_id: UUID | None) -> None:
        self.body_id = body_id

    def __enter__(self) -> None:
        self.token = scope_state.set_(self.body_id)

    def __exit__(self, *_: object) -> None:
        scope_state.reset(self.token)


def seen() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(current_setting('crinale.body_id', true), '')")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_the_session_follows_the_scope() -> None:
    assert seen() == ""
    with scope(ONE):
        assert seen() == str(ONE)
        with scope(OTHER):
            assert seen() == str(OTHER)
        assert seen() == str(ONE)
    assert seen() == ""


@pytest.mark.django_db
def test_the_session_follows_the_scope_after_a_savepoint_rolls_back() -> None:
    with scope(ONE):
        seen()
    with pytest.raises(DatabaseError), transaction.atomic():
        with scope(OTHER):
            seen()
        with connection.cursor() as cursor:
            cursor.execute("select 1/0")
    with scope(OTHER):
        assert seen() == str(OTHER)


@pytest.mark.parametrize("spoken", [False, True], ids=["atomic", "spoken"])
def test_the_session_follows_the_scope_after_a_transaction_rolls_back(
    fresh_database: object, *, spoken: bool
) -> None:
    del fresh_database
    with scope(ONE):
        seen()
    if spoken:
        with scope(OTHER), connection.cursor() as cursor:
            cursor.execute("begin")
            seen()
            cursor.execute("rollback")
    else:
        with scope(OTHER), transaction.atomic():
            seen()
            transaction.set_rollback(True)
    with scope(OTHER):
        assert seen() == str(OTHER)
    connection.close()
    with scope(OTHER):
        assert seen() == str(OTHER)
    connection.close()
    assert seen() == ""


@pytest.mark.django_db
def test_batches_of_a_long_query_all_come_from_the_scope_it_was_opened_in() -> None:
    with scope(ONE):
        cursor = connection.chunked_cursor()
        cursor.execute("select current_setting('crinale.body_id', true) from generate_series(1, 6)")
        assert {row[0] for row in cursor.fetchmany(2)} == {str(ONE)}
    with scope(OTHER):
        assert seen() == str(OTHER)
        assert {row[0] for row in cursor.fetchmany(2)} == {str(ONE)}
        assert seen() == str(OTHER)
    cursor.close()


@pytest.mark.django_db
def test_an_unchanged_scope_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    connection.ensure_connection()
    real = ScopedConnection.show

    def show(self: ScopedConnection, body: UUID | None) -> None:
        if self.session_scope != body:
            told.append(body)
        real(self, body)

    monkeypatch.setattr(ScopedConnection, "show", show)
    with scope(ONE):
        for _ in range(5):
            seen()
    assert told in ([ONE], [])


@pytest.mark.django_db
def test_the_application_role_owns_nothing_and_obeys_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
            " where rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False, False)
        cursor.execute("select count(*) from pg_class where relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)


@pytest.mark.usefixtures("fresh_database")
def test_a_connection_is_known_to_live_without_asking_and_to_be_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    seen()
    assert connection.connection is not None
    with monkeypatch.context() as unasked:
        unasked.setattr(django_postgresql.DatabaseWrapper, "is_usable", lambda _: pytest.fail("asked"))
        assert connection.is_usable()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 10000)", [connection.connection.info.backend_pid])
    other.close()
    assert not connection.is_usable()
    connection.close()
    assert not connection.is_usable()
