"""When to try again, when to escalate (Allegato 6, sections 3.2.3 and 3.3).

After the first failure at T: T+2h, T+4h, T+8h (N = 3), then the message has failed and an incident is
opened. Nothing is stated for the recipient's ConfermaMessaggioInoltro nor for annulments: they follow the
same schedule.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

RETRIES_AFTER: Final = (timedelta(hours=2), timedelta(hours=4), timedelta(hours=8))
CONFIRMATION_WITHIN: Final = timedelta(days=3)
UNFORESEEN_RETRY_AFTER: Final = timedelta(minutes=1)
UNFORESEEN_PATIENCE: Final = timedelta(minutes=5)  # then people are told of it
JOB_LOST_AFTER: Final = timedelta(seconds=30)
SEAL_RETRY_AFTER: Final = timedelta(seconds=2)
REFERENCE_BYTES: Final = 50 * 1024
ROUND_TRIP_TARGET_MS: Final = 1000


def next_attempt(*, first_failure_at: datetime, failures: int, scale: float = 1.0) -> datetime | None:
    """Return when to try again after so many failures (1 = the first), None when the retries are used up.

    ``scale`` shortens the schedule on demonstration networks; 1 is the rule.
    """
    if failures > len(RETRIES_AFTER):
        return None
    return first_failure_at + RETRIES_AFTER[failures - 1] * scale


def confirmation_due(accepted_at: datetime) -> datetime:
    """Return the instant from which a requested confirmation that did not come is an incident."""
    return accepted_at + CONFIRMATION_WITHIN


def within_target(*, round_trip_ms: int, size: int) -> bool:
    """Tell whether a call kept the service level: 1 s for a pair of 50 KB, in proportion above that."""
    return round_trip_ms <= ROUND_TRIP_TARGET_MS * max(1.0, size / REFERENCE_BYTES)
