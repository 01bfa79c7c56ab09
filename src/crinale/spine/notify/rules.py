"""When a notice is sent and what it says.

It says that something waits and its number, nothing of what it holds: ordinary mail is read by many eyes
(GDPR art. 5 c.1 c and art. 32).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

TOGETHER: Final = timedelta(minutes=5)
"""Notices so close to each other leave in one mail."""

DAILY_AT: Final = time(8, 0)
TRIED_FOR: Final = timedelta(days=3)
KEPT_FOR: Final = timedelta(days=90)
_FIRST_WAIT: Final = timedelta(minutes=2)
_LONGEST_WAIT: Final = timedelta(hours=1)


def due_at(now: datetime, delivery: str) -> datetime:
    """Return when a notice made now is to leave: in a moment, or with those of the day, at eight in Rome."""
    if delivery != "daily":
        return now + TOGETHER
    local = now.astimezone(clock.ROME)
    day = local.date() if local.time() < DAILY_AT else local.date() + timedelta(days=1)
    return datetime.combine(day, DAILY_AT, clock.ROME)


def next_attempt(now: datetime, attempts: int) -> datetime:
    """Return when to try again after so many failed attempts: 2, 4, 8 minutes and so on, up to an hour."""
    wait: timedelta = min(_FIRST_WAIT * 2 ** min(attempts - 1, 10), _LONGEST_WAIT)
    return now + wait


def subject(count: int) -> str:
    """Return the subject of a mail about so many documents."""
    return ngettext("A document is assigned to you", "%(n)d documents are assigned to you", count) % {
        "n": count
    }


def text(references: Sequence[str], body_name: str) -> str:
    """Return the words of a mail: the numbers and the body, nothing else."""
    lines = [
        _("You have a document assigned in Crinale: protocol %(number)s (%(body)s).")
        % {"number": reference, "body": body_name}
        for reference in references
    ]
    return "\n".join([*lines, "", _("Sign in to read it."), ""])
