"""Decisions about passwords and sign-ins.

A delay that grows with each failure stops guessing without letting a stranger lock a clerk out for good
(AgID minimum measures ABSC 5.7; NIST SP 800-63B-4, section 3.2.2).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from crinale.kernel import clock
from crinale.kernel.errors import Invalid

FREE_FAILURES = 3
LONGEST_ABSENCE = timedelta(days=366)
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)
MEMORY = timedelta(hours=24)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
LONGEST_USERNAME = 150
_SHORTEST_NAME_PART = 4


def delay_after(failures: int) -> timedelta:
    """Return how long to wait after failures in a row: none for three, then 5 s, 10 s, 20 s and so on."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    doubled: timedelta = FIRST_DELAY * 2 ** min(failures - FREE_FAILURES, 20)
    return min(doubled, LONGEST_DELAY)


def waiting_time(*, failures: int, last_failure: datetime | None, now: datetime) -> timedelta:
    """Return how long is still to wait before the next attempt is looked at; zero when none."""
    if last_failure is None:
        return timedelta(0)
    return max(last_failure + delay_after(failures) - now, timedelta(0))


def normal_username(username: str) -> str:
    """Return one spelling of a user name, for the account and for the count of its failures."""
    return username.strip().casefold()[:LONGEST_USERNAME]


def check_username(username: str) -> str:
    """Check a new user name."""
    name = username.strip().casefold()
    if not name or len(name) > LONGEST_USERNAME or any(character.isspace() for character in name):
        raise Invalid("username", "write a user name of 1 to 150 characters, without spaces")
    return name


def check_password_text(password: str, *, username: str, name: str) -> str:
    """Check a new password: long enough, and not made of who its owner is."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid("password", f"write {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    folded = password.casefold()
    parts = [part for part in (username, *name.casefold().split()) if len(part) >= _SHORTEST_NAME_PART]
    if any(part in folded for part in parts):
        raise Invalid("password", "do not use the user name or the person's name in it")
    if len(set(folded)) < _SHORTEST_NAME_PART:
        raise Invalid("password", "use more different characters")
    return password


def start_of_day(day: date) -> datetime:
    """Return the first instant of a legal day."""
    return datetime.combine(day, time(0), clock.ROME).astimezone(UTC)


def months_before(instant: datetime, months: int) -> datetime:
    """Return the instant a number of months earlier, on the last day of a month that is shorter."""
    years, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
    day = instant.day
    while True:
        try:
            return instant.replace(year=years, month=month + 1, day=day)
        except ValueError:
            day -= 1


def check_absence(valid_from: date, valid_to: date, *, today: date) -> None:
    """Check the days on which a person leaves his work to another: not over, and at most a year."""
    if valid_to <= valid_from:
        raise Invalid("valid_to", "an absence ends after the day on which it begins")
    if valid_to <= today:
        raise Invalid("valid_to", "these days are over: choose days to come")
    if valid_to - valid_from > LONGEST_ABSENCE:
        raise Invalid("valid_to", "an absence lasts a year at most: enter the rest when it comes")


def check_label(text: str, *, field: str = "name") -> str:
    """Check the name that a person gives to a device."""
    label = " ".join(text.split())
    if not label or len(label) > 100:
        raise Invalid(field, "write a name of 1 to 100 characters")
    return label
