"""Pictures of the pages of a PDF, and images made anew, drawn by a process apart with little memory and time.

A hostile file costs at most that process: what comes back is a PNG that was made here, in which nothing of
the file's own bytes is left. No more than two are drawn at once by one web process.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

MOST_PAGES: Final = 1000
_PAINTER: Final = Path(__file__).with_name("painter.py")
_SECONDS: Final = 12
_AT_ONCE: Final = threading.BoundedSemaphore(2)
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


def count(data: bytes, kind: str) -> int:
    """Return how many pages a file has, at most ``MOST_PAGES``; 0 when it cannot be drawn."""
    answer = _painted(data, kind, "count", MOST_PAGES if kind == "pdf" else 1)
    return int(answer) if answer.isdigit() else 0


def draw(data: bytes, kind: str, page: int) -> bytes | None:
    """Return a page as PNG, from 1; nothing when there is none or it cannot be drawn."""
    if not kind or not 1 <= page <= MOST_PAGES:
        return None
    answer = _painted(data, kind, "draw", page)
    return answer if answer.startswith(_SIGNATURE) else None


def _painted(data: bytes, kind: str, what: str, number: int) -> bytes:
    with tempfile.TemporaryDirectory(prefix="crinale-") as folder, _turn() as mine:
        if not mine:
            return b""
        file = Path(folder) / f"file.{kind}"
        file.write_bytes(data)
        command = [sys.executable, "-I", str(_PAINTER), folder, file.name, what, str(number)]
        try:
            # Our own program with our own words: the file is only data to it.
            done = subprocess.run(
                command, capture_output=True, timeout=_SECONDS, check=False, env={}, cwd=folder
            )
        except subprocess.TimeoutExpired:
            log.info("a file takes too long to draw")
            return b""
    return done.stdout if done.returncode == 0 else b""


@contextmanager
def _turn() -> Iterator[bool]:
    """Wait for one of the two places; say whether there was one in time."""
    mine = _AT_ONCE.acquire(timeout=_SECONDS)
    try:
        yield mine
    finally:
        if mine:
            _AT_ONCE.release()
