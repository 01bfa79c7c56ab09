"""A registration as its page shows it: state and next action, data, seals, journeys, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.queries.channels import channel_words
from crinale.services.protocol_office.queries.corrections import corrections_shown
from crinale.services.protocol_office.queries.deliveries import DeliveryPage, deliveries
from crinale.services.protocol_office.queries.files import document_shown
from crinale.services.protocol_office.queries.handling import assignments_shown, charge_words, course
from crinale.services.protocol_office.queries.journeys import (
    SealShown,
    Step,
    message_words,
    seal_shown,
    step,
)
from crinale.services.protocol_office.queries.previews import Source
from crinale.services.protocol_office.queries.standing import standing_of
from crinale.services.protocol_office.queries.thread import links_shown, thread
from crinale.spine import audit
from crinale.spine.exchange import queries as exchange
from crinale.spine.identity import permissions
from crinale.spine.protocol import queries as protocol
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from crinale.spine.exchange.queries import MessageRow
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import RegistrationView
    from crinale.spine.records.queries import DocumentRef
    from crinale.spine.tenancy.queries import AreaRef


_PARTIES: Final = 10  # named on the page of a registration; a mailing has its own page of recipients
_JOURNEYS: Final = 5


@dataclass(frozen=True)
class Journey:
    """The journey of a registration to, or from, one area."""

    peer: str
    tone: str
    label: str
    peer_number: str
    incident_url: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class May:
    """What this actor may do to a registration."""

    assign: bool
    classify: bool
    annul: bool
    reply: bool
    file: bool
    correct: bool
    send: bool
    keep_party: bool


def may(actor: Actor, permission: str, area: AreaRef) -> bool:
    """Say whether an actor holds a permission in an area."""
    return permissions.allows(actor, permission, area_id=area.id)


def require(actor: Actor, permission: str, area: AreaRef) -> None:
    """Refuse who does not hold a permission in an area.

    :raises NotVisible: the same answer as for what does not exist.
    """
    permissions.require(actor, permission, area_id=area.id)


def require_writing(actor: Actor, area: AreaRef) -> None:
    """Refuse who registers nothing in an area.

    :raises NotVisible: the same answer as for what does not exist.
    """
    if not may(actor, "protocol.register", area):
        require(actor, "protocol.register_incoming", area)


def registration(
    *, actor: Actor, area: AreaRef, registration_id: UUID, permission: str = ""
) -> RegistrationView:
    """Return a registration of this area.

    :raises NotVisible: when there is none that the actor may see (and change, when ``permission`` is named).
    """
    one = protocol.registration(actor=actor, registration_id=registration_id)
    if one.area_id != area.id:
        raise NotVisible
    if permission:
        require(actor, permission, area)
    return one


def registration_named(*, actor: Actor, area: AreaRef, text: str) -> RegistrationView:
    """Return the registration of this area that a text of an address names.

    :raises NotVisible: when it names none that the actor may see.
    """
    try:
        identifier = UUID(text)
    except ValueError:
        raise NotVisible from None
    return registration(actor=actor, area=area, registration_id=identifier)


def registration_page(*, actor: Actor, area: AreaRef, registration_id: UUID) -> dict[str, Any]:
    """Return all that the page of a registration shows."""
    one = registration(actor=actor, area=area, registration_id=registration_id)
    messages = _messages(actor, area, registration_id)
    right = "protocol.register_incoming" if one.direction == "incoming" else "protocol.register"
    return {
        "one": one,
        "senders": one.senders[:_PARTIES],
        "recipients": one.recipients[:_PARTIES],
        "more_senders": max(0, len(one.senders) - _PARTIES),
        "more_recipients": max(0, len(one.recipients) - _PARTIES),
        "deliveries": deliveries(one, messages, most=_PARTIES) if one.direction == "outgoing" else None,
        "corrections": corrections_shown(one),
        "links": links_shown(one),
        "thread": thread(actor=actor, one=one),
        "office": charge_words(one),
        "channel": channel_words(one.channel),
        "documents": [document_shown(document) for document in one.documents],
        "standing": standing_of(
            one,
            messages,
            may_send=may(actor, "protocol.send", area),
            may_assign=may(actor, "protocol.assign", area),
        ),
        "segnature": _seals(actor, one),
        "messages_of": _journeys(messages[:_JOURNEYS]),
        "more_messages": max(0, len(messages) - _JOURNEYS),
        "assignments": assignments_shown(actor=actor, one=one),
        "history": course(one),
        "may": May(
            assign=may(actor, "protocol.assign", area),
            classify=may(actor, "protocol.classify", area),
            annul=may(actor, "protocol.annul", area),
            reply=one.direction == "incoming"
            and one.annulment is None
            and may(actor, "protocol.register", area),
            file=may(actor, "protocol.classify", area),
            correct=one.annulment is None and may(actor, right, area),
            send=one.direction == "outgoing"
            and one.annulment is None
            and one.state != "unsealed"
            and may(actor, "protocol.send", area),
            keep_party=may(actor, "protocol.register", area),
        ),
    }


def delivery_page(*, actor: Actor, area: AreaRef, one: RegistrationView, first: int) -> DeliveryPage:
    """Return a page of the recipients of an outgoing registration.

    :raises NotVisible: when it is none.
    """
    if one.direction != "outgoing":
        raise NotVisible
    return deliveries(one, _messages(actor, area, one.id), first=first)


def open_annulment_act(*, actor: Actor, area: AreaRef, registration_id: UUID) -> tuple[DocumentRef, BinaryIO]:
    """Open the act with which a registration was annulled; the reading is logged.

    :raises NotVisible: when the registration is not to be seen, or no act was kept with its annulment.
    """
    one = registration(actor=actor, area=area, registration_id=registration_id)
    if one.annulment is None or one.annulment.document_id is None:
        raise NotVisible
    audit.access(actor=actor, what="document", object_id=one.annulment.document_id)
    found = records.document(actor=actor, document_id=one.annulment.document_id)
    return found, records.open_document(actor=actor, document_id=found.id)


def segnatura_file(*, actor: Actor, area: AreaRef, registration_id: UUID, origin: str) -> tuple[str, bytes]:
    """Return the name and the bytes of a segnatura, ours or the one received."""
    one = registration(actor=actor, area=area, registration_id=registration_id)
    received = origin == "received"
    xml = protocol.segnature_xml(actor=actor, registration=one).get("received" if received else "issued")
    if xml is None:
        raise NotVisible
    return _segnatura_name(one, origin), xml


def open_enclosure(
    *, actor: Actor, area: AreaRef, registration_id: UUID, document_id: UUID
) -> tuple[DocumentRef, BinaryIO]:
    """Open a document of a registration; the reading is logged.

    :raises NotVisible: when the registration is not to be seen, or has no such document.
    """
    one = registration(actor=actor, area=area, registration_id=registration_id)
    if document_id not in {document.document_id for document in one.documents}:
        raise NotVisible
    audit.access(actor=actor, what="document", object_id=document_id)
    found = records.document(actor=actor, document_id=document_id)
    return found, records.open_document(actor=actor, document_id=document_id)


def enclosure_source(*, actor: Actor, area: AreaRef, registration_id: UUID, document_id: UUID) -> Source:
    """Return a document of a registration to be shown.

    :raises NotVisible: when the registration is not to be seen, or has no such document.
    """
    one = registration(actor=actor, area=area, registration_id=registration_id)
    found = next((each for each in one.documents if each.document_id == document_id), None)
    if found is None:
        raise NotVisible

    def opened() -> BinaryIO:
        audit.access(actor=actor, what="document", object_id=document_id)
        return records.open_document(actor=actor, document_id=document_id)

    return Source(name=found.file_name, size=found.size, open=opened)


def told_of_annulment(*, actor: Actor, area: AreaRef, registration_id: UUID) -> list[str]:
    """Return the areas that will be told of an annulment."""
    return [
        row.counterpart_name for row in _messages(actor, area, registration_id) if row.state == "registered"
    ]


def _messages(actor: Actor, area: AreaRef, registration_id: UUID) -> list[MessageRow]:
    if not may(actor, "exchange.view", area):
        return []
    return exchange.messages_of_registration(actor=actor, registration_id=registration_id)


def _segnatura_name(one: RegistrationView, origin: str) -> str:
    extra = "-ricevuta" if origin == "received" else ""
    return f"segnatura{extra}-{one.year}-{one.number_text}.xml"


def _seals(actor: Actor, one: RegistrationView) -> list[SealShown]:
    shown = []
    files = protocol.segnature_xml(actor=actor, registration=one)
    for mark in one.segnature:
        received = mark.origin == "received"
        address = reverse("protocol_office:segnatura", args=[one.id])
        shown.append(
            seal_shown(
                files[mark.origin],
                title=_("Segnatura of the sender") if received else _("Segnatura of this area"),
                sha256=mark.sha256,
                at=mark.made_at,
                url=f"{address}?origin=received" if received else address,
                file_name=_segnatura_name(one, mark.origin),
            )
        )
    return shown


def _journeys(messages: Sequence[MessageRow]) -> list[Journey]:
    if not messages:
        return []
    entries = exchange.timeline_of(messages)
    journeys = []
    for row in messages:
        tone, label = message_words(row)
        theirs = row.recipient_identifier if row.direction == "out" else row.sender_identifier
        journeys.append(
            Journey(
                peer=row.counterpart_name,
                tone=tone,
                label=label,
                peer_number=f"{theirs.number_text}/{theirs.year} · {theirs.date:%d/%m/%Y}" if theirs else "",
                incident_url=reverse("protocol_office:incident", args=[row.id]) if row.incidents else "",
                steps=tuple(step(entry) for entry in entries if entry.message_id == row.id),
            )
        )
    return journeys
