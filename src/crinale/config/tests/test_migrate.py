"""Bringing a database up to the code: once, as the owner, on every supported PostgreSQL."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from crinale.config import migrate as migrating
from crinale.config.database_urls import APP_URL, OWNER_URL, DatabaseRole, database_url
from crinale.config.embedded_postgres import EmbeddedPostgres, server_version
from crinale.config.migrate import (
    MigrationFailed,
    NoApplicationRole,
    NoDatabase,
    UnsafeApplicationRole,
    fingerprint,
    migrate,
)

if TYPE_CHECKING:
    from crinale.config.node import NodeHome
    from crinale.config.testing.databases import TestDatabase

DEBIAN = Path("/usr/lib/postgresql/15/bin")


def test_migrations_run_only_when_their_files_have_changed(
    fresh_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(migrating, "_run_migrations", lambda *_: ran.append("run"))
    urls = fresh_database.owner_url, fresh_database.app_url
    assert migrate(*urls) is False
    monkeypatch.setattr(migrating, "fingerprint", lambda: "another")
    assert migrate(*urls) is True
    assert migrate(*urls) is False
    assert ran == ["run"]


def test_the_application_may_change_rows_but_never_tables(fresh_database: TestDatabase) -> None:
    with psycopg.connect(fresh_database.app_url, autocommit=True) as app:
        assert app.execute("select count(*) from django_session").fetchone() == (0,)
        assert app.execute("delete from django_session").rowcount == 0
        for forbidden in (
            "truncate django_session",
            "drop table django_session",
            "alter table django_session add column x int",
            "create table mine ()",
            "delete from django_migrations",
            "delete from crinale_migrated",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_an_application_role_that_bypasses_row_level_security_is_refused(
    fresh_database: TestDatabase,
) -> None:
    with pytest.raises(UnsafeApplicationRole):
        migrate(fresh_database.owner_url, fresh_database.owner_url)


def test_without_any_database_it_says_what_to_do() -> None:
    with pytest.raises(NoDatabase, match="CRINALE_DATABASE_URL"):
        migrate()


def test_a_failing_migration_says_why(fresh_database: TestDatabase) -> None:
    with psycopg.connect(fresh_database.owner_url, autocommit=True) as owner:
        owner.execute("delete from django_migrations where app = 'sessions'")
    with pytest.raises(MigrationFailed, match="django_session"):
        migrate(fresh_database.owner_url, fresh_database.app_url, always=True)


@pytest.mark.skipif(not DEBIAN.exists(), reason="needs the Debian package postgresql-15")
def test_a_server_of_debian_with_its_version_15_serves(
    home: NodeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server_version(DEBIAN) == 15
    with EmbeddedPostgres(home, binaries=DEBIAN) as server:
        with psycopg.connect(server.superuser_url(), autocommit=True) as admin:
            admin.execute("create role town login createrole password 'town'")
            admin.execute("create role plain login password 'plain'")
            admin.execute("create database town owner town")
            admin.execute("create database plain owner plain")
            admin.execute("drop database crinale")
            admin.execute("drop role crinale_app")
        _refuses_without_an_application_role(server, monkeypatch)
        _makes_the_application_role(server, home, monkeypatch)


def _refuses_without_an_application_role(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OWNER_URL, f"postgresql://plain:plain@127.0.0.1:{server.port}/plain")
    with pytest.raises(NoApplicationRole, match=APP_URL):
        migrate()


def _makes_the_application_role(
    server: EmbeddedPostgres, home: NodeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(home.secrets / "postgres-app", ignore_errors=True)
    monkeypatch.setenv(OWNER_URL, f"postgresql://town:town@127.0.0.1:{server.port}/town")
    assert migrate(home=home) is True
    assert migrate(home=home) is False
    app_url = database_url(DatabaseRole.APP, home=home)
    assert app_url is not None
    assert app_url.endswith("/town")
    with psycopg.connect(app_url) as app:
        assert _one(app, "select current_user") == "crinale_app"
        assert _one(app, "select count(*) from django_session") == 0
        assert _one(app, "show server_version_num").startswith("15")


def _one(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_the_fingerprint_covers_every_migration_on_disk() -> None:
    assert len(fingerprint()) == 64
    assert OWNER_URL not in os.environ
