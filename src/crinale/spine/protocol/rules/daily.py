"""The daily register: what the file of a day holds, and by when it must be frozen.

The register of the day is sent to preservation within the next working day, its content immutable (AgID
guidelines section 3.1.6; DPCM 3 December 2013 art. 7 c.5). Offices close on holidays, the register does not:
every day has one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from crinale.kernel import clock
from crinale.kernel.digests import canonical_json
from crinale.kernel.working_days import next_working_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FORMAT = "crinale-registro-giornaliero-1"


def day_end(day: date) -> datetime:
    """Return the instant, in UTC, at which a legal day is over: midnight in Europe/Rome."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.ROME).astimezone(UTC)


def due_on(day: date, *, patron_day: str = "") -> date:
    """Return the day by which the register of ``day`` must be frozen."""
    return next_working_day(day, patron_day=patron_day or None)


def days_to_freeze(*, opened_on: date, last_frozen: date | None, today: date) -> Iterator[date]:
    """Give the days that are over and not frozen, the oldest first, those without registrations as well."""
    day = opened_on if last_frozen is None else last_frozen + timedelta(days=1)
    while day < today:
        yield day
        day += timedelta(days=1)


def daily_file(
    *,
    register: Mapping[str, str],
    day: date,
    registrations: Sequence[Mapping[str, Any]],
    annulments: Sequence[Mapping[str, Any]],
) -> bytes:
    """Return the file of the day: canonical JSON, so the same register gives the same bytes on every node."""
    return canonical_json(
        {
            "format": FORMAT,
            "register": dict(register),
            "day": day.isoformat(),
            "count": len(registrations),
            "first_number": registrations[0]["number"] if registrations else None,
            "last_number": registrations[-1]["number"] if registrations else None,
            "registrations": [dict(one) for one in registrations],
            "annulments": [dict(one) for one in annulments],
        }
    )


def file_digest(data: bytes) -> str:
    """Return the SHA-256 of the file, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
