"""The queue: what waits for a clerk, box by box, with its age, its term and the way it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.kernel import clock
from crinale.kernel.working_days import next_working_day
from crinale.services.protocol_office.queries.boxes import MAIL_STATES, TO_ASSIGN, BoxCode
from crinale.services.protocol_office.queries.channels import channel_words
from crinale.services.protocol_office.queries.journeys import anomaly_words, failure_words, message_words
from crinale.services.protocol_office.queries.lists import PAGE, Page, number_before
from crinale.spine.exchange import queries as exchange
from crinale.spine.protocol import queries as protocol
from crinale.ui.sentences import said

if TYPE_CHECKING:
    from crinale.spine.exchange.queries import Box, MailRow, MessageRow
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import AssignedRow, RegistrationRow
    from crinale.spine.tenancy.queries import AreaRef

Sort = Literal["newest", "oldest", "deadline"]
_SORTS: Final[dict[Sort, str]] = {
    "newest": gettext_noop("Newest first"),
    "oldest": gettext_noop("Longest waiting first"),
    "deadline": gettext_noop("First to be done first"),
}
_ICONS: Final = {
    "pec": "mail",
    "email": "mail-open",
    "aoo": "exchange-circle",
    "hand": "user",
    "post": "box",
    "registered_post": "box",
    "fax": "print",
}
_MAIL_KINDS: Final = {
    "certified": gettext_noop("Certified mail"),
    "anomaly_envelope": gettext_noop("Ordinary mail that reached a certified mailbox"),
    "ordinary": gettext_noop("Ordinary mail"),
    "acceptance": gettext_noop("Receipt of acceptance"),
    "non_acceptance": gettext_noop("Notice of non-acceptance"),
    "taken_charge": gettext_noop("Receipt between providers"),
    "delivery": gettext_noop("Receipt of delivery"),
    "non_delivery": gettext_noop("Notice of non-delivery"),
    "delivery_warning": gettext_noop("First notice of non-delivery"),
    "virus_detected": gettext_noop("Notice of a virus"),
    "unreadable": gettext_noop("Unreadable mail"),
}


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One thing that waits: a mail, a message of the exchange, a registration."""

    id: UUID
    url: str
    subject: str
    who: str
    detail: str
    tone: str
    state: str
    since: datetime
    channel: str
    deadline: date | None = None
    number_text: str = ""
    year: int | None = None

    @property
    def overdue(self) -> bool:
        """Whether the term has passed."""
        return self.deadline is not None and self.deadline < clock.today()

    @property
    def channel_words(self) -> str:
        """The way it came or goes."""
        return channel_words(self.channel)

    @property
    def channel_icon(self) -> str:
        """A picture of the way; the words stand beside it."""
        return _ICONS.get(self.channel, "file")


def sorts(box: BoxCode) -> tuple[tuple[Sort, str], ...]:
    """Return in which orders a box may be read: only assignments have terms of their own."""
    terms = box in ("assigned_me", "assigned_office")
    return tuple((one, _(words)) for one, words in _SORTS.items() if terms or one != "deadline")


def box_page(*, actor: Actor, area: AreaRef, box: BoxCode, sort: Sort = "newest", before: str = "") -> Page:
    """Return a page of a box."""
    if box == "assigned_me":
        return _assigned_page(actor, area, "me", sort, before)
    if box == "assigned_office":
        return _assigned_page(actor, area, "office", sort, before)
    oldest_first = sort != "newest"
    if box == "to_assign":
        return _to_assign_page(actor, area, before, oldest_first=oldest_first)
    if box == "mails" or box == "unmatched" or box == "troubled":  # noqa: PLR1714  so that the types tell
        mails, more = exchange.mails(
            actor=actor,
            area_id=area.id,
            state=MAIL_STATES[box],
            limit=PAGE,
            before=id_of(before),
            oldest_first=oldest_first,
        )
        return Page([mail_row(one) for one in mails], str(more) if more else "")
    found = exchange.queue(
        actor=actor,
        area_id=area.id,
        box=box,
        limit=PAGE,
        before=id_of(before),
        counts={},
        oldest_first=oldest_first,
    )
    return Page([_row(one, box) for one in found.rows], str(found.more) if found.more else "")


