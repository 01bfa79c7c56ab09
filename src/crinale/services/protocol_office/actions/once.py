"""Run what a form asks for once: its token was acted upon, or was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict
from crinale.services.protocol_office.models import Submission
from crinale.spine.protocol import actions as protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import RegistrationView


class AlreadyBeingRegistered(Conflict):
    """This form is already being registered: wait a moment and look in the register."""


def forget_submissions(*, before: datetime) -> int:
    """Remove what was noted about forms acted upon before an instant; return how many.

    No page can send such a form again: its session is over. The documents stay.
    """
    with transaction.atomic(durable=True):
        forgotten, _by_model = Submission.objects.filter(made_at__lt=before).delete()
    return forgotten


def once(actor: Actor, token: UUID, register: Callable[[], RegistrationView]) -> UUID:
    """Run ``register`` unless the token was acted upon; a second copy waits and gets the same result."""
    with transaction.atomic(durable=True):
        submission, first = Submission.objects.get_or_create(
            token=token, defaults={"person": actor.person_id, "made_at": clock.now()}
        )
        if not first:
            if submission.registration is None or submission.person != actor.person_id:
                raise AlreadyBeingRegistered
            return submission.registration
        submission.registration = register().id
        submission.save(update_fields=["registration"])
        return submission.registration


def give(actor: Actor, made: RegistrationView, office_id: UUID | None) -> RegistrationView:
    if office_id is not None:
        protocol.assign(actor=actor, registration_id=made.id, office_id=office_id)
    return made
