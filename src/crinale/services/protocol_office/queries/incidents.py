"""An exchange that does not go on: what happened in plain words, whom to call, what was agreed meanwhile.

Allegato 6 AgID section 3.3: the area that notices the disservice contacts the other, writes down the
workaround and when it expects to be back, and follows it until it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.kernel import clock
from crinale.services.protocol_office.queries.arrivals import visible_message
from crinale.services.protocol_office.queries.journeys import failure_words, message_words
from crinale.services.protocol_office.queries.queue import detail_words, message_url
from crinale.spine.identity import permissions
from crinale.ui.sentences import said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from crinale.spine.exchange.queries import IncidentView, MessageRow
    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef

_KINDS: Final = {
    "retries_exhausted": gettext_noop("Every attempt failed"),
    "confirmation_overdue": gettext_noop("The confirmation is late"),
    "acceptance_overdue": gettext_noop("The receipt of acceptance is late"),
    "delivery_overdue": gettext_noop("The receipt of delivery is late"),
    "not_delivered": gettext_noop("The mail was not delivered"),
}


@dataclass(frozen=True)
class Contact:
    """Whom to call, as the index knew it."""

    body: str
    area: str
    responsible: str
    emails: tuple[str, ...]
    phone: str
    as_of: datetime | None


@dataclass(frozen=True)
class IncidentShown:
    """One incident of an exchange."""

    id: UUID
    title: str
    opened_at: datetime
    blocking: bool
    contact: Contact | None
    workaround: str
    restore_expected_at: datetime | None
    restore_overdue: bool
    closed_at: datetime | None
    closing_note: str


@dataclass(frozen=True)
class Trouble:
    """The page of an exchange that does not go on."""

    message_id: UUID
    subject: str
    number: str
    back_url: str
    peer: str
    tone: str
    label: str
    happened: tuple[str, ...]
    next_attempt_at: datetime | None
    technical: str
    incidents: tuple[IncidentShown, ...]
    may_retry: bool
    may_handle: bool

    @property
    def open_incident(self) -> IncidentShown | None:
        """The incident to work on; nothing when all are closed."""
        return next((one for one in self.incidents if one.closed_at is None), None)


def trouble(*, actor: Actor, area: AreaRef, message_id: UUID) -> Trouble:
    """Return the page of a message of this area that had an incident, or whose attempts all failed.

    :raises NotVisible: when there is none that the actor may see.
    """
    row = visible_message(actor, area, message_id)
    tone, label = message_words(row)
    ours = row.sender_identifier if row.direction == "out" else row.recipient_identifier
    return Trouble(
        message_id=row.id,
        subject=row.subject,
        number=f"{ours.number_text}/{ours.year}" if ours else "",
        back_url=message_url(row),
        peer=row.counterpart_name,
        tone=tone,
        label=label,
        happened=tuple(_happened(row)),
        next_attempt_at=row.next_attempt_at,
        technical=said(row.reason) if row.failure else "",
        incidents=tuple(_shown(one) for one in sorted(row.incidents, key=_open_first)),
        may_retry=row.can_retry and permissions.allows(actor, "protocol.send", area_id=area.id),
        may_handle=permissions.allows(actor, "exchange.handle_incident", area_id=area.id),
    )


def _open_first(one: IncidentView) -> tuple[bool, float]:
    return one.closed_at is not None, -one.opened_at.timestamp()


def _happened(row: MessageRow) -> list[str]:
    """Say in plain words what happened, and where the document is now."""
    if row.state == "failed" or (row.stuck and row.owed):
        return _given_up(row)
    if row.owed:
        return [_("A new attempt was ordered and is under way."), *_why(row)]
    if row.state in ("handed_over", "taken"):
        return [_("The mail is on its way: the receipt of its delivery has not come."), *_why(row)]
    return _number_missing(row) if row.state == "accepted" else _ended(row)


def _number_missing(row: MessageRow) -> list[str]:
    """Say that the document arrived, and whether its number is late."""
    name = {"name": row.counterpart_name}
    if all(one.kind != "confirmation_overdue" for one in row.incidents):
        return [_("%(name)s answers again and has received it; its number has not come yet.") % name]
    return [
        _("%(name)s received it and verified its seal; after three days its number is missing.") % name,
        _("Ask whether it was registered there. The number comes by itself as soon as they send it."),
    ]


def _ended(row: MessageRow) -> list[str]:
    """Say how the other side answered in the end, or why no answer is awaited any more."""
    name = {"name": row.counterpart_name}
    if row.annulment == "refused":
        return [_("%(name)s answers again, and did not accept the annulment.") % name, detail_words(row)]
    if row.state == "refused" and row.direction == "out":
        return [_("%(name)s answers again, and has refused the document.") % name, detail_words(row)]
    if row.state == "withdrawn":
        return [_("It was annulled before it was delivered: nothing more is sent.")]
    return [_("It is over: the document and its answer have arrived.")]


def _given_up(row: MessageRow) -> list[str]:
    """Say what every attempt failed to tell the other side."""
    name = {"name": row.counterpart_name}
    if row.state == "failed":
        return [
            _("Every attempt to deliver it to %(name)s failed.") % name,
            *_why(row),
            _("It keeps its number in your register; there it has not arrived. No attempt is made any more."),
        ]
    if row.owed == "annul":
        first = _("It is annulled here, but %(name)s does not answer and has not been told.")
    elif row.state == "refused":
        first = _("It was refused here, but %(name)s does not answer and has not been told.")
    else:
        first = _("It is registered here, but %(name)s does not answer and cannot be told our number.")
    return [first % name, *_why(row), _("No attempt is made any more.")]


def _why(row: MessageRow) -> list[str]:
    if not row.failure:
        return []
    words = failure_words(row.failure, row.reason)
    return [_("The last time: %(why)s.") % {"why": words.rstrip(".")}]


def _shown(one: IncidentView) -> IncidentShown:
    expected = one.restore_expected_at
    return IncidentShown(
        id=one.id,
        title=_(_KINDS.get(one.kind, one.kind)),
        opened_at=one.opened_at,
        blocking=one.blocking,
        contact=_contact(one.contact),
        workaround=one.workaround,
        restore_expected_at=expected,
        restore_overdue=one.closed_at is None and expected is not None and expected < clock.now(),
        closed_at=one.closed_at,
        closing_note=said(one.closing_note),
    )


def _contact(known: Mapping[str, Any]) -> Contact | None:
    if not known:
        return None
    as_of = known.get("as_of")
    return Contact(
        body=known.get("body", ""),
        area=known.get("area", ""),
        responsible=known.get("responsible", ""),
        emails=tuple(known.get("emails", ())),
        phone=known.get("phone", ""),
        as_of=datetime.fromisoformat(as_of) if as_of else None,
    )
