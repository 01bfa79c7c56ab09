"""Annul, assign and amend what is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.spine.exchange import actions as exchange
from crinale.spine.exchange.queries import messages_of_registration
from crinale.spine.protocol import actions as protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.actions import Assignee
    from crinale.spine.protocol.actions.correcting import Value
    from crinale.spine.protocol.views import LinkName


def annul(
    *, actor: Actor, registration_id: UUID, act: str, reason: str, document_id: UUID | None = None
) -> None:
    """Annul a registration; if it was exchanged the other side is told. ``document_id`` is the act itself.

    A refusal that nobody took note of leaves the queue with it: there is nothing more to decide.
    """
    with transaction.atomic(durable=True):
        exchange.annul(
            actor=actor, registration_id=registration_id, act=act, reason=reason, document_id=document_id
        )
        for message in messages_of_registration(actor=actor, registration_id=registration_id):
            if message.direction == "out" and message.state == "refused" and not message.noted:
                exchange.take_note(actor=actor, message_id=message.id)


def assign(
    *,
    actor: Actor,
    registration_id: UUID,
    assignees: Sequence[Assignee],
    note: str,
    deadline: date | None,
) -> None:
    """Give a registration to offices and people."""
    with transaction.atomic(durable=True):
        protocol.assign_several(
            actor=actor, registration_id=registration_id, assignees=assignees, note=note, deadline=deadline
        )


def take_charge(*, actor: Actor, assignment_id: UUID) -> None:
    """Take charge of what was assigned."""
    with transaction.atomic(durable=True):
        protocol.take_charge(actor=actor, assignment_id=assignment_id)


def refuse_assignment(*, actor: Actor, assignment_id: UUID, reason: str) -> None:
    """Send an assignment back to the desk."""
    with transaction.atomic(durable=True):
        protocol.refuse_assignment(actor=actor, assignment_id=assignment_id, reason=reason)


def forward_assignment(*, actor: Actor, assignment_id: UUID, to: Assignee, reason: str) -> None:
    """Pass an assignment on."""
    with transaction.atomic(durable=True):
        protocol.forward_assignment(actor=actor, assignment_id=assignment_id, to=to, reason=reason)


def conclude(*, actor: Actor, assignment_id: UUID, note: str) -> None:
    """Say that an assignment is done, or was read."""
    with transaction.atomic(durable=True):
        protocol.conclude(actor=actor, assignment_id=assignment_id, note=note)


def withdraw_assignment(*, actor: Actor, assignment_id: UUID, reason: str) -> None:
    """Take an assignment back."""
    with transaction.atomic(durable=True):
        protocol.withdraw_assignment(actor=actor, assignment_id=assignment_id, reason=reason)


def reclassify(*, actor: Actor, registration_id: UUID, classification: str, reason: str) -> None:
    """Move a registration to another heading."""
    with transaction.atomic(durable=True):
        protocol.reclassify(
            actor=actor, registration_id=registration_id, classification=classification, reason=reason
        )


def correct(*, actor: Actor, registration_id: UUID, changes: Mapping[str, Value], reason: str) -> None:
    """Correct what may be corrected of a registration; both values stay visible."""
    with transaction.atomic(durable=True):
        protocol.correct(actor=actor, registration_id=registration_id, changes=changes, reason=reason)


def link(*, actor: Actor, registration_id: UUID, other_id: UUID, relation: LinkName, reason: str) -> None:
    """Say that a registration belongs to another one."""
    with transaction.atomic(durable=True):
        protocol.link_registration(
            actor=actor, registration_id=registration_id, other_id=other_id, relation=relation, reason=reason
        )


def unlink(*, actor: Actor, link_id: UUID, reason: str) -> None:
    """Take a link away; that it was there stays visible."""
    with transaction.atomic(durable=True):
        protocol.unlink_registration(actor=actor, link_id=link_id, reason=reason)
