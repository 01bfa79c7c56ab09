"""What the protocol does by itself: remote seals, the days that are over, their delivery to preservation."""

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


@jobs.task(queue="protocol", lock="seal_days:{body_id}", once="seal_days:{body_id}")
def seal_days(*, body_id: UUID) -> None:  # noqa: ARG001  the wrapper opens its scope
    """Seal the frozen days that wait for it: the key is remote, or was not there."""
    actions.seal_frozen_days()


@jobs.task(queue="protocol", lock="deposit:{day_id}", once="deposit:{day_id}:{sequence}")
def deposit_day(*, body_id: UUID, day_id: UUID, sequence: int) -> None:  # noqa: ARG001
    """Deliver a frozen day to preservation."""
    actions.deposit_daily_register(day_id=day_id, sequence=sequence)


@jobs.task(queue="protocol", once="report:{deposit_id}")
def collect_report(*, body_id: UUID, deposit_id: UUID) -> None:  # noqa: ARG001
    """Ask preservation for the report of a delivery."""
    actions.collect_deposit_report(deposit_id=deposit_id)


@jobs.task(queue="protocol", once="export:{export_id}", retry=jobs.Retry(attempts=1))
def write_export(*, body_id: UUID, export_id: UUID) -> None:  # noqa: ARG001
    """Write a copy of the register that is too large for a page."""
    actions.write_copy_in_parts(export_id=export_id)


@jobs.periodic(seconds=3600, per_body=True)
def forget_exports(*, body_id: UUID) -> None:  # noqa: ARG001  the tick opens the scope of the body
    """Forget the copies of the register that nobody needs any more."""
    actions.forget_copies()


@jobs.periodic(seconds=60, per_body=True)
def bring_to_preservation(*, body_id: UUID) -> None:
    """Have frozen days sealed and delivered, and the reports of those delivered asked for."""
    if actions.days_wait_for_seal():
        jobs.enqueue(seal_days, body_id=body_id)
    for day_id in actions.days_to_deposit():
        jobs.enqueue(deposit_day, body_id=body_id, day_id=day_id, sequence=1)
    for deposit_id in actions.deposits_without_report():
        jobs.enqueue(collect_report, body_id=body_id, deposit_id=deposit_id)
