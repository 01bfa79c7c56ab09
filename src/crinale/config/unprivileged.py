"""Runs a program that refuses to be root as somebody else, without adding a user or opening a directory.

PostgreSQL refuses to run as root. Root therefore hands the data directory to `nobody`, or, where `nobody` may
not walk to the files (a home under /root), runs it in a user namespace in which root is `nobody`; where a
container refuses namespaces, as `nobody` with the one right to walk through closed directories. No user is
added and no directory but the data directory changes hands.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crinale.config import tether

if TYPE_CHECKING:
    from collections.abc import Sequence

NOBODY: Final = 65534
_AS_NOBODY_IN_A_NAMESPACE: Final = (
    "unshare",
    "--user",
    f"--map-user={NOBODY}",
    f"--map-group={NOBODY}",
    "--",
)


@dataclass(frozen=True)
class Unprivileged:
    """The user that runs `program` on data below `home`."""

    program: Path
    home: Path

    def command(self, command: Sequence[str], *, tethered: bool = False) -> list[str]:
        """A command as that user runs it; it ends with this process, `tethered` ones by a clean shutdown."""
        signal_name = "SIGINT" if tethered else "SIGKILL"
        python = [sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), signal_name]
        if os.geteuid() == 0 and self._nobody_can_reach():
            return [*python, str(NOBODY), *command]
        if os.geteuid() != 0 and _has_name(os.geteuid()):
            return [*python, "-", *command]
        if os.geteuid() == 0 and not user_namespaces():
            return [*python, f"{NOBODY}+walk", *command]
        # Root on closed ground, or a user without a name (as containers give), whom PostgreSQL refuses too.
        return [*_AS_NOBODY_IN_A_NAMESPACE, *python, "-", *command]

    def own(self, directory: Path) -> None:
        """As root, give a data directory to that user; where it lies, and so the user, may have changed."""
        if os.geteuid() != 0:
            return
        wanted = 0 if user_namespaces() and not self._nobody_can_reach() else NOBODY
        if directory.stat().st_uid == wanted:
            return
        for parent, _, files in os.walk(directory, topdown=False):
            for name in files:
                os.chown(Path(parent) / name, wanted, wanted, follow_symlinks=False)
            os.chown(parent, wanted, wanted)

    def _nobody_can_reach(self) -> bool:
        places = [
            place for path in (self.program, self.home) for place in (path.resolve(), *path.resolve().parents)
        ]
        return all(place.stat().st_mode & 0o001 for place in places)


@cache
def user_namespaces() -> bool:
    """Whether this system gives a process a user namespace of its own; many containers do not."""
    try:
        tried = subprocess.run([*_AS_NOBODY_IN_A_NAMESPACE, "true"], check=False, capture_output=True)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
