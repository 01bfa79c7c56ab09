"""What a copy of a node is: a folder (or a tar of it) that `backup` writes and `restore` reads.

backup.json      what it is, of which day and version, with the digest of the dump
database.dump    the whole database, in pg_dump's custom format
blobs/           the documents, each under its SHA-256, as in the node's home
node.toml        the settings
secrets/         keys and passwords, only if asked for; else SECRETS.txt names those to keep elsewhere
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import crinale
from crinale.config.database_urls import OWNER_URL, DatabaseRole, database_url
from crinale.config.embedded_postgres import EmbeddedPostgres, find_binaries
from crinale.config.migrate import NoDatabase
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.config.node import NodeHome

FORMAT: Final = "crinale-backup/1"
MANIFEST: Final = "backup.json"
DUMP: Final = "database.dump"
BLOBS: Final = "blobs"
SECRETS: Final = "secrets"
SECRETS_NOTE: Final = "SECRETS.txt"
SETTINGS: Final = "node.toml"
_CHUNK: Final = 1 << 20
_BLOB: Final = re.compile(r"[0-9a-f]{64}")


class NotABackup(CrinaleError):
    """This is no backup of a node, or not a whole one."""


class NoProgram(CrinaleError):
    """The client programs of PostgreSQL are missing, or older than its server."""


class ProgramFailed(CrinaleError):
    """A program of PostgreSQL failed."""


class DatabaseSilent(CrinaleError):
    """The node's database seems to run and does not answer: start or stop the node, then try again."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The first page of a copy. `migrations` are those of our own packages that the database has seen."""

    format: str
    taken_at: str
    server_version: int
    dump_sha256: str
    blobs: int
    blob_bytes: int
    migrations: list[str]
    with_secrets: bool

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of a copy.

        :raises NotABackup: when there is none that we understand.
        """
        try:
            found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            manifest = cls(**found)
        except (OSError, ValueError, TypeError) as error:
            raise NotABackup from error
        if manifest.format != FORMAT:
            raise NotABackup
        return manifest

    def write(self, folder: Path) -> None:
        """Write it into a copy."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def known_migrations() -> set[str]:
    """The migrations of this code, as `package.name`."""
    files = Path(crinale.__file__).parent.glob("*/*/migrations/[0-9]*.py")
    return {f"{file.parent.parent.name}.{file.stem}" for file in files}


def blobs_of(folder: Path) -> Iterator[Path]:
    """The blobs of a store, each once, without those on their way in."""
    for file in sorted(folder.glob("[0-9a-f][0-9a-f]/*")):
        if _BLOB.fullmatch(file.name):
            yield file


def file_digest(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def owners_database(home: NodeHome, *, create: bool = False) -> Iterator[str]:
    """The owner's URL of the node's database, which is started for the block where it does not run.

    :raises NoDatabase: when the node has none, unless it is to be made.
    :raises DatabaseSilent: when its process seems to live and does not answer.
    """
    known = os.environ.get(OWNER_URL) or database_url(DatabaseRole.OWNER, home=home)
    if OWNER_URL in os.environ or (known and _answers(known)):
        yield str(known)
        return
    if not create and not (home.postgres / "PG_VERSION").exists():
        raise NoDatabase
    if _seems_alive(home):
        raise DatabaseSilent
    with EmbeddedPostgres(home) as postgres:
        yield postgres.owner_url()


def run_program(name: str, owner_url: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore as the owner; the password goes by the environment, unseen by others.

    :raises NoProgram: when there is none for this server.
    :raises ProgramFailed: with what it said.
    """
    parts = {key: str(value) for key, value in conninfo_to_dict(owner_url).items()}
    password = parts.pop("password", "")
    command = [str(_find_program(name, owner_url)), *arguments, "--dbname", make_conninfo("", **parts)]
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    ran = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if ran.returncode != 0:
        raise ProgramFailed(f"{name} failed: {ran.stderr.strip()[-2000:]}")


def _find_program(name: str, owner_url: str) -> Path:
    """The oldest program not older than the server: newer ones write what older servers do not read."""
    with psycopg.connect(owner_url) as connection:
        server = connection.info.server_version // 10_000
    folders = [find_binaries(), *(path.parent for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    found: dict[int, Path] = {}
    for folder in folders:
        if (folder / name).exists():
            said = subprocess.run([folder / name, "--version"], check=True, capture_output=True, text=True)
            major = re.search(r"\) (\d+)", said.stdout)
            if major and int(major[1]) >= server:
                found.setdefault(int(major[1]), folder / name)
    if not found:
        raise NoProgram(f"There is no {name} for PostgreSQL {server}: install postgresql-client-{server}.")
    return found[min(found)]


def _answers(owner_url: str) -> bool:
    try:
        psycopg.connect(owner_url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _seems_alive(home: NodeHome) -> bool:
    try:
        pid = int((home.postgres / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return False
    return Path(f"/proc/{pid}").exists()


def copy_blob(source: Path, target: Path) -> None:
    """Copy a blob and check it on the way: its name is its digest.

    :raises NotABackup: when it is damaged.
    """
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            writing.write(chunk)
    if digest.hexdigest() != source.name:
        raise NotABackup(f"The document {source.name} is damaged: take it from another backup.")
    target.chmod(0o440)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file another name, or copy it where that is on another disk; a blob never changes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
