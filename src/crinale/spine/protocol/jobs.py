"""What the protocol does by itself: remote seals, and the days that are over."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID  # noqa: TC003  the annotation tells jobs which arguments are identifiers

from crinale.kernel import clock
from crinale.spine import jobs
from crinale.spine.protocol import actions
from crinale.spine.protocol.models import WaitingSeal

SEAL_LATE = timedelta(minutes=2)


@jobs.task(queue="protocol", lock="seal:{registration_id}", once="seal:{registration_id}", priority=10)
def complete_seal(*, body_id: UUID, registration_id: UUID) -> None:  # noqa: ARG001  the wrapper opens its scope
    """Ask the remote service for the seal of a registration."""
    actions.complete_seal(registration_id=registration_id)


@jobs.task(queue="protocol", once="freeze:{body_id}")
def freeze_days(*, body_id: UUID) -> None:  # noqa: ARG001  the wrapper opens its scope
    """Freeze the days that are over in the registers of a body."""
    actions.freeze_due_days()


@jobs.periodic(seconds=60, per_body=True)
def freeze_when_due(*, body_id: UUID) -> None:
    """Have the days frozen as soon as they are over, also those that a stopped node has missed."""
    if actions.days_are_due():
        jobs.enqueue(freeze_days, body_id=body_id)


@jobs.periodic(seconds=60, per_body=True)
def ask_again_for_seals(*, body_id: UUID) -> None:
    """Ask again for seals that did not come: the job that asked has used up its attempts."""
    late = clock.now() - SEAL_LATE
    for registration_id in WaitingSeal.objects.filter(since__lt=late).values_list(
        "registration_id", flat=True
    ):
        jobs.enqueue(complete_seal, body_id=body_id, registration_id=registration_id)
