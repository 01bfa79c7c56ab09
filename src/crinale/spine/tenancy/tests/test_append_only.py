"""What the system promises: what only grows is neither changed nor removed, not even by the owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger(owner_cursor: psycopg.Cursor[Any]) -> Iterator[psycopg.Cursor[Any]]:
    owner_cursor.execute(
        "create table ledger (id int, text text, mark text, moved timestamptz default now())"
    )
    owner_cursor.execute("select crinale_append_only('ledger', array['mark'])")
    owner_cursor.execute("insert into ledger values (1, 'said', null)")
    owner_cursor.execute("savepoint before")
    return owner_cursor


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("delete from ledger", "ledger is append-only: DELETE is refused"),
        ("truncate ledger", "ledger is append-only: TRUNCATE is refused"),
        ("update ledger set text = 'unsaid'", "ledger is append-only: text may not change"),
        (
            "update ledger set id = 2, text = 'x', mark = 'y'",
            "ledger is append-only: id, text may not change",
        ),
        ("update ledger set text = null", "ledger is append-only: text may not change"),
    ],
)
def test_the_owner_is_refused(ledger: psycopg.Cursor[Any], statement: str, words: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=words):
        ledger.execute(statement.encode())
    ledger.execute("rollback to savepoint before")
    assert ledger.execute("select id, text, mark from ledger").fetchall() == [(1, "said", None)]


def test_listed_columns_may_change(ledger: psycopg.Cursor[Any]) -> None:
    ledger.execute("update ledger set mark = 'annulled', text = 'said'")
    assert ledger.execute("select text, mark from ledger").fetchall() == [("said", "annulled")]


def test_columns_added_later_are_guarded(ledger: psycopg.Cursor[Any]) -> None:
    ledger.execute("alter table ledger add column later text")
    with pytest.raises(psycopg.errors.RaiseException, match="later may not change"):
        ledger.execute("update ledger set later = 'x'")


def test_without_mutable_columns_nothing_may_change(ledger: psycopg.Cursor[Any]) -> None:
    ledger.execute("select crinale_append_only('ledger')")
    with pytest.raises(psycopg.errors.RaiseException, match="mark may not change"):
        ledger.execute("update ledger set mark = 'x'")


def test_an_unknown_column_is_refused(ledger: psycopg.Cursor[Any]) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="ledger has no column absent"):
        ledger.execute("select crinale_append_only('ledger', array['absent'])")


def test_replication_mode_does_not_switch_the_guard_off(ledger: psycopg.Cursor[Any]) -> None:
    ledger.execute(
        "select tgname, tgenabled from pg_trigger where tgrelid = 'ledger'::regclass and not tgisinternal"
    )
    assert {enabled for _, enabled in ledger.fetchall()} == {"A"}


def guarded_tables() -> list[tuple[str, list[str]]]:
    with connection.cursor() as cursor:
        cursor.execute("select table_name, mutable from tenancy_append_only order by 1")
        return list(cursor.fetchall())


def test_every_registered_table_has_its_triggers_and_no_removal_is_granted() -> None:
    tables = guarded_tables()
    assert "audit_fact" in dict(tables)
    with connection.cursor() as cursor:
        for table, _ in tables:
            cursor.execute(
                "select count(*) from pg_trigger where tgrelid = %s::text::regclass"
                " and tgname like 'crinale_keep%%'"
                " and tgenabled = 'A'",
                [table],
            )
            assert cursor.fetchone() == (3,), table
            cursor.execute(
                "select has_table_privilege(%s, 'delete'), has_table_privilege(%s, 'truncate')", [table] * 2
            )
            assert cursor.fetchone() == (False, False), table


def test_the_application_may_not_change_what_is_guarded() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select has_table_privilege('tenancy_append_only', 'insert, update, delete')")
        assert cursor.fetchone() == (False,)
