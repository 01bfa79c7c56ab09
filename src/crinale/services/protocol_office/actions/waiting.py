"""Decide on what waits for a clerk: documents of the exchange, mails, refusals, incidents, late sendings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from crinale.services.protocol_office.actions.once import give
from crinale.spine.exchange import actions as exchange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.exchange.actions.mail_deciding import WholeMail
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import PartyData, RegistrationView


@dataclass(frozen=True, kw_only=True)
class MailDraft:
    """A mail to register: ``documents`` are paths of its files, ``whole_mail`` where the mail itself goes."""

    subject: str
    classification: str
    sender: PartyData
    documents: Sequence[str]
    whole_mail: WholeMail
    office_id: UUID | None = None
    confidential: bool = False


def retry(*, actor: Actor, message_id: UUID) -> None:
    """Order a new attempt at once."""
    with transaction.atomic(durable=True):
        exchange.retry_now(actor=actor, message_id=message_id)


def take_note(*, actor: Actor, message_id: UUID) -> None:
    """Take a refused message out of the queue."""
    with transaction.atomic(durable=True):
        exchange.take_note(actor=actor, message_id=message_id)


def register_waiting(
    *, actor: Actor, message_id: UUID, classification: str, office_id: UUID | None
) -> RegistrationView:
    """Register a document that arrived by the exchange and waits for a clerk; the sender is told."""
    with transaction.atomic(durable=True):
        made = exchange.register_waiting(actor=actor, message_id=message_id, classification=classification)
        return give(actor, made, office_id)


def register_mail(*, actor: Actor, mail_id: UUID, draft: MailDraft) -> UUID:
    """Register a mail that waits, and give it to its office; return the registration."""
    with transaction.atomic(durable=True):
        return exchange.register_mail(
            actor=actor,
            mail_id=mail_id,
            subject=draft.subject,
            classification=draft.classification,
            sender=draft.sender,
            documents=draft.documents,
            whole_mail=draft.whole_mail,
            office_id=draft.office_id,
            confidential=draft.confidential,
        ).id


def set_mail_aside(*, actor: Actor, mail_id: UUID, reason: str) -> None:
    """Take a mail out of the queue; it stays, with the reason."""
    with transaction.atomic(durable=True):
        exchange.set_mail_aside(actor=actor, mail_id=mail_id, reason=reason)


def return_mail(*, actor: Actor, mail_id: UUID) -> None:
    """Have a mail examined anew; it waits again, or finds its message."""
    with transaction.atomic(durable=True):
        exchange.return_mail_to_queue(actor=actor, mail_id=mail_id)


def refuse_waiting(*, actor: Actor, message_id: UUID, reason: str) -> None:
    """Refuse a document that waits for a clerk; the sender is told why."""
    with transaction.atomic(durable=True):
        exchange.refuse_waiting(actor=actor, message_id=message_id, reason=reason)


def send_by_exchange(*, actor: Actor, registration_id: UUID, recipient: int) -> None:
    """Send a registration to one of its recipients by the exchange, whatever mail was tried before."""
    with transaction.atomic(durable=True):
        exchange.send_by_exchange(actor=actor, registration_id=registration_id, recipient=recipient)


def send_by_mail(*, actor: Actor, registration_id: UUID, recipient: int, address: str) -> None:
    """Send a registration to one of its recipients by mail, whatever other way was tried before."""
    with transaction.atomic(durable=True):
        exchange.send_by_mail(
            actor=actor, registration_id=registration_id, recipient=recipient, address=address
        )


def send_to_late(*, actor: Actor, registration_id: UUID) -> int:
    """Send to the recipients that can be reached now and could not before; return how many."""
    with transaction.atomic(durable=True):
        return exchange.send_registration(actor=actor, registration_id=registration_id)


def record_workaround(
    *, actor: Actor, incident_id: UUID, workaround: str, restore_expected_at: datetime | None
) -> None:
    """Note what the other side proposed meanwhile, and when it expects to be back."""
    with transaction.atomic(durable=True):
        exchange.record_workaround(
            actor=actor,
            incident_id=incident_id,
            workaround=workaround,
            restore_expected_at=restore_expected_at,
        )


def close_incident(*, actor: Actor, incident_id: UUID, note: str) -> None:
    """Close an incident, saying how it ended."""
    with transaction.atomic(durable=True):
        exchange.close_incident(actor=actor, incident_id=incident_id, note=note)
