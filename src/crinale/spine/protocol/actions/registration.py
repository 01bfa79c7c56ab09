"""Register a document: incoming, outgoing, internal (DPR 445/2000 art. 53).

What does not depend on the number is done before the register's counter is taken: checks, digests, the
parts of the segnatura. Number, segnatura and seal then form one step with the commit (Allegato 6, C to E).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.kernel.errors import Invalid
from crinale.spine.protocol.actions.checking import check_draft
from crinale.spine.protocol.actions.drafting import Draft, load_context
from crinale.spine.protocol.actions.storing import store
from crinale.spine.protocol.views import ReceivedReference

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.rules.identifier import Identifier
    from crinale.spine.protocol.rules.parties import PartyData
    from crinale.spine.protocol.views import (
        EnclosureData,
        LinkData,
        ReceivedSegnatura,
        RegistrationView,
    )


def register_outgoing(
    *,
    actor: Actor,
    area_id: UUID,
    subject: str,
    classification: str,
    recipients: Sequence[PartyData],
    documents: Sequence[EnclosureData],
    sender: PartyData | None = None,
    reply_to: UUID | None = None,
    links: Sequence[LinkData] = (),
    dossier_id: UUID | None = None,
    confidential: bool = False,
    channel: str = "aoo",
    seal: bool = True,
) -> RegistrationView:
    """Register a document that leaves the area; with ``seal`` it gets its sealed segnatura in the same step.

    ``sender`` is the area itself unless an office of it is named. ``reply_to`` is the registration that
    this one answers, ``links`` are others that it refers to.

    :raises Invalid: when something must be corrected before a number is taken.
    :raises NotVisible: when the area, a document, the dossier or ``reply_to`` is not in the open scope.
    """
    return _register(
        Draft(
            direction="outgoing",
            actor=actor,
            area_id=area_id,
            subject=subject,
            classification=classification,
            senders=() if sender is None else (sender,),
            recipients=tuple(recipients),
            documents=tuple(documents),
            reply_to=reply_to,
            links=tuple(links),
            dossier_id=dossier_id,
            confidential=confidential,
            channel=channel,
            seal=seal,
        )
    )


def register_incoming(
    *,
    actor: Actor,
    area_id: UUID,
    subject: str,
    classification: str,
    documents: Sequence[EnclosureData],
    channel: str,
    sender: PartyData | None = None,
    senders: Sequence[PartyData] = (),
    recipients: Sequence[PartyData] = (),
    received_identifier: Identifier | ReceivedReference | None = None,
    received_segnatura: ReceivedSegnatura | None = None,
    arrived_at: datetime | None = None,
    deferred_act: str = "",
    deferred_reason: str = "",
    reply_to: UUID | None = None,
    links: Sequence[LinkData] = (),
    dossier_id: UUID | None = None,
    confidential: bool = False,
) -> RegistrationView:
    """Register a document that came in; ``received_identifier`` is its protocol at the sender, if known.

    ``sender`` is one, ``senders`` are several, in the order of the document. ``recipients`` is the area
    itself when empty. What is registered after the day of its arrival names in ``deferred_act`` the act that
    allows it and in ``deferred_reason`` the cause (registrazione differita); ``arrived_at`` is then required.

    :raises Invalid: when something must be corrected before a number is taken.
    :raises NotVisible: when the area, a document, the dossier or ``reply_to`` is not in the open scope.
    """
    return _register(
        Draft(
            direction="incoming",
            actor=actor,
            area_id=area_id,
            subject=subject,
            classification=classification,
            senders=_senders(sender, senders),
            recipients=tuple(recipients),
            documents=tuple(documents),
            reply_to=reply_to,
            links=tuple(links),
            dossier_id=dossier_id,
            confidential=confidential,
            channel=channel,
            arrived_at=arrived_at,
            deferred_act=deferred_act,
            deferred_reason=deferred_reason,
            received=_reference(received_identifier),
            received_segnatura=received_segnatura,
        )
    )


def register_internal(
    *,
    actor: Actor,
    area_id: UUID,
    subject: str,
    classification: str,
    recipients: Sequence[PartyData],
    documents: Sequence[EnclosureData],
    sender: PartyData | None = None,
    senders: Sequence[PartyData] = (),
    reply_to: UUID | None = None,
    links: Sequence[LinkData] = (),
    dossier_id: UUID | None = None,
    confidential: bool = False,
) -> RegistrationView:
    """Register a document from one office of the area, or several, to others of it.

    :raises Invalid: when something must be corrected before a number is taken.
    :raises NotVisible: when the area, a document, the dossier or ``reply_to`` is not in the open scope.
    """
    return _register(
        Draft(
            direction="internal",
            actor=actor,
            area_id=area_id,
            subject=subject,
            classification=classification,
            senders=_senders(sender, senders),
            recipients=tuple(recipients),
            documents=tuple(documents),
            reply_to=reply_to,
            links=tuple(links),
            dossier_id=dossier_id,
            confidential=confidential,
        )
    )


def _register(draft: Draft) -> RegistrationView:
    context = load_context(draft)
    return store(check_draft(draft, context), context)


def _senders(sender: PartyData | None, senders: Sequence[PartyData]) -> tuple[PartyData, ...]:
    named = tuple(senders) if sender is None else (sender, *senders)
    if not named:
        raise Invalid("sender", "say who sends it")
    return named


def _reference(
    received: Identifier | ReceivedReference | None,
) -> ReceivedReference | None:
    if received is None or isinstance(received, ReceivedReference):
        return received
    return ReceivedReference(
        ipa_code=received.ipa_code,
        aoo_code=received.aoo_code,
        register_code=received.register_code,
        number=received.number_text,
        date=received.date,
    )
