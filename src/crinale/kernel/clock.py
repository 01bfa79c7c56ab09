"""The one clock. Instants are aware and in UTC; legal days are days in Europe/Rome.

A demonstration network moves its clock, and tests stop it; both by changing the source.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROME = ZoneInfo("Europe/Rome")


def _system_time() -> datetime:
    return datetime.now(UTC)


class _Clock:
    """Holds the source, so that changing it is seen by every importer of this module."""

    source: Callable[[], datetime] = staticmethod(_system_time)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _Clock.source()


def today() -> date:
    """Return the present legal day, in Europe/Rome."""
    return legal_day(now())


def legal_day(instant: datetime) -> date:
    """Return the day of ``instant`` in Europe/Rome, the one that counts for terms and registers."""
    return instant.astimezone(ROME).date()


def set_source(source: Callable[[], datetime] | None) -> None:
    """Take the time from ``source`` (aware instants); ``None`` goes back to the system's clock."""
    _Clock.source = staticmethod(source or _system_time)


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Stop the clock at ``instant`` for the length of a ``with`` block."""
    before = _Clock.source
    set_source(lambda: instant.astimezone(UTC))
    try:
        yield
    finally:
        set_source(before)
