"""Register what leaves, what arrives and what goes between offices; each form once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from crinale.services.protocol_office.actions.once import give, once
from crinale.spine.exchange import actions as exchange
from crinale.spine.protocol import actions as protocol
from crinale.spine.records import actions as records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.exchange.actions import Way
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import EnclosureData, PartyData, ReceivedReference, RegistrationView
    from crinale.spine.protocol.views import LinkData
    from crinale.spine.records.queries import DocumentRef


@dataclass(frozen=True, kw_only=True)
class OutgoingDraft:
    """A document to register and send, as the page gathered it."""

    subject: str
    classification: str
    recipients: Sequence[PartyData]
    documents: Sequence[EnclosureData]
    reply_to: UUID | None = None
    links: Sequence[LinkData] = ()
    ways: Mapping[int, Way] = field(default_factory=dict)
    dossier_id: UUID | None = None
    confidential: bool = False


@dataclass(frozen=True, kw_only=True)
class ArrivalDraft:
    """A document that arrived by hand, post or mail, as the page gathered it."""

    subject: str
    classification: str
    senders: Sequence[PartyData]
    documents: Sequence[EnclosureData]
    channel: str
    recipients: Sequence[PartyData] = ()
    received: ReceivedReference | None = None
    arrived_at: datetime | None = None
    deferred_act: str = ""
    deferred_reason: str = ""
    links: Sequence[LinkData] = ()
    office_id: UUID | None = None
    confidential: bool = False


@dataclass(frozen=True, kw_only=True)
class InternalDraft:
    """A document from one office to another, as the page gathered it."""

    subject: str
    classification: str
    sender: PartyData
    recipient: PartyData
    documents: Sequence[EnclosureData]
    office_id: UUID | None = None


def keep_file(*, actor: Actor, file_name: str, stream: BinaryIO, declared_type: str | None) -> DocumentRef:
    """Store a file chosen on a page before anything is registered, so that it is uploaded once."""
    with transaction.atomic(durable=True):
        return records.store_document(
            actor=actor, file_name=file_name, stream=stream, declared_type=declared_type
        )


def send(*, actor: Actor, area_id: UUID, token: UUID, draft: OutgoingDraft) -> UUID:
    """Register, seal and send a document; return the registration."""

    def register() -> RegistrationView:
        return exchange.register_and_send(
            actor=actor,
            area_id=area_id,
            subject=draft.subject,
            classification=draft.classification,
            recipients=draft.recipients,
            documents=draft.documents,
            reply_to=draft.reply_to,
            links=draft.links,
            ways=draft.ways,
            dossier_id=draft.dossier_id,
            confidential=draft.confidential,
        )

    return once(actor, token, register)


def register_arrival(*, actor: Actor, area_id: UUID, token: UUID, draft: ArrivalDraft) -> UUID:
    """Register what arrived outside the exchange and give it to its office; return the registration."""

    def register() -> RegistrationView:
        made = protocol.register_incoming(
            actor=actor,
            area_id=area_id,
            subject=draft.subject,
            classification=draft.classification,
            senders=draft.senders,
            recipients=draft.recipients,
            documents=draft.documents,
            channel=draft.channel,
            received_identifier=draft.received,
            arrived_at=draft.arrived_at,
            deferred_act=draft.deferred_act,
            deferred_reason=draft.deferred_reason,
            links=draft.links,
            confidential=draft.confidential,
        )
        return give(actor, made, draft.office_id)

    return once(actor, token, register)


def register_internal(*, actor: Actor, area_id: UUID, token: UUID, draft: InternalDraft) -> UUID:
    """Register a document between two offices, given to the one that receives; return the registration."""

    def register() -> RegistrationView:
        made = protocol.register_internal(
            actor=actor,
            area_id=area_id,
            subject=draft.subject,
            classification=draft.classification,
            sender=draft.sender,
            recipients=[draft.recipient],
            documents=draft.documents,
        )
        return give(actor, made, draft.office_id)

    return once(actor, token, register)
