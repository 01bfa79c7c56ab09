"""The story of a message, receipt by receipt, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from crinale.spine.exchange.identifiers import from_json
from crinale.spine.exchange.models import Receipt, WireMessage
from crinale.spine.exchange.queries.queue import message as visible_message
from crinale.spine.exchange.queries.queue import messages_of_registration
from crinale.spine.exchange.rules.states import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.exchange.queries.queue import MessageRow
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.rules.identifier import Identifier

_SENT: Final[dict[str, str]] = {
    Kind.SEALED: _("Registered and sealed, ready to go to %(counterpart)s."),
    Kind.ATTEMPT_FAILED: _("No usable answer from %(counterpart)s: %(reason)s"),
    Kind.EXHAUSTED: _("All attempts failed: an incident is open with %(counterpart)s."),
    Kind.RETRY_ORDERED: _("%(actor)s ordered a new attempt."),
    Kind.ACCEPTED: _("%(counterpart)s received it and verified seal and digests."),
    Kind.REFUSED_AT_DOOR: _("%(counterpart)s refused it on arrival (%(anomaly)s): %(reason)s"),
    Kind.REGISTERED: _("%(counterpart)s registered it with number %(number)s of %(date)s."),
    Kind.REFUSED: _("%(counterpart)s refused it (%(anomaly)s): %(reason)s"),
    Kind.REPEATED: _("%(counterpart)s repeated its answer."),
    Kind.ANNULLED: _("%(actor)s annulled the registration here: %(act)s"),
    Kind.ANNULMENT_NOTIFIED: _("%(counterpart)s took note of the annulment."),
    Kind.ANNULMENT_REFUSED: _("%(counterpart)s did not accept the annulment (%(anomaly)s): %(reason)s"),
    Kind.ANNULLED_THERE: _("%(counterpart)s annulled its own registration: %(act)s"),
    Kind.HANDED_OVER: _("Handed to the mail server for %(address)s."),
    Kind.DISPATCHED: _("%(address)s is no certified mailbox: no receipt will prove the delivery."),
    Kind.TAKEN: _("Accepted by our mail provider (ricevuta di accettazione)."),
    Kind.NOT_TAKEN: _("Not accepted by our mail provider: %(reason)s"),
    Kind.TAKEN_CHARGE: _("Taken in charge by the recipient's mail provider."),
    Kind.DELIVERED: _("Delivered to %(address)s (ricevuta di avvenuta consegna)."),
    Kind.NOT_DELIVERED: _("Not delivered to %(address)s: %(reason)s"),
    Kind.WARNED: _("Not delivered to %(address)s so far; the provider goes on trying."),
    Kind.UPDATED: _("%(counterpart)s changed its registration: now number %(number)s of %(date)s."),
}
_RECEIVED: Final[dict[str, str]] = {
    Kind.ACCEPTED: _("Received from %(counterpart)s; seal and digests are good."),
    Kind.REFUSED_AT_DOOR: _("Refused on arrival (%(anomaly)s): %(reason)s"),
    Kind.REPEATED: _("%(counterpart)s sent it again and got the same answer."),
    Kind.WAITING: _("Waits for a clerk. %(reason)s"),
    Kind.REGISTERED: _("Registered here with number %(number)s of %(date)s."),
    Kind.REFUSED: _("Refused (%(anomaly)s): %(reason)s"),
    Kind.NOTIFIED: _("%(counterpart)s has our answer."),
    Kind.EXHAUSTED: _("Our answer could not be delivered: an incident is open with %(counterpart)s."),
}
# said otherwise of a message that came by mail: there are no seals to speak of, and our answer is a mail too
_MAILED: Final[dict[str, str]] = {
    Kind.ACCEPTED: _("Arrived by mail from %(address)s."),
    Kind.REPEATED: _("It arrived once more by mail."),
    Kind.NOTIFIED: _("Our answer was handed to the mail server for %(address)s."),
}
_REFUSED_BY_MAIL: Final = _("%(counterpart)s refused it: %(reason)s")


@dataclass(frozen=True, slots=True)
class EnvelopeRef:
    """A kept signed envelope, or a kept ``mail``, to download by its id."""

    id: UUID
    part: str
    origin: str
    operation: str
    size: int
    sha256: str
    mail: bool = False


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One step: when, what (``kind`` and a translated ``sentence``), by whom, with which envelopes."""

    message_id: UUID
    seq: int
    at: datetime
    kind: str
    template: str
    params: Mapping[str, str]
    counterpart: str
    direction: str
    actor_name: str
    number: Identifier | None
    round_trip_ms: int | None
    envelopes: tuple[EnvelopeRef, ...]

    @property
    def sentence(self) -> str:
        """The step in words, in the language of the page."""
        return (gettext(self.template) % self.params).strip()


