"""Frozen days of an area: their standing, their rows, their files."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from crinale.kernel.digests import canonical_json, sha256
from crinale.kernel.errors import NotVisible
from crinale.kernel.numbers import format_number
from crinale.services.protocol_office.queries.lists import Page
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import queries as protocol
from crinale.spine.protocol.queries import PartyData
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import DailyRegisterView, DayStanding
    from crinale.spine.records.queries import DocumentRef
    from crinale.spine.tenancy.queries import AreaRef

_DAYS: Final = 31
_ROWS: Final = 100
KINDS: Final = ("pdf", "json", "manifest", "report")


@dataclass(frozen=True)
class DayShown:
    """A frozen day in words: where it stands on its way to preservation."""

    view: DailyRegisterView
    standing: DayStanding
    tone: str
    label: str


@dataclass(frozen=True)
class DayRow:
    """One registration as the frozen day tells it."""

    number: str
    registered_at: datetime
    direction: str
    subject: str
    correspondents: tuple[str, ...]
    classification: str


@dataclass(frozen=True)
class DayPage:
    """A frozen day with some of its rows; ``older`` is the number after which the next page begins."""

    day: DayShown
    rows: tuple[DayRow, ...]
    annulments: tuple[dict[str, Any], ...]
    older: str
    may_repeat: bool


def daily_page(*, actor: Actor, area: AreaRef, before: str = "") -> Page:
    """Return a month of frozen days, the newest first, each with its standing."""
    days = protocol.daily_registers(actor=actor, area_id=area.id, before=_day(before), limit=_DAYS + 1)
    shown = days[:_DAYS]
    standings = protocol.day_standings(shown)
    older = days[_DAYS - 1].day.isoformat() if len(days) > _DAYS else ""
    return Page([_shown(one, standings[one.id]) for one in shown], older)


def daily_day(*, actor: Actor, area: AreaRef, day: date, after: int = 0) -> DayPage:
    """Return the rows of a frozen day, as they were frozen; the reading is logged.

    :raises NotVisible: when the day is not frozen or not to be seen.
    """
    found = protocol.daily_register(actor=actor, area_id=area.id, day=day)
    audit.access(actor=actor, what="daily_register", object_id=found.id)
    content = _visible(actor, area, found, _read(actor, found.json_document_id))
    lines = [line for line in content["registrations"] if line["number"] > after]
    rows = lines[:_ROWS]
    shown = _shown(found, protocol.day_standings([found])[found.id])
    return DayPage(
        day=shown,
        rows=tuple(_row(line) for line in rows),
        annulments=tuple(
            {**one, "number": format_number(one["number"]), "annulled_at": _instant(one["annulled_at"])}
            for one in content["annulments"]
        ),
        older=str(rows[-1]["number"]) if len(lines) > _ROWS else "",
        may_repeat=shown.standing.state == "refused"
        and permissions.allows(actor, "protocol.register", area_id=area.id),
    )


def open_daily(*, actor: Actor, area: AreaRef, day: date, kind: str) -> tuple[DocumentRef, BinaryIO]:
    """Open a file of a frozen day, one of :data:`KINDS`; the reading is logged.

    Who does not see everything in the area gets an extract of the JSON, whether or not something is missing
    in it, and no other file: each of them tells how much there is.

    :raises NotVisible: when the day is not frozen or not to be seen, or has no such file for the actor.
    """
    found = protocol.daily_register(actor=actor, area_id=area.id, day=day)
    document_id = _document_id(found, kind)
    audit.access(actor=actor, what="daily_register", object_id=found.id)
    document = records.document(actor=actor, document_id=document_id)
    if found.whole:
        return document, records.open_document(actor=actor, document_id=document_id)
    return _extract(document, _visible(actor, area, found, _read(actor, document_id)))


def _document_id(found: DailyRegisterView, kind: str) -> UUID:
    if kind != "json" and not found.whole:
        raise NotVisible
    if kind in ("pdf", "json"):
        return found.pdf_document_id if kind == "pdf" else found.json_document_id
    standing = protocol.day_standings([found])[found.id]
    if kind == "manifest":
        wanted = standing.manifest_document_id
    else:
        wanted = standing.last_deposit.report_document_id if standing.last_deposit else None
    if wanted is None:
        raise NotVisible
    return wanted


def _read(actor: Actor, document_id: UUID) -> dict[str, Any]:
    with records.open_document(actor=actor, document_id=document_id) as stream:
        read: dict[str, Any] = json.loads(stream.read())
    return read


def _visible(actor: Actor, area: AreaRef, found: DailyRegisterView, whole: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a day without what it tells of registrations that are hidden from the actor."""
    if found.whole:
        return whole
    year = int(whole["day"][:4])
    doubtful = {(year, line["number"]) for line in whole["registrations"] if line["confidential"]}
    # Of a registration of another day the file does not tell whether it is confidential.
    doubtful |= {(one["year"], one["number"]) for one in whole["annulments"]}
    hidden = doubtful - protocol.numbers_seen(actor=actor, area_id=area.id, numbers=doubtful)
    return {
        **whole,
        "count": found.registrations,
        "first_number": found.first_number,
        "last_number": found.last_number,
        "registrations": [line for line in whole["registrations"] if (year, line["number"]) not in hidden],
        "annulments": [one for one in whole["annulments"] if (one["year"], one["number"]) not in hidden],
    }


def _extract(document: DocumentRef, visible: dict[str, Any]) -> tuple[DocumentRef, BinaryIO]:
    extract = canonical_json({**visible, "extract": True})
    name = PurePath(document.file_name)
    changed = replace(
        document,
        file_name=f"{name.stem}-estratto{name.suffix}",
        sha256=sha256(extract).hex(),
        size=len(extract),
    )
    return changed, BytesIO(extract)


def _row(line: dict[str, Any]) -> DayRow:
    others = line.get("senders" if line["direction"] == "incoming" else "recipients", ())
    return DayRow(
        number=format_number(line["number"]),
        registered_at=_instant(line["registered_at"]),
        direction=line["direction"],
        subject=line["subject"],
        correspondents=tuple(PartyData.from_json(one).display_name for one in others),
        classification=line["classification"],
    )


def _shown(view: DailyRegisterView, standing: DayStanding) -> DayShown:
    words = {
        "to_seal": ("wait", _("To seal")),
        "to_deposit": ("wait", _("To deliver")),
        "sent": ("wait", _("Delivered, report awaited")),
        "accepted": ("good", _("Preserved")),
        "refused": ("bad", _("Refused by preservation")),
    }
    tone, label = words[standing.state]
    return DayShown(view, standing, "bad" if standing.overdue else tone, label)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
