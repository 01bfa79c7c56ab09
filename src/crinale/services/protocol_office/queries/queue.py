"""The queue: what waits for a clerk, box by box."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.services.protocol_office.queries.journeys import anomaly_words, failure_words, message_words
from crinale.services.protocol_office.queries.lists import PAGE, Page, narrowed_page
from crinale.spine.exchange import queries as exchange
from crinale.spine.exchange.queries import Box
from crinale.spine.identity import permissions
from crinale.spine.protocol import queries as protocol
from crinale.spine.protocol.queries import RegistrationFilter

if TYPE_CHECKING:
    from crinale.spine.exchange.queries import MessageRow
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import AssignedRow, RegistrationRow
    from crinale.spine.tenancy.queries import AreaRef

BoxCode = Literal[Box, "assigned_me", "assigned_office", "to_assign"]
# What came and has no office yet, however it was registered; who may not read it cannot give it to one.
_TO_ASSIGN: Final = RegistrationFilter(direction="incoming", unassigned=True, annulled=False)


@dataclass(frozen=True)
class _BoxText:
    title: str
    tone: str
    explanation: str
    empty_title: str
    empty_text: str


_TEXTS: Final[dict[BoxCode, _BoxText]] = {
    "assigned_me": _BoxText(
        gettext_noop("Assigned to me"),
        "wait",
        gettext_noop("They wait for you, or for somebody for whom you stand in."),
        gettext_noop("Nothing is assigned to you"),
        gettext_noop("What is assigned to you by name, to act upon or to know of, appears here."),
    ),
    "assigned_office": _BoxText(
        gettext_noop("Assigned to my office"),
        "wait",
        gettext_noop("They wait for one of your office: who takes charge of one tells the others."),
        gettext_noop("Nothing waits for your office"),
        gettext_noop("What is assigned to the office where you work appears here."),
    ),
    "to_register": _BoxText(
        gettext_noop("To register"),
        "wait",
        gettext_noop("They arrived from other administrations and wait for your decision."),
        gettext_noop("Nothing to register"),
        gettext_noop("Documents that arrive from other administrations and need a clerk appear here."),
    ),
    "to_assign": _BoxText(
        gettext_noop("To assign"),
        "wait",
        gettext_noop("They are registered, many by the system itself, and no office has them yet."),
        gettext_noop("Nothing to assign"),
        gettext_noop("What is registered on arrival and has no office yet appears here."),
    ),
    "waiting_confirmation": _BoxText(
        gettext_noop("Waiting for confirmation"),
        "plain",
        gettext_noop("You sent them; the recipient's number has not come back yet."),
        gettext_noop("No confirmation is missing"),
        gettext_noop("What you send stays here until the recipient's number comes back."),
    ),
    "refused": _BoxText(
        gettext_noop("Sent back"),
        "bad",
        gettext_noop(
            "The recipient sent them back with a reason. Take note, or send again what can be sent again."
        ),
        gettext_noop("Nobody refused anything"),
        gettext_noop("A document that a recipient refuses appears here with the reason."),
    ),
    "incidents": _BoxText(
        gettext_noop("Incidents"),
        "bad",
        gettext_noop("The other side does not answer: contact it, then try again."),
        gettext_noop("No incident is open"),
        gettext_noop(
            "When every attempt fails, or no confirmation comes within three days, you read it here."
        ),
    ),
}


@dataclass(frozen=True)
class BoxShown:
    """One box of the queue."""

    code: BoxCode
    title: str
    tone: str
    count: int
    late: int
    oldest: datetime | None
    explanation: str
    empty_title: str
    empty_text: str


@dataclass(frozen=True)
class QueueRow:
    """One message, or one registration, in a box."""

    id: UUID
    url: str
    subject: str
    who: str
    detail: str
    tone: str
    state: str
    since: datetime
    number_text: str
    year: int | None


def boxes(*, actor: Actor, area: AreaRef) -> list[BoxShown]:
    """Return the boxes: how many wait in each, and since when."""
    waiting = exchange.queue_sizes(actor=actor, area_id=area.id)
    sizes: dict[BoxCode, exchange.BoxSize | protocol.RegistrationCount | protocol.AssignedCount] = dict(
        waiting.items()
    )
    late: dict[BoxCode, int] = {}
    if permissions.allows(actor, "protocol.view", area_id=area.id):
        mine = protocol.assigned_counts(actor=actor, area_id=area.id)
        sizes["assigned_me"], late["assigned_me"] = mine.me, mine.me.overdue
        if actor.offices:
            sizes["assigned_office"], late["assigned_office"] = mine.office, mine.office.overdue
        sizes["to_assign"] = protocol.registration_count(actor=actor, area_id=area.id, narrowed=_TO_ASSIGN)
    return [
        BoxShown(
            code=code,
            title=_(text.title),
            tone="bad" if late.get(code) else text.tone,
            late=late.get(code, 0),
            count=sizes[code].count,
            oldest=sizes[code].oldest,
            explanation=_(text.explanation),
            empty_title=_(text.empty_title),
            empty_text=_(text.empty_text),
        )
        for code, text in _TEXTS.items()
        if code in sizes
    ]


def box_page(*, actor: Actor, area: AreaRef, box: BoxCode, before: str = "") -> Page:
    """Return a page of a box, the newest first."""
    if box == "to_assign":
        page = narrowed_page(actor=actor, area=area, narrowed=_TO_ASSIGN, before=before)
        return Page([_registered(one) for one in page.rows], page.older)
    if box == "assigned_me":
        return _assigned_page(actor, area, "me", before)
    if box == "assigned_office":
        return _assigned_page(actor, area, "office", before)
    found = exchange.queue(actor=actor, area_id=area.id, box=box, limit=PAGE, before=_id(before), counts={})
    return Page([_row(one, box) for one in found.rows], str(found.more) if found.more else "")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _assigned_page(actor: Actor, area: AreaRef, whose: Literal["me", "office"], before: str) -> Page:
    moment, _bar, identifier = before.partition("|")
    try:
        position = (datetime.fromisoformat(moment), UUID(identifier))
    except ValueError:
        position = None
    rows = protocol.assigned(actor=actor, area_id=area.id, whose=whose, before=position, limit=PAGE + 1)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    older = f"{last.assigned_at.isoformat()}|{last.id}" if last else ""
    return Page([_assigned(one) for one in rows[:PAGE]], older)


def _assigned(one: AssignedRow) -> QueueRow:
    words = [_("for %(absent)s, who is away") % {"absent": one.absent_name}] if one.absent_name else []
    if one.deadline:
        words.append(_("by %(day)s") % {"day": f"{one.deadline:%d/%m/%Y}"})
    words += [one.note] if one.note else []
    if one.overdue:
        tone, state = "bad", _("Late")
    elif one.purpose == "knowledge":
        tone, state = "plain", _("To be read")
    elif one.state == "taken":
        tone, state = "plain", _("In charge: %(name)s") % {"name": one.taken_by_name}
    else:
        tone, state = "wait", _("To take in charge")
    return QueueRow(
        id=one.id,
        url=reverse("protocol_office:registration", args=[one.registration_id]),
        subject=one.subject,
        who=one.office_name,
        detail="; ".join(words),
        tone=tone,
        state=state,
        since=one.assigned_at,
        number_text=one.number_text,
        year=one.year,
    )


def _registered(one: RegistrationRow) -> QueueRow:
    return QueueRow(
        id=one.id,
        url=reverse("protocol_office:registration", args=[one.id]),
        subject=one.subject,
        who=", ".join(one.correspondents),
        detail="",
        tone="wait",
        state=_("To assign"),
        since=one.registered_at,
        number_text=one.number_text,
        year=one.year,
    )


def _row(one: MessageRow, box: Box) -> QueueRow:
    tone, label = message_words(one)
    ours = one.sender_identifier if one.direction == "out" else one.recipient_identifier
    return QueueRow(
        id=one.id,
        url=reverse("protocol_office:incident", args=[one.id]) if box == "incidents" else message_url(one),
        subject=one.subject,
        who=one.counterpart_name,
        detail=detail_words(one),
        tone=tone,
        state=label,
        since=one.accepted_at or one.created_at,
        number_text=ours.number_text if ours else "",
        year=ours.year if ours else None,
    )


def message_url(one: MessageRow) -> str:
    """Return the page of a message: its registration when there is one, else the page of the arrival."""
    if one.registration_id:
        return reverse("protocol_office:registration", args=[one.registration_id])
    return reverse("protocol_office:waiting", args=[one.id])


def detail_words(one: MessageRow) -> str:
    """Say why a message stands where it stands."""
    if one.anomaly:
        return anomaly_words(one.anomaly, one.reason)
    return failure_words(one.failure, one.reason)
