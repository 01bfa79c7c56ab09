"""A migrated cluster kept ready on disk, so that a demonstration or a measure does not begin from nothing.

The copy shares the passwords of its roles with the original, which is right for demonstrations and throw-away
nodes on a loopback interface, and for nothing else. It belongs to one state of the migrations and one version
of PostgreSQL.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from crinale.config import migrate
from crinale.config.embedded_postgres import EmbeddedPostgres, find_binaries, server_version
from crinale.config.node import REPOSITORY, NodeHome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT: Final = REPOSITORY / "var" / "clusters"
SECRETS: Final = ("postgres-superuser", "postgres-owner", "postgres-app")
_KEPT: Final = 2
# Nothing is lost if this is interrupted: it is made anew.
_MAKING: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def give_cluster(home: NodeHome) -> None:
    """Give a home without a database a copy of the ready one, making that first where it lacks."""
    if home.postgres.exists() or any(home.existing_secret(name) for name in SECRETS):
        return
    home.prepare()
    with _locked():
        ready = _ready()
    fresh = home.root / "postgres.copy"
    shutil.rmtree(fresh, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", ready.postgres, fresh], check=True)
    for name in SECRETS:
        shutil.copy2(ready.secrets / name, home.secrets / name)
    fresh.rename(home.postgres)


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    ROOT.mkdir(parents=True, exist_ok=True)
    with (ROOT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ready() -> NodeHome:
    ready = NodeHome(ROOT / f"{server_version(find_binaries())}-{migrate.fingerprint()[:16]}")
    if not ready.root.exists():
        _make(ready.root)
        _forget_old(ready.root)
    return ready


def _make(target: Path) -> None:
    making = NodeHome(ROOT / "making")
    shutil.rmtree(making.root, ignore_errors=True)
    with EmbeddedPostgres(making, settings=_MAKING) as postgres:
        migrate.migrate(postgres.owner_url(), postgres.app_url(), home=making)
    making.root.rename(target)


def _forget_old(newest: Path) -> None:
    others = [path for path in ROOT.iterdir() if path.is_dir() and path != newest]
    for old in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
