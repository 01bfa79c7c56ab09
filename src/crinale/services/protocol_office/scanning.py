"""The files that scanners dropped for an area: list them, open one, put it aside once it is registered.

Scanners are machines of the network and their file names are anybody's: a file is named on pages by a digest
of its name, opened only in the folder of its area, never through a link, and moved to ``done/`` after the
commit.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.ports import scan_root

if TYPE_CHECKING:
    from typing import BinaryIO

    from crinale.spine.tenancy.queries import AreaRef

MOST: Final = 60
DONE: Final = "done"
_STILL: Final = 2.0  # seconds without a change after which a file is whole
_LOOKED_AT: Final = 2000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scan:
    """A file that a scanner dropped; ``whole`` is false while it may still be growing."""

    key: str
    name: str
    size: int
    at: datetime
    whole: bool


def scans(area: AreaRef) -> list[Scan]:
    """Return the files that wait in the folder of an area, the oldest first; none without a folder."""
    return [scan for scan, _name in _found(area)][:MOST]


def open_scan(area: AreaRef, key: str) -> tuple[Scan, BinaryIO]:
    """Open a file that waits.

    :raises NotVisible: when it is not there any more, or not whole yet.
    """
    for scan, path in _found(area):
        if scan.key == key and scan.whole:
            return scan, _opened(path)
    raise NotVisible


def put_aside(area: AreaRef, keys: list[str]) -> list[str]:
    """Move files to ``done/``, after what they became is registered; return the names of those that stayed.

    One that somebody moved meanwhile is no failure.
    """
    wanted, stayed = set(keys), []
    for scan, path in _found(area) if wanted else ():
        if scan.key in wanted and not _moved(path):
            stayed.append(scan.name)
    return stayed


def _folder(area: AreaRef) -> Path:
    return scan_root.get() / area.code


def _found(area: AreaRef) -> list[tuple[Scan, Path]]:
    if not scan_root.is_bound:
        return []
    found: list[tuple[Scan, Path]] = []
    try:
        entries = os.scandir(_folder(area))
    except OSError:
        return []
    with entries:
        for count, entry in enumerate(entries):
            if count >= _LOOKED_AT:
                _log.warning("The scan folder of %s holds more than %d entries", area.code, _LOOKED_AT)
                break
            if not entry.name.startswith("."):
                with contextlib.suppress(OSError):  # gone between two looks
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        found.append((_scan(entry.name, status), Path(entry.path)))
    return sorted(found, key=lambda one: (one[0].at, one[0].name))


def _scan(name: str, status: os.stat_result) -> Scan:
    return Scan(
        key=sha256(os.fsencode(name)).hexdigest()[:32],
        name=shown_name(name),
        size=status.st_size,
        at=datetime.fromtimestamp(status.st_mtime, UTC),
        # The clock of the disk, not the one that a demonstration may move.
        whole=status.st_size > 0 and time.time() - status.st_mtime >= _STILL,
    )


def shown_name(name: str) -> str:
    """Return a file name as it may be shown and kept: no halves of characters, controls or separators."""
    text = os.fsencode(name).decode("utf-8", "replace")
    clean = "".join(one if one.isprintable() and one not in '/\\"<>' else "_" for one in text)
    return clean[:200].strip(" .") or "scansione"


def _opened(path: Path) -> BinaryIO:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise NotVisible from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotVisible
    return os.fdopen(handle, "rb")


def _moved(path: Path) -> bool:
    done = path.parent / DONE
    try:
        done.mkdir(exist_ok=True)
        target = done / path.name
        if os.path.lexists(target):  # also a link that leads nowhere
            target = done / f"{time.time_ns()}-{path.name[-100:]}"
        path.rename(target)
    except FileNotFoundError:
        return True
    except OSError as error:
        _log.warning("A scan could not be put aside: %s", error.strerror)
        return False
    return True
