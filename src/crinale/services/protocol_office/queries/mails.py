"""A mail as its page shows it: what it says, what its provider certifies, its files, what is suggested."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.queries.channels import channel_words
from crinale.services.protocol_office.queries.files import kind_of_file
from crinale.services.protocol_office.queries.lists import PAGE, Page
from crinale.services.protocol_office.queries.previews import Source
from crinale.services.protocol_office.queries.queue import (
    id_of,
    mail_channel,
    mail_kind_words,
    mail_row,
    to_register_by,
)
from crinale.services.protocol_office.queries.suggesting import Advice, Written, advice
from crinale.services.protocol_office.queries.suggestions import (
    SenderSuggested,
    plain_subject,
    senders_of,
    their_number,
)
from crinale.spine.exchange import queries as exchange
from crinale.ui.sentences import said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.exchange.queries import MailedFile, MailRow, MailView
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import PartyData
    from crinale.spine.tenancy.queries import AreaRef

WAITS: Final = frozenset({"to_register", "troubled", "unmatched"})
_LONG: Final = 20_000


@dataclass(frozen=True, kw_only=True)
class MailFileShown:
    """A file of a mail."""

    position: int
    path: str
    name: str
    size: int
    kind: str
    sha256: str
    url: str
    preview_url: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the envelope proves, in plain words."""

    tone: str
    words: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class MailShown:
    """The page of a mail."""

    id: UUID
    state: str
    kind: str
    channel: str
    tone: str
    label: str
    subject: str
    reason: str
    sender: str
    address: str
    name: str
    arrived_at: datetime
    register_by: str
    facts: tuple[tuple[str, str], ...]
    verdict: Verdict
    findings: tuple[str, ...]
    text: str
    text_cut: bool
    files: tuple[MailFileShown, ...]
    original_url: str
    registration_url: str
    message_url: str
    decided_by: str
    decided_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether a clerk is to decide."""
        return self.state in WAITS

    @property
    def channel_words(self) -> str:
        """The way it came."""
        return channel_words(self.channel)

    @property
    def can_return(self) -> bool:
        """Whether the node may examine it anew."""
        return self.state in ("unmatched", "troubled", "set_aside")

    @property
    def is_receipt(self) -> bool:
        """Whether it is a receipt or an answer that is about no known message."""
        return self.state == "unmatched"


@dataclass(frozen=True, kw_only=True)
class MailSuggestions:
    """What the form is filled with; ``sure`` when nothing of it is a guess."""

    senders: list[SenderSuggested]
    subject: str
    advice: Advice
    sure: bool

    def telling(self, advice: Advice) -> MailSuggestions:
        """Return the same with other advice: the clerk chose another sender, or wrote another subject."""
        return replace(self, advice=advice)


def mail(*, actor: Actor, area: AreaRef, mail_id: UUID) -> MailShown:
    """Return a mail of this area.

    :raises NotVisible: when there is none that the actor may see.
    """
    found = exchange.mail(actor=actor, mail_id=mail_id)
    if found.row.area_id != area.id:
        raise NotVisible
    return _shown(found)


def mail_suggestions(*, actor: Actor, area: AreaRef, shown: MailShown) -> MailSuggestions:
    """Return what is known about a mail that waits."""
    senders = senders_of(actor=actor, area=area, address=shown.address, name=shown.name)
    subject = plain_subject(shown.subject)
    told = mail_advice(actor=actor, area=area, shown=shown, party=senders[0].party, subject=subject)
    sure = (
        senders[0].sure
        and bool(subject)
        and told.suggested is not None
        and not told.duplicates
        and shown.verdict.tone != "bad"
        and shown.state == "to_register"
    )
    return MailSuggestions(senders=senders, subject=subject, advice=told, sure=sure)


def mail_advice(*, actor: Actor, area: AreaRef, shown: MailShown, party: PartyData, subject: str) -> Advice:
    """Return what earlier registrations say of a mail from somebody."""
    written = Written(
        parties=(party,),
        subject=subject,
        sha256=tuple(one.sha256 for one in shown.files),
        received_number=their_number(shown.subject),
    )
    return advice(actor=actor, area=area, written=written, incoming=True)


def next_mail(*, actor: Actor, area: AreaRef, after: UUID) -> UUID | None:
    """Return the mail to register that arrived next, or else the one that waits longest."""
    for before in (after, None):
        rows, _more = exchange.mails(
            actor=actor, area_id=area.id, state="to_register", limit=1, before=before, oldest_first=True
        )
        if rows:
            return rows[0].id
    return None


def set_aside_page(*, actor: Actor, area: AreaRef, before: str = "") -> Page:
    """Return the mails that were set aside, the newest first."""
    rows, more = exchange.mails(
        actor=actor, area_id=area.id, state="set_aside", limit=PAGE, before=id_of(before)
    )
    return Page([mail_row(one) for one in rows], str(more) if more else "")


def open_mail_file(
    *, actor: Actor, area: AreaRef, mail_id: UUID, position: int
) -> tuple[MailedFile, BinaryIO]:
    """Open a file of a mail; the reading is logged.

    :raises NotVisible: when there is none that the actor may see.
    """
    shown = mail(actor=actor, area=area, mail_id=mail_id)
    if not 0 <= position < len(shown.files):
        raise NotVisible
    return exchange.open_mailed_file(actor=actor, mail_id=mail_id, path=shown.files[position].path)


def mail_file_source(*, actor: Actor, shown: MailShown, position: int) -> Source:
    """Return a file of a mail to be shown.

    :raises NotVisible: when there is none at that place.
    """
    if not 0 <= position < len(shown.files):
        raise NotVisible
    wanted = shown.files[position]
    return Source(
        name=wanted.name,
        size=wanted.size,
        open=lambda: exchange.open_mailed_file(actor=actor, mail_id=shown.id, path=wanted.path)[1],
    )


def open_original(*, actor: Actor, area: AreaRef, mail_id: UUID) -> tuple[MailRow, str, BinaryIO]:
    """Open a mail as it came, with its digest; the reading is logged.

    :raises NotVisible: when there is none that the actor may see.
    """
    found = exchange.mail(actor=actor, mail_id=mail_id)
    if found.row.area_id != area.id:
        raise NotVisible
    row, stream = exchange.open_mail(actor=actor, mail_id=mail_id)
    return row, found.sha256, stream


def _shown(found: MailView) -> MailShown:
    row = found.row
    tone, label = _state(row)
    due = to_register_by(row.stored_at)
    return MailShown(
        id=row.id,
        state=row.state,
        kind=mail_kind_words(row.kind),
        channel=mail_channel(row.kind),
        tone=tone,
        label=label,
        subject=row.subject,
        reason=said(row.reason) if row.reason else "",
        sender=f"{row.sender_name} <{row.sender_address}>" if row.sender_name else row.sender_address,
        address=row.sender_address,
        name=row.sender_name,
        arrived_at=row.stored_at,
        register_by=f"{due:%d/%m/%Y}" if row.state == "to_register" else "",
        facts=_facts(found),
        verdict=_verdict(found),
        findings=tuple(said(one) for one in row.findings),
        text=found.text[:_LONG],
        text_cut=len(found.text) > _LONG,
        files=tuple(_file(row.id, place, one) for place, one in enumerate(found.files)),
        original_url=reverse("protocol_office:mail_original", args=[row.id]),
        registration_url=(
            reverse("protocol_office:registration", args=[row.registration_id]) if row.registration_id else ""
        ),
        message_url=(
            reverse("protocol_office:waiting", args=[row.message_id])
            if row.message_id and not row.registration_id
            else ""
        ),
        decided_by=found.decided_by_name,
        decided_at=found.decided_at,
    )


def _state(row: MailRow) -> tuple[str, str]:
    known = {
        "to_register": ("wait", _("To register")),
        "registered": ("good", _("Registered")),
        "tied": ("good", _("Part of an exchange")),
        "set_aside": ("plain", _("Was set aside")),
        "unmatched": ("wait", _("Its message is not known")),
        "troubled": ("bad", _("In trouble")),
    }
    return known.get(row.state, ("plain", row.state))


def _facts(found: MailView) -> tuple[tuple[str, str], ...]:
    row = found.row
    told = (
        (_("Recipients"), ", ".join(found.recipients)),
        (_("In copy"), ", ".join(found.copied)),
        (_("Sent on"), _moment(row.sent_at)),
        (_("Arrived in"), ", ".join(found.boxes) or row.mailbox),
        (_("Arrived on"), _moment(row.stored_at)),
        (_("About the mail"), found.about),
    )
    return tuple((name, value) for name, value in told if value)


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(clock.ROME):%d/%m/%Y %H:%M}" if at else ""


def _file(mail_id: UUID, place: int, one: MailedFile) -> MailFileShown:
    return MailFileShown(
        position=place,
        path=one.path,
        name=one.name,
        size=one.size,
        kind=kind_of_file(one.media_type),
        sha256=one.sha256,
        url=reverse("protocol_office:mail_file", args=[mail_id, place]),
        preview_url=reverse("protocol_office:mail_file_preview", args=[mail_id, place]),
    )


_UNPROVEN: Final = {
    "ordinary": gettext_noop("Ordinary mail: nobody certifies who sent it, or when."),
    "unreadable": gettext_noop("Ordinary mail: nobody certifies who sent it, or when."),
    "anomaly_envelope": gettext_noop(
        "An ordinary mail that reached a certified mailbox: who sent it is not certified."
    ),
}
_FAULTS: Final = (
    (
        "present",
        gettext_noop("It calls itself certified mail, but no provider signed it: do not rely on it."),
    ),
    (
        "intact",
        gettext_noop("The provider's envelope was changed after it was signed: do not rely on it."),
    ),
    (
        "trusted",
        gettext_noop("The provider's envelope is whole, but its authority is not among those trusted here."),
    ),
)


def _verdict(found: MailView) -> Verdict:
    data = found.certification
    certified = _certified(data)
    if words := _UNPROVEN.get(found.row.kind):
        return Verdict(tone="plain", words=_(words), facts=certified)
    for mark, words in _FAULTS:
        if not found.signature.get(mark):
            return Verdict(tone="bad", words=_(words), facts=certified)
    if found.row.kind != "certified":
        words = _("It comes from the provider; its envelope is whole and trustworthy.")
        return Verdict(tone="good", words=words, facts=certified)
    words = _("Sent by %(sender)s with certified mail; the provider's envelope is whole and trustworthy.")
    sender = data.get("sender") or found.row.sender_address
    return Verdict(tone="good", words=words % {"sender": sender}, facts=certified)


def _certified(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Say what the certification data hold."""
    if not data:
        return ()
    at = data.get("at")
    recipients = ", ".join(str(one[0]) for one in data.get("recipients", ()))
    error = data.get("error_text") or ("" if data.get("error") in ("none", "", None) else data.get("error"))
    told = (
        (_("Provider"), data.get("provider")),
        (_("Certified sender"), data.get("sender")),
        (_("Certified on"), _moment(datetime.fromisoformat(at)) if isinstance(at, str) else ""),
        (_("Recipients"), recipients),
        (_("Delivered to"), data.get("delivered_to")),
        (_("What went wrong"), error),
        (_("Identifier"), data.get("identifier")),
        (_("About the mail"), data.get("original_message_id")),
    )
    return tuple((name, str(value)) for name, value in told if value)
