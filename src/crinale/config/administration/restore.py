"""A node goes on from a copy of itself, in an empty home: the same registers, documents and facts.

Everything is checked before anything is written; what a failure leaves in the home is taken away again.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from crinale.config.administration import copies
from crinale.config.database_urls import DatabaseRole
from crinale.config.migrate import migrate
from crinale.config.node_choice import enter_node
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.config.administration.copies import Manifest
    from crinale.config.node import NodeHome


class HomeNotEmpty(CrinaleError):
    """A node lives here already: name an empty folder as CRINALE_HOME, and an empty database."""


class NewerBackup(CrinaleError):
    """The backup was taken by a newer version of Crinale: install that one first."""


def restore(*, home: NodeHome, source: Path) -> Manifest:
    """Make a node of a copy; its database is left as it was found: running, or stopped.

    :raises NotABackup: when the copy is not whole.
    :raises HomeNotEmpty: when the home or the database holds a node.
    :raises NewerBackup: when this code does not know the backup's tables.
    """
    _require_empty(home)
    with _unpacked(source, home) as folder:
        manifest = _checked(folder)
        with _undone_on_failure(home):
            home.prepare()
            _copy_files(folder, home)
            with copies.owners_database(home, create=True) as owner_url:
                _require_empty_database(owner_url)
                copies.run_program(
                    "pg_restore", owner_url, "--no-owner", "--no-acl", "--no-comments", "--exit-on-error",
                    "--single-transaction", str(folder / copies.DUMP),
                )  # fmt: skip
                migrate(owner_url, home=home, always=True)
                _tell(manifest)
    return manifest


def _tell(manifest: Manifest) -> None:
    """Write the fact, in the restored node itself."""
    enter_node(None, role=DatabaseRole.OWNER)
    from django.db import connection, transaction

    from crinale.config.administration import facts
    from crinale.config.administration.operators import Operator
    from crinale.spine import audit, tenancy

    operator = Operator.at_console()
    fact = facts.BackupRestored(
        operator=operator.user,
        taken_at=datetime.fromisoformat(manifest.taken_at),
        dump_sha256=manifest.dump_sha256,
    )
    with transaction.atomic(), tenancy.no_scope():
        audit.write(fact, actor=operator.actor)
    connection.close()


def _require_empty(home: NodeHome) -> None:
    """Look for a database, settings or documents; empty folders and the note of an environment do no harm."""
    if home.settings_file.exists() or home.postgres.exists() or any(copies.blobs_of(home.blobs)):
        raise HomeNotEmpty
    if home.secrets.is_dir() and any(home.secrets.iterdir()):
        raise HomeNotEmpty


def _require_empty_database(owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        found = owner.execute(
            "select from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        ).fetchone()
    if found:
        raise HomeNotEmpty


@contextmanager
def _unpacked(source: Path, home: NodeHome) -> Iterator[Path]:
    """The folder of a copy; a tar is unpacked beside the home, on the disk that will hold it."""
    if source.is_dir():
        yield source
        return
    home.root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home.root.parent) as folder:
        try:
            with tarfile.open(source) as archive:
                archive.extractall(folder, filter="data")
        except (tarfile.TarError, OSError) as error:
            raise copies.NotABackup from error
        yield Path(folder)


def _checked(folder: Path) -> Manifest:
    manifest = copies.Manifest.read(folder)
    dump = folder / copies.DUMP
    if not dump.is_file() or copies.file_digest(dump) != manifest.dump_sha256:
        raise copies.NotABackup("The database in this backup is damaged: take another backup.")
    if sum(1 for _ in copies.blobs_of(folder / copies.BLOBS)) != manifest.blobs:
        raise copies.NotABackup("Documents are missing in this backup: take another one.")
    if not set(manifest.migrations) <= copies.known_migrations():
        raise NewerBackup
    return manifest


def _copy_files(folder: Path, home: NodeHome) -> None:
    for blob in copies.blobs_of(folder / copies.BLOBS):
        copies.copy_blob(blob, home.blobs / blob.relative_to(folder / copies.BLOBS))
    if (folder / copies.SETTINGS).is_file():
        shutil.copy2(folder / copies.SETTINGS, home.settings_file)
    if (folder / copies.SECRETS).is_dir():
        shutil.copytree(folder / copies.SECRETS, home.secrets, dirs_exist_ok=True)


@contextmanager
def _undone_on_failure(home: NodeHome) -> Iterator[None]:
    """Take away what a failed restore made; the folder itself stays if it was there."""
    was_there = home.root.exists()
    before = set(home.root.iterdir()) if was_there else set()
    try:
        yield
    except BaseException:
        for path in set(home.root.iterdir()) - before if home.root.exists() else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for folder in (home.blobs, home.secrets):
            if folder in before and folder.is_dir():
                for path in folder.iterdir():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not was_there and home.root.exists():
            home.root.rmdir()
        raise
