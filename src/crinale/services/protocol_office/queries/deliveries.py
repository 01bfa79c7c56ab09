"""Who gets an outgoing registration, how, and where each delivery stands: one line per recipient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from crinale.services.protocol_office.queries.channels import channel_words
from crinale.services.protocol_office.queries.journeys import message_words
from crinale.spine.exchange import queries as exchange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crinale.spine.exchange.queries import MessageRow
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import RegistrationView
    from crinale.spine.protocol.views import PartyView

DELIVERIES: Final = 50  # on one page
_OVER: Final = frozenset({"failed", "refused", "withdrawn"})


@dataclass(frozen=True)
class Delivery:
    """One recipient: the last message that goes to him, if any; ``again`` when another way can be tried."""

    place: int
    name: str
    for_information: bool
    channel: str
    address: str
    tone: str
    label: str
    at: datetime | None
    number: str
    again: bool


@dataclass(frozen=True)
class DeliveryPage:
    """Some of the deliveries, and how many there are."""

    rows: tuple[Delivery, ...]
    first: int
    total: int
    unreached: int

    @property
    def last(self) -> int:
        """The place of the last one shown, counted from one."""
        return self.first + len(self.rows)


def deliveries(
    one: RegistrationView, messages: Sequence[MessageRow], *, first: int = 0, most: int = DELIVERIES
) -> DeliveryPage:
    """Return a page of the recipients of a registration, each with where its delivery stands."""
    by_area: dict[str, MessageRow] = {}
    by_address: dict[str, MessageRow] = {}
    for row in sorted(messages, key=lambda one: one.created_at):
        if row.counterpart_aoo:
            by_area[row.counterpart_aoo] = row
        if row.address:
            by_address[row.address] = row

    def message_of(party: PartyView) -> MessageRow | None:
        email = party.data.email.strip().lower()
        found = by_area.get(party.data.aoo_code) if party.data.aoo_code else None
        return found or (by_address.get(email) if email else None)

    unreached = sum(message_of(party) is None for party in one.recipients)
    rows = tuple(
        _delivery(place, party, message_of(party))
        for place, party in enumerate(one.recipients[first : first + most], start=first)
    )
    return DeliveryPage(rows, first, len(one.recipients), unreached)


def exchange_is_open(*, actor: Actor, one: RegistrationView, party: PartyView) -> bool:
    """Say whether a recipient can still be written to by the exchange: it has an address, and was not yet."""
    code = party.data.aoo_code
    area = exchange.areas_by_code([code]).get(code) if code else None
    if area is None or not area.reachable:
        return False
    sent = exchange.messages_of_registration(actor=actor, registration_id=one.id)
    return not any(row.channel == "aoo" and row.counterpart_aoo == code for row in sent)


def _delivery(place: int, party: PartyView, row: MessageRow | None) -> Delivery:
    if row is None:
        return Delivery(
            place=place,
            name=party.name,
            for_information=party.data.for_information,
            channel="",
            address=party.data.email,
            tone="plain",
            label=_("Not sent from here"),
            at=None,
            number="",
            again=True,
        )
    tone, label = message_words(row)
    theirs = row.recipient_identifier
    return Delivery(
        place=place,
        name=party.name,
        for_information=party.data.for_information,
        channel=channel_words(row.channel),
        address=row.address,
        tone=tone,
        label=label,
        at=row.changed_at or row.created_at,
        number=f"{theirs.number_text}/{theirs.year}" if theirs else "",
        again=row.state in _OVER,
    )
