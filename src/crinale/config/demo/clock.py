"""The clock of the demonstration network: the machine's, moved forward by a file that all processes read.

Retries, incidents after three days and the next day's daily register can so be seen without waiting. A
registered instant can never be undone, so the clock only moves forward, and only in a demonstration: a node
that serves real bodies has no clock file and keeps the time of the machine.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "clock"
_LOOK_EVERY_SECONDS = 0.2


def system_time() -> datetime:
    """The machine's instant, which the file moves."""
    return datetime.now(UTC)


def read_offset(file: Path) -> timedelta:
    """How far the file moves the clock; nothing when there is no file."""
    try:
        return timedelta(seconds=max(0.0, float(file.read_text("ascii"))))
    except (FileNotFoundError, ValueError):
        return timedelta(0)


class MovedClock:
    """A source for the kernel's clock that follows the file, looking at it a few times in a second."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = timedelta(0)
        self._look_at = 0.0

    def __call__(self) -> datetime:
        moment = time.monotonic()
        if moment >= self._look_at:
            # The file is replaced whole, and an unreadable one must not turn the clock back.
            self._offset = max(self._offset, read_offset(self._file))
            self._look_at = moment + _LOOK_EVERY_SECONDS
        return system_time() + self._offset


def follow(file: Path) -> None:
    """Let every instant of this process come from the demonstration's clock."""
    clock.set_source(MovedClock(file))


def move(file: Path, instant: datetime) -> datetime:
    """Move the clock to an aware instant, and return it.

    :raises Invalid: when the instant has no offset from UTC, or lies in the clock's past.
    """
    if instant.tzinfo is None:
        field, remedy = "instant", "give the offset from UTC too, as in 2026-12-01T09:00:00+01:00"
        raise Invalid(field, remedy)
    present = system_time() + read_offset(file)
    if instant < present:
        field, remedy = (
            "instant",
            f"the clock only moves forward; it stands at {present.isoformat(timespec='seconds')}",
        )
        raise Invalid(field, remedy)
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(repr((instant - system_time()).total_seconds()), "ascii")
    partial.replace(file)
    return instant.astimezone(UTC)
