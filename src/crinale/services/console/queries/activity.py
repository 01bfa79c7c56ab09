"""Who saw a registration, and what a person saw and did: both logs in words; each look is noted too."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils.translation import gettext as _

from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.kernel.numbers import parse_number
from crinale.services.console.rules import fact_in_words, reading_in_words, safe_cell
from crinale.spine.audit import queries as audit
from crinale.spine.audit.actions import access
from crinale.spine.audit.queries import LogQuestion
from crinale.spine.identity.permissions import require
from crinale.spine.protocol import queries as protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crinale.spine.audit.queries import LoggedAccess, LoggedFact
    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef

PAGE: Final = 50
MOST_EXPORTED: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the form asks: ``what`` is readings or facts."""

    what: str = "readings"
    number: str = ""
    person_id: UUID | None = None
    since: date | None = None
    until: date | None = None

    @property
    def reason(self) -> str:
        """How this look is noted in the log."""
        parts = (self.what, self.number, str(self.person_id or ""), f"{self.since}..{self.until}")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a log in words; ``about`` is the number of the registration, when it is about one."""

    at: datetime
    actor_name: str
    actor_kind: str
    words: str
    about: str


@dataclass(frozen=True, kw_only=True)
class LogPage:
    """Some lines, and from where to go on. ``subject`` is empty where the reader may not see it."""

    rows: list[Row]
    older: str
    number: str = ""
    subject: str = ""


def log_page(*, actor: Actor, area: AreaRef, asked: Asked, before: str = "", limit: int = PAGE) -> LogPage:
    """Return a page of a log, and note that it was looked at.

    :raises Forbidden: without ``audit.view``.
    :raises Invalid: when what is written as a number is none.
    :raises NotVisible: when there is no registration with that number.
    """
    require(actor, "audit.view", body_id=area.body_id)
    number, subject, objects, looked_at = "", "", None, asked.person_id or area.body_id
    if asked.number.strip():
        parsed = parse_number(asked.number)
        if parsed is None:
            raise Invalid("number", _("write a number with its year: 123/2026"))
        found = protocol.audited_registration(actor=actor, area_id=area.id, year=parsed[0], number=parsed[1])
        objects, number, looked_at = {found.id, *found.document_ids}, found.number_text, found.id
        seen = protocol.registration_views(actor=actor, registration_ids=[found.id])
        subject = seen[0].subject if seen else ""
    question = LogQuestion(
        objects=objects,
        person_id=asked.person_id,
        since=_begins(asked.since) if asked.since else None,
        until=_begins(asked.until + timedelta(days=1)) if asked.until else None,
    )
    access(actor=actor, what="audit_log", object_id=looked_at, reason=asked.reason[:300])
    rows, older = (_facts if asked.what == "facts" else _readings)(actor, question, before, limit)
    return LogPage(rows=rows, older=older, number=number, subject=subject)


def log_csv(*, actor: Actor, area: AreaRef, asked: Asked) -> str:
    """Return a log as CSV, at most its newest ten thousand lines.

    :raises Forbidden: without ``audit.view``.
    """
    page = log_page(actor=actor, area=area, asked=asked, limit=MOST_EXPORTED)
    told = io.StringIO()
    writer = csv.writer(told, delimiter=";")
    writer.writerow([_("When"), _("Who"), _("What happened"), _("Registration")])
    for row in page.rows:
        at = row.at.astimezone(clock.ROME).isoformat(timespec="seconds")
        writer.writerow([safe_cell(one) for one in (at, row.actor_name, row.words, row.about)])
    return told.getvalue()


def _readings(actor: Actor, question: LogQuestion, before: str, limit: int) -> tuple[list[Row], str]:
    after = _uuid(before)
    found = audit.access_log(actor=actor, question=question, before=after, limit=limit + 1)
    numbers = _numbers(actor, found[:limit])
    rows = [
        Row(
            at=one.at,
            actor_name=one.actor_name,
            actor_kind=one.actor_kind,
            words=reading_in_words(one.what),
            about=numbers.get(one.object_id, ""),
        )
        for one in found[:limit]
    ]
    return rows, str(found[limit - 1].id) if len(found) > limit else ""


def _facts(actor: Actor, question: LogQuestion, before: str, limit: int) -> tuple[list[Row], str]:
    after = int(before) if before.isdecimal() and len(before) < len("9" * 18) else None
    found = audit.fact_log(actor=actor, question=question, before=after, limit=limit + 1)
    numbers = _numbers(actor, found[:limit])
    rows = [
        Row(
            at=one.at,
            actor_name=one.actor_name,
            actor_kind=one.actor_kind,
            words=fact_in_words(one.kind),
            about=numbers.get(one.subject_id, "") if one.subject_id else "",
        )
        for one in found[:limit]
    ]
    return rows, str(found[limit - 1].id) if len(found) > limit else ""


def _numbers(actor: Actor, rows: Sequence[LoggedAccess] | Sequence[LoggedFact]) -> dict[UUID, str]:
    about = {one.subject_id if hasattr(one, "subject_id") else one.object_id for one in rows}
    return protocol.audited_numbers(actor=actor, ids={one for one in about if one is not None})


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(0), clock.ROME).astimezone(UTC)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