def timeline(*, actor: Actor, registration_id: UUID) -> list[TimelineEntry]:
    """Return the steps of all messages of a registration, the oldest first.

    :raises NotVisible: when the actor may not see the exchanges of their area.
    """
    return _entries(messages_of_registration(actor=actor, registration_id=registration_id))


def timeline_of(rows: Sequence[MessageRow]) -> list[TimelineEntry]:
    """Return the steps of messages that the actor was shown already, the oldest first."""
    return _entries(rows)


def message_timeline(*, actor: Actor, message_id: UUID) -> list[TimelineEntry]:
    """Return the steps of one message, the oldest first.

    :raises NotVisible: when there is none that the actor may see.
    """
    return _entries([visible_message(actor=actor, message_id=message_id)])


def _entries(rows: Sequence[MessageRow]) -> list[TimelineEntry]:
    by_id = {row.id: row for row in rows}
    envelopes = _envelopes(list(by_id))
    receipts = Receipt.objects.filter(message_id__in=by_id).select_related("wire").order_by("at", "id")
    return [_entry(one, by_id[one.message_id], envelopes) for one in receipts]


def _envelopes(ids: Sequence[UUID]) -> dict[UUID, tuple[EnvelopeRef, ...]]:
    """The envelopes by call, request first."""
    calls: dict[UUID, tuple[EnvelopeRef, ...]] = {}
    for wire in WireMessage.objects.filter(message_id__in=ids).defer("content").order_by("part"):
        ref = EnvelopeRef(
            id=wire.id,
            part=wire.part,
            origin=wire.origin,
            operation=wire.operation,
            size=wire.size,
            sha256=wire.sha256,
            mail=wire.content_type == "message/rfc822",
        )
        calls[wire.call] = (*calls.get(wire.call, ()), ref)
    return calls


def _entry(
    receipt: Receipt, row: MessageRow, envelopes: Mapping[UUID, tuple[EnvelopeRef, ...]]
) -> TimelineEntry:
    data: dict[str, Any] = receipt.data
    number = from_json(data["identifier"]) if data.get("identifier") else None
    templates = _SENT if row.direction == "out" else {**_SENT, **_RECEIVED}
    if row.channel != "aoo" and row.direction == "in":
        templates = {**templates, **_MAILED}
    if receipt.kind == Kind.REFUSED and not data.get("anomaly"):  # an exception by mail has no code
        templates = {**templates, Kind.REFUSED: _REFUSED_BY_MAIL}
    return TimelineEntry(
        message_id=row.id,
        seq=receipt.seq,
        at=receipt.at,
        kind=receipt.kind,
        template=templates.get(receipt.kind, receipt.kind),
        params={
            "counterpart": row.counterpart_name,
            "actor": receipt.actor_name,
            "address": row.address,
            "anomaly": data.get("anomaly", ""),
            "reason": data.get("info") or data.get("reason", ""),
            "act": data.get("act", ""),
            "failure": data.get("code", ""),
            "number": number.number_text if number else "",
            "date": f"{number.date:%d/%m/%Y}" if number else "",
        },
        counterpart=row.counterpart_name,
        direction=row.direction,
        actor_name=receipt.actor_name,
        number=number,
        round_trip_ms=data.get("round_trip_ms"),
        envelopes=envelopes.get(receipt.wire.call, ()) if receipt.wire else (),
    )
