"""Italian working days: national holidays (L. 260/1949 and later) and the patron saint of the body."""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta

_SATURDAY = 5
_LEAP_DAY = (2, 29)
_FRANCIS_AGAIN = 2026  # L. 151/2025 makes 4 October a national holiday again, from 2026


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the method of Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holidays(year: int, *, patron_day: str | None = None) -> frozenset[date]:
    """Return the holidays of ``year``; ``patron_day`` is ``MM-DD`` and local to the body.

    A patron saint on 29 February has a holiday in leap years only.

    :raises ValueError: when ``patron_day`` is not a day of the year.
    """
    fixed = [(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)]
    if year >= _FRANCIS_AGAIN:
        fixed.append((10, 4))
    days = {date(year, month, day) for month, day in fixed}
    sunday = easter(year)
    days |= {sunday, sunday + timedelta(days=1)}
    if patron_day:
        month, day = (int(part) for part in patron_day.split("-"))
        if (month, day) != _LEAP_DAY or isleap(year):
            days.add(date(year, month, day))
    return frozenset(days)


def is_working_day(day: date, *, patron_day: str | None = None) -> bool:
    """Tell whether offices work on ``day``: Monday to Friday, no holiday."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year, patron_day=patron_day)


def next_working_day(day: date, *, patron_day: str | None = None) -> date:
    """Return the first working day after ``day``."""
    following = day + timedelta(days=1)
    while not is_working_day(following, patron_day=patron_day):
        following += timedelta(days=1)
    return following
