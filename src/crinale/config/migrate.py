"""Bring a database up to the code: as its owner, then let the application role use the tables.

The migrations run only when the files differ from those of the last run, so that a start costs one query.
"""

from __future__ import annotations

import functools
import hashlib
import os
import secrets
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

import crinale
from crinale.config.database_urls import (
    APP_ROLE,
    APP_URL,
    OWNER_URL,
    DatabaseRole,
    database_url,
    with_credentials,
)
from crinale.config.node import NodeHome, replace_file
from crinale.kernel.errors import CrinaleError

_LOCK: Final = 0x6372_696E_616C_65  # "crinale": two nodes may start on one database at the same time
_MIGRATING_PACKAGES: Final = ("django", "procrastinate")


class NoDatabase(CrinaleError):
    """No database is known: set CRINALE_DATABASE_URL, or start the node's own with `./crinale run`."""


class NoApplicationRole(CrinaleError):
    """The owner of CRINALE_DATABASE_URL may not create roles: create one, named in CRINALE_DATABASE_APP_URL.

    create role crinale_app login nosuperuser nobypassrls password '...';
    """


class UnsafeApplicationRole(CrinaleError):
    """The role of CRINALE_DATABASE_APP_URL is an owner, a superuser, or bypasses row-level security."""


class MigrationFailed(CrinaleError):
    """A migration failed; the database is as the last good migration left it."""

    def __init__(self, said: str) -> None:
        super().__init__(f"{self.__doc__}\n{said}")


@functools.cache
def fingerprint() -> str:
    """A digest of everything that migrations come from."""
    digest = hashlib.sha256()
    package = Path(crinale.__file__).parent
    for path in sorted(
        [*package.glob("**/migrations/*.py"), Path(__file__), package / "config/settings/applications.py"]
    ):
        digest.update(f"{path.relative_to(package)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    for name in _MIGRATING_PACKAGES:
        digest.update(f"{name} {metadata.version(name)}\0".encode())
    return digest.hexdigest()


def migrate(
    owner_url: str | None = None,
    app_url: str | None = None,
    *,
    home: NodeHome | None = None,
    always: bool = False,
) -> bool:
    """Bring the database up to the code; returns whether there was anything to do.

    :raises NoDatabase: when neither the arguments, the environment nor the node's home names a database.
    :raises NoApplicationRole: when there is no application role and none can be made.
    :raises MigrationFailed: with what Django said.
    """
    home = home or NodeHome.current()
    owner_url = owner_url or database_url(DatabaseRole.OWNER, home=home)
    if owner_url is None:
        raise NoDatabase
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("select pg_advisory_lock(%s)", [_LOCK])
        app_url = app_url or _application_role(owner, owner_url, home)
        role = str(conninfo_to_dict(app_url)["user"])
        _check_application_role(owner, role)
        wanted = f"{fingerprint()} {role}"
        if not always and _stored_fingerprint(owner) == wanted:
            return False
        _run_migrations(owner_url, app_url)
        with owner.transaction():
            _grant(owner, role)
            _store_fingerprint(owner, wanted)
    return True


def _run_migrations(owner_url: str, app_url: str) -> None:
    # A process of its own, because this one may already use Django as the application role.
    ran = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity", "1", "--skip-checks"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "crinale.config.settings",
            "PYTHONPATH": str(Path(crinale.__file__).parents[1]),
            "CRINALE_DB_ROLE": "owner",
            OWNER_URL: owner_url,
            APP_URL: app_url,
        },
        check=False,
        capture_output=True,
        text=True,
    )
    if ran.returncode != 0:
        raise MigrationFailed((ran.stdout + ran.stderr)[-4000:])


def _application_role(owner: psycopg.Connection, owner_url: str, home: NodeHome) -> str:
    """The URL of the application role; it is made, its password kept in the home, where the server allows."""
    if known := os.environ.get(APP_URL):
        return known
    if OWNER_URL not in os.environ and (known := database_url(DatabaseRole.APP, home=home)):
        return known
    may_create = owner.execute(
        "select rolcreaterole or rolsuper from pg_roles where rolname = current_user"
    ).fetchone()
    password = home.existing_secret("postgres-app") or secrets.token_urlsafe(32)
    known = with_credentials(owner_url, APP_ROLE, password)
    exists = owner.execute("select 1 from pg_roles where rolname = %s", [APP_ROLE]).fetchone()
    if may_create and may_create[0]:
        verb = "alter" if exists else "create"
        owner.execute(
            sql.SQL(verb + " role {} login password {}").format(
                sql.Identifier(APP_ROLE), sql.Literal(password)
            )
        )
        home.prepare()
        replace_file(home.secrets / "postgres-app", password + "\n")
    elif not exists or not home.existing_secret("postgres-app"):
        raise NoApplicationRole
    return known


def _check_application_role(owner: psycopg.Connection, role: str) -> None:
    found = owner.execute(
        "select rolsuper or rolbypassrls or pg_has_role(rolname, current_user, 'member')"
        " from pg_roles where rolname = %s",
        [role],
    ).fetchone()
    if found is None or found[0]:
        raise UnsafeApplicationRole


def _grant(owner: psycopg.Connection, role: str) -> None:
    """What the application may do: everything with rows that the triggers allow, nothing with tables."""
    database = owner.info.dbname
    owner.execute(
        sql.SQL("grant connect, temporary on database {database} to {role}").format(
            database=sql.Identifier(database), role=sql.Identifier(role)
        )
    )
    owner.execute("select crinale_grant(%s)", [role])


def _stored_fingerprint(owner: psycopg.Connection) -> str | None:
    if owner.execute("select to_regclass('public.crinale_migrated')").fetchone() == (None,):
        return None
    found = owner.execute("select fingerprint from crinale_migrated").fetchone()
    return found[0] if found else None


def _store_fingerprint(owner: psycopg.Connection, value: str) -> None:
    # A table, because clones and dumps of the database carry it along.
    owner.execute("create table if not exists crinale_migrated (fingerprint text not null)")
    owner.execute("delete from crinale_migrated")
    owner.execute("insert into crinale_migrated values (%s)", [value])
