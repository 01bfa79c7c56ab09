"""Service levels of the exchange (Allegato 6, section 3.2).

Measured Monday to Friday 07-23, Saturday 07-13, no holidays.
"""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Final

from crinale.kernel.clock import ROME
from crinale.kernel.working_days import holidays

if TYPE_CHECKING:
    from datetime import datetime

TARGET_SHARE: Final = 0.98
_SATURDAY: Final = 5
_OPENS: Final = time(7)
_CLOSES: Final = {_SATURDAY: time(13)}
_WEEKDAY_CLOSES: Final = time(23)


def in_window(instant: datetime) -> bool:
    """Tell whether an instant counts for the measurement; national holidays are out."""
    local = instant.astimezone(ROME)
    if local.weekday() > _SATURDAY or local.date() in holidays(local.year):
        return False
    return _OPENS <= local.time() < _CLOSES.get(local.weekday(), _WEEKDAY_CLOSES)


def percentile(values: list[int], share: float) -> int:
    """Return the smallest value that at least ``share`` of the values do not exceed; 0 of none."""
    if not values:
        return 0
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * round(share * 1000) // 1000))
    return ordered[rank - 1]
