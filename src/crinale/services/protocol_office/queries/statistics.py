"""The figures of the register in words and as a picture."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from django.utils import formats
from django.utils.translation import gettext as _

from crinale.spine.protocol import queries as protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import Figures, Group
    from crinale.spine.tenancy.queries import AreaRef

_WIDTH: Final = 480
_HEIGHT: Final = 180
_BASE: Final = 150
_TOP: Final = 16
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LABELS: Final = 8
_HOURS: Final = 24
_HALF_LABEL: Final = 18


@dataclass(frozen=True)
class Line:
    """One line of a table of figures, in words."""

    name: str
    count: int
    share: int
    annulled: int
    median: str
    ninth: str


@dataclass(frozen=True)
class Bar:
    """One bar of a picture, in the units of its drawing; ``label`` is empty where there is no room."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str


@dataclass(frozen=True)
class Picture:
    """Bars with their text alternative."""

    width: int
    height: int
    base: int
    bars: tuple[Bar, ...]
    most: int
    alternative: str


@dataclass(frozen=True)
class Table:
    """A table of figures, with its picture when it has one."""

    key: str
    title: str
    head: str
    lines: tuple[Line, ...]
    picture: Picture | None = None


@dataclass(frozen=True)
class FiguresShown:
    """The figures of a period: as a whole, and divided."""

    whole: Line
    timed: int
    tables: tuple[Table, ...]


def figures(*, actor: Actor, area: AreaRef, since: date, until: date) -> FiguresShown:
    """Return the figures of a period.

    :raises Invalid: when the days are the wrong way round or more than a year.
    """
    found = protocol.statistics(actor=actor, area_id=area.id, since=since, until=until)
    total = found.whole.count
    days, hours = _every_day(found, since, until), _every_hour(found)
    by_office = sorted(found.by_office, key=lambda one: (-one.count, one.name))
    by_channel = sorted(found.by_channel, key=lambda one: (-one.count, one.name))
    tables = (
        _table("direction", _("By direction"), _("Direction"), found.by_direction, total, _direction),
        _table("channel", _("By channel"), _("Channel"), by_channel, total, _channel),
        _table("office", _("By office"), _("Office"), by_office, total, _office),
        _table("hour", _("By hour of the day"), _("Hour"), hours, total, _hour, drawn=True),
        _table("day", _("By day"), _("Day"), days, total, _day, drawn=True),
    )
    return FiguresShown(_line(found.whole, total, lambda _name: ""), found.whole.timed, tables)


def figures_csv(*, actor: Actor, area: AreaRef, since: date, until: date) -> bytes:
    """Return the same figures as CSV, times in seconds."""
    found = protocol.statistics(actor=actor, area_id=area.id, since=since, until=until)
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerow(("per", "voce", "registrazioni", "annullate", "con arrivo", "mediana s", "p90 s"))
    parts = {
        "totale": (found.whole,),
        "flusso": found.by_direction,
        "canale": found.by_channel,
        "ufficio": found.by_office,
        "ora": found.by_hour,
        "giorno": found.by_day,
    }
    for part, groups in parts.items():
        for one in groups:
            values = (one.count, one.annulled, one.timed, _seconds(one.median), _seconds(one.ninth))
            writer.writerow((part, protocol.harmless(one.name), *values))
    return target.getvalue().encode("utf-8-sig")


def _table(
    key: str,
    title: str,
    head: str,
    groups: Sequence[Group],
    total: int,
    said: Callable[[str], str],
    *,
    drawn: bool = False,
) -> Table:
    lines = tuple(_line(one, total, said) for one in groups)
    return Table(key, title, head, lines, _picture(title, lines) if drawn and total else None)


def _line(one: Group, total: int, said: Callable[[str], str]) -> Line:
    share = round(one.count * 100 / total) if total else 0
    return Line(said(one.name), one.count, share, one.annulled, _lasting(one.median), _lasting(one.ninth))


def _picture(title: str, lines: Sequence[Line]) -> Picture:
    most = max(one.count for one in lines)
    step = _WIDTH / len(lines)
    every = -(-len(lines) // _LABELS)
    bars = tuple(
        Bar(
            x=round(place * step + step * 0.1, 2),
            y=round(_BASE - (_BASE - _TOP) * one.count / most, 2),
            width=round(step * 0.8, 2),
            height=round((_BASE - _TOP) * one.count / most, 2),
            middle=round(max((place + 0.5) * step, _HALF_LABEL), 2),
            label=one.name if place % every == 0 else "",
        )
        for place, one in enumerate(lines)
    )
    fullest = max(lines, key=lambda one: one.count)
    alternative = _("%(title)s: %(n)d at most, for %(name)s. The table below has every figure.") % {
        "title": title,
        "n": most,
        "name": fullest.name,
    }
    return Picture(_WIDTH, _HEIGHT, _BASE, bars, most, alternative)


def _every_day(found: Figures, since: date, until: date) -> list[Group]:
    known = {one.name: one for one in found.by_day}
    days = [(since + timedelta(days=passed)).isoformat() for passed in range((until - since).days + 1)]
    return [known.get(day) or protocol.Group(day, 0, 0, 0, None, None) for day in days]


def _every_hour(found: Figures) -> list[Group]:
    known = {one.name: one for one in found.by_hour}
    return [known.get(str(hour)) or protocol.Group(str(hour), 0, 0, 0, None, None) for hour in range(_HOURS)]


def _direction(name: str) -> str:
    return {"incoming": _("Incoming"), "outgoing": _("Outgoing"), "internal": _("Internal")}[name]


def _channel(name: str) -> str:
    return {
        "hand": _("By hand"),
        "post": _("Post"),
        "registered_post": _("Registered post"),
        "pec": _("Certified mail (PEC)"),
        "email": _("E-mail"),
        "fax": _("Fax"),
        "aoo": _("Exchange between administrations"),
        "": _("Not said"),
    }.get(name, name)


def _office(name: str) -> str:
    return name or _("No office")


def _hour(name: str) -> str:
    return f"{int(name):02}"


def _day(name: str) -> str:
    return formats.date_format(date.fromisoformat(name), "d/m", use_l10n=False)


def _seconds(value: float | None) -> str:
    return "" if value is None else str(round(value))


def _lasting(seconds: float | None) -> str:
    """Say how long something took: ``2 h 5 min``; nothing when it is not known."""
    if seconds is None:
        return ""
    if seconds < _MINUTE:
        return _("under 1 min")
    if seconds < _HOUR:
        return _("%(n)d min") % {"n": seconds // _MINUTE}
    if seconds < 2 * _DAY:
        values = {"hours": seconds // _HOUR, "minutes": seconds % _HOUR // _MINUTE}
        return _("%(hours)d h %(minutes)d min") % values
    return _("%(days)d d %(hours)d h") % {"days": seconds // _DAY, "hours": seconds % _DAY // _HOUR}
