"""The emergency register: how long it may be used, and what its lines must satisfy (DPR 445/2000 art. 63)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

WITHOUT_ACT = timedelta(hours=24)
LONGEST_ACT = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Extension:
    """The act that allows the emergency register from an instant until another."""

    act: str
    valid_from: datetime
    valid_to: datetime


def allowed_until(started_at: datetime, extensions: Iterable[Extension]) -> datetime:
    """Return until when the register may be used: 24 hours, then while acts follow without a gap (c.2)."""
    until = started_at + WITHOUT_ACT
    for one in sorted(extensions, key=lambda extension: extension.valid_from):
        if one.valid_from <= until:
            until = max(until, one.valid_to)
    return until


def check_extension(extension: Extension, *, until: datetime) -> None:
    """Check an act: it lasts one week at most and leaves no gap after what is allowed until now (c.2)."""
    if not extension.act.strip():
        raise Invalid("act", "name the act that allows the emergency register beyond 24 hours")
    if not timedelta() < extension.valid_to - extension.valid_from <= LONGEST_ACT:
        raise Invalid(
            "valid_to", "an act allows the emergency register for one week at most: make another act"
        )
    if extension.valid_from > until:
        raise Invalid("valid_from", "the act must begin before the present permission ends")


def check_entry_instant(
    at: datetime, *, started_at: datetime, restored_at: datetime | None, until: datetime
) -> None:
    """Check when a line was written by hand: within the interruption, and while it was allowed."""
    if at < started_at or (restored_at is not None and at > restored_at):
        raise Invalid("entered_on_paper_at", "this is not within the interruption")
    if at > until:
        raise Invalid("entered_on_paper_at", "beyond 24 hours an act is needed: extend the emergency first")


def check_totals(totals: Mapping[date, int], *, started_at: datetime, restored_at: datetime) -> None:
    """Check the declared totals: one for each day of the interruption, none of another (c.3)."""
    first, last = clock.legal_day(started_at), clock.legal_day(restored_at)
    days = {first + timedelta(days=passed) for passed in range((last - first).days + 1)}
    if set(totals) != days:
        raise Invalid("totals", "give the total of each day of the interruption, also when it is zero")
    if any(total < 0 for total in totals.values()):
        raise Invalid("totals", "a total is zero or more")


def check_room(day: date, totals: Mapping[date, int], entered: Sequence[date]) -> None:
    """Check that a day has not had all its lines entered already."""
    if Counter(entered)[day] >= totals.get(day, 0):
        raise Invalid("entered_on_paper_at", "all the lines declared for this day have been entered")
