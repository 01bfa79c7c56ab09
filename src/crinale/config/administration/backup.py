"""A copy of the whole node while it works: first the database, of one instant, then the documents.

Documents are only ever added, so those that the copied database names are all there when their turn comes.
"""

from __future__ import annotations

import shutil
import tarfile
from typing import TYPE_CHECKING, Final

import psycopg
from django.db import transaction

from crinale.config.administration import copies, facts
from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine import audit, tenancy

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.config.administration.operators import Operator
    from crinale.config.node import NodeHome

_NOTE: Final = """\
The secrets of this node are not in this backup. Keep a copy of these files, from the folder "secrets" of
the node's home, in a safe and apart from the backups: whoever has them seals in the name of the bodies.

{names}

Without them a restored node makes new passwords for its own database and new session keys by itself; seals,
message signatures and TLS need new keys and certificates (crinale keys request).
"""


def take(
    *, operator: Operator, home: NodeHome, owner_url: str, target: Path, with_secrets: bool
) -> copies.Manifest:
    """Write a copy of the node to a folder that does not exist yet, or to a `.tar` file.

    :raises Invalid: when the target exists, or lies in the node's home.
    """
    if target.exists():
        raise Invalid("target", f"{target} exists: name another one for each backup")
    if target.resolve().is_relative_to(home.root):
        raise Invalid("target", "a backup does not lie in the node's home: name another disk")
    folder = target.with_name(f"{target.name}.partial")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        with transaction.atomic(), tenancy.no_scope():
            audit.write(
                facts.BackupBegun(operator=operator.user, with_secrets=with_secrets), actor=operator.actor
            )
        manifest = _fill(folder, home, owner_url, with_secrets=with_secrets)
        if target.suffix == ".tar":
            _pack(folder, target)
        else:
            folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return manifest


def _fill(folder: Path, home: NodeHome, owner_url: str, *, with_secrets: bool) -> copies.Manifest:
    taken_at = clock.now().isoformat()
    dump = folder / copies.DUMP
    copies.run_program("pg_dump", owner_url, "--format", "custom", "--file", str(dump))
    count = size = 0
    for blob in copies.blobs_of(home.blobs):
        copies.link_or_copy(blob, folder / copies.BLOBS / blob.relative_to(home.blobs))
        count, size = count + 1, size + blob.stat().st_size
    if home.settings_file.is_file():
        shutil.copy2(home.settings_file, folder / copies.SETTINGS)
    # The passwords of its own database go with that database; a restored one has others.
    secrets = sorted(
        file for file in home.secrets.rglob("*") if file.is_file() and not file.name.startswith("postgres-")
    )
    if with_secrets:
        shutil.copytree(home.secrets, folder / copies.SECRETS, dirs_exist_ok=True)
    else:
        names = "\n".join(f"  {file.relative_to(home.secrets)}" for file in secrets)
        (folder / copies.SECRETS_NOTE).write_text(_NOTE.format(names=names), encoding="utf-8")
    server_version, migrations = _about(owner_url)
    manifest = copies.Manifest(
        format=copies.FORMAT,
        taken_at=taken_at,
        server_version=server_version,
        dump_sha256=copies.file_digest(dump),
        blobs=count,
        blob_bytes=size,
        migrations=migrations,
        with_secrets=with_secrets,
    )
    manifest.write(folder)
    return manifest


def _about(owner_url: str) -> tuple[int, list[str]]:
    """The version of the server, and the migrations of our own packages that its database has seen."""
    with psycopg.connect(owner_url) as owner:
        rows = owner.execute("select app || '.' || name from django_migrations order by 1").fetchall()
        server = owner.info.server_version
    ours = {one.partition(".")[0] for one in copies.known_migrations()}
    return server, [name for (name,) in rows if name.partition(".")[0] in ours]


def _pack(folder: Path, target: Path) -> None:
    partial = target.with_name(f"{target.name}.writing")
    try:
        with tarfile.open(partial, "w") as archive:
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    archive.add(file, arcname=str(file.relative_to(folder)), recursive=False)
        partial.chmod(0o600)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