def id_of(text: str) -> UUID | None:
    """Return the identifier that an address names, nothing when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _to_assign_page(actor: Actor, area: AreaRef, before: str, *, oldest_first: bool) -> Page:
    rows = protocol.registrations(
        actor=actor,
        area_id=area.id,
        narrowed=TO_ASSIGN,
        before=number_before(before),
        limit=PAGE + 1,
        oldest_first=oldest_first,
    )
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page([_registered(one) for one in rows[:PAGE]], f"{last.year}-{last.number}" if last else "")


def _assigned_page(
    actor: Actor, area: AreaRef, whose: Literal["me", "office"], sort: Sort, before: str
) -> Page:
    moment, _bar, identifier = before.partition("|")
    read = date.fromisoformat if sort == "deadline" else datetime.fromisoformat
    try:
        position = (read(moment), UUID(identifier))
    except ValueError:
        position = None
    rows = protocol.assigned(
        actor=actor, area_id=area.id, whose=whose, order=sort, before=position, limit=PAGE + 1
    )
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    older = ""
    if last is not None:
        place = (last.deadline or date.max) if sort == "deadline" else last.assigned_at
        older = f"{place.isoformat()}|{last.id}"
    return Page([_assigned(one) for one in rows[:PAGE]], older)


def _assigned(one: AssignedRow) -> QueueRow:
    words = [_("for %(absent)s, who is away") % {"absent": one.absent_name}] if one.absent_name else []
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
        channel=one.channel,
        deadline=one.deadline,
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
        channel=one.channel,
        number_text=one.number_text,
        year=one.year,
    )


def mail_row(one: MailRow) -> QueueRow:
    """Describe a mail in a list."""
    named = f"{one.sender_name} <{one.sender_address}>" if one.sender_name else one.sender_address
    waits = one.state == "to_register"
    tone, state = ("wait", _("To register")) if waits else ("bad", mail_kind_words(one.kind))
    if one.state == "set_aside":
        tone, state = "plain", _("Was set aside")
    return QueueRow(
        id=one.id,
        url=reverse("protocol_office:mail", args=[one.id]),
        subject=one.subject,
        who=named,
        detail=said(one.reason) if one.reason else "",
        tone=tone,
        state=state,
        since=one.stored_at,
        channel=mail_channel(one.kind),
        deadline=to_register_by(one.stored_at) if waits else None,
    )


def mail_kind_words(kind: str) -> str:
    """Say what a mail is."""
    return _(_MAIL_KINDS.get(kind, kind))


def mail_channel(kind: str) -> str:
    """Return the way a mail came: only what a provider certified is certified mail."""
    return "email" if kind in ("ordinary", "anomaly_envelope", "unreadable") else "pec"


def to_register_by(arrived_at: datetime) -> date:
    """Return by when what arrived is to be registered: on its day, at the latest on the working day after."""
    return next_working_day(arrived_at.astimezone(clock.ROME).date())


def _row(one: MessageRow, box: Box) -> QueueRow:
    tone, label = message_words(one)
    ours = one.sender_identifier if one.direction == "out" else one.recipient_identifier
    since = one.accepted_at or one.created_at
    return QueueRow(
        id=one.id,
        url=reverse("protocol_office:incident", args=[one.id]) if box == "incidents" else message_url(one),
        subject=one.subject,
        who=one.counterpart_name,
        detail=detail_words(one),
        tone=tone,
        state=label,
        since=since,
        channel=one.channel,
        deadline=_due(one, box, since),
        number_text=ours.number_text if ours else "",
        year=ours.year if ours else None,
    )


def _due(one: MessageRow, box: Box, since: datetime) -> date | None:
    if box == "to_register":
        return to_register_by(since)
    if box == "waiting_confirmation" and one.confirmation_due_at:
        return one.confirmation_due_at.astimezone(clock.ROME).date()
    return None


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
