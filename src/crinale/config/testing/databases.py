"""Databases for tests: a cluster kept ready on disk, a migrated template in it, and its clones."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql

from crinale.config import migrate
from crinale.config.database_urls import APP_ROLE, APP_URL, OWNER_ROLE, OWNER_URL, with_credentials
from crinale.config.embedded_postgres import EmbeddedPostgres, find_binaries, server_version
from crinale.config.node import REPOSITORY, NodeHome

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD: Final = "test"  # noqa: S105  of a database that lives as long as the tests
# A throw-away database has nothing to lose in a power cut.
_THROW_AWAY: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "autovacuum_naptime": "1h",
}
_SEEDS_KEPT: Final = 3


@dataclass(frozen=True)
class TestDatabase:
    """One database, as its owner and as the application."""

    __test__ = False

    name: str
    owner_url: str
    app_url: str

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to use this database."""
        return {OWNER_URL: self.owner_url, APP_URL: self.app_url}


@dataclass(frozen=True)
class TestServer:
    """A PostgreSQL server for tests, known by the URL of a role that may create databases and roles."""

    __test__ = False

    admin_url: str

    def prepare(self) -> None:
        """Make the roles and the migrated template; returns at once when they are there."""
        with self._admin() as admin:
            admin.execute("select pg_advisory_lock(hashtext('crinale tests'))")
            roles = {row[0] for row in admin.execute("select rolname from pg_roles")}
            for role in (OWNER_ROLE, APP_ROLE):
                verb = "alter" if role in roles else "create"
                admin.execute(
                    sql.SQL(verb + " role {} login nosuperuser nobypassrls password {}").format(
                        sql.Identifier(role), sql.Literal(PASSWORD)
                    )
                )
            databases = {row[0] for row in admin.execute("select datname from pg_database")}
            if self.template in databases:
                return
            fresh = f"{self.template}_fresh"
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(fresh)))
            admin.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(OWNER_ROLE)))
            admin.execute(
                sql.SQL(
                    "create database {} owner {} template template0 encoding 'UTF8' locale 'C.UTF-8'"
                ).format(sql.Identifier(fresh), sql.Identifier(OWNER_ROLE))
            )
            database = self._database(fresh)
            migrate.migrate(database.owner_url, database.app_url)
            admin.execute(
                sql.SQL("alter database {} rename to {}").format(
                    sql.Identifier(fresh), sql.Identifier(self.template)
                )
            )

    @property
    def template(self) -> str:
        """The name of the template for the migrations as they are on disk now."""
        return f"crinale_template_{migrate.fingerprint()[:16]}"

    def clone(self, name: str) -> TestDatabase:
        """A new database like the template; one of the same name is dropped first."""
        with self._admin() as admin:
            self._drop(admin, name)
            admin.execute(
                sql.SQL("create database {} owner {} template {} strategy file_copy").format(
                    sql.Identifier(name), sql.Identifier(OWNER_ROLE), sql.Identifier(self.template)
                )
            )
        return self._database(name)

    def drop(self, database: TestDatabase) -> None:
        """Drop a database, whoever is still connected."""
        with self._admin() as admin:
            self._drop(admin, database.name)

    def _drop(self, admin: psycopg.Connection, name: str) -> None:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self.admin_url, autocommit=True)

    def _database(self, name: str) -> TestDatabase:
        return TestDatabase(
            name=name,
            owner_url=with_credentials(self.admin_url, OWNER_ROLE, PASSWORD, database=name),
            app_url=with_credentials(self.admin_url, APP_ROLE, PASSWORD, database=name),
        )


@contextlib.contextmanager
def throw_away_server() -> Iterator[TestServer]:
    """Start a private copy of the ready-made cluster; it ends with the block, or with the process."""
    root = REPOSITORY / "var" / "test"
    root.mkdir(parents=True, exist_ok=True)
    seed = _seed(root)
    home = NodeHome(Path(tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=root)))
    home.root.chmod(0o711)
    try:
        subprocess.run(["cp", "-a", "--reflink=auto", f"{seed}/.", home.root], check=True)
        (home.root / "node.toml").unlink(missing_ok=True)
        with EmbeddedPostgres(home, settings=_THROW_AWAY) as postgres:
            yield TestServer(postgres.superuser_url())
    finally:
        shutil.rmtree(home.root, ignore_errors=True)


def _seed(root: Path) -> Path:
    """The ready-made cluster for these migrations and this PostgreSQL; made once, by whoever comes first."""
    seed = root / f"seed-{server_version(find_binaries())}-{migrate.fingerprint()[:16]}"
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove_leftovers(root)
        if not seed.exists():
            making = NodeHome(root / "making")
            shutil.rmtree(making.root, ignore_errors=True)
            with EmbeddedPostgres(making, settings=_THROW_AWAY) as postgres:
                TestServer(postgres.superuser_url()).prepare()
            making.root.rename(seed)
        os.utime(seed)
    return seed


def _remove_leftovers(root: Path) -> None:
    for run in root.glob("run-*"):
        if not Path("/proc", run.name.split("-")[1]).exists():
            shutil.rmtree(run, ignore_errors=True)
    seeds = sorted(root.glob("seed-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in seeds[_SEEDS_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
