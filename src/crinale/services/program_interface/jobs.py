"""What the interface does by itself: it follows facts, delivers events, forgets what it need not keep."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID  # noqa: TC003  the annotation tells jobs which arguments are identifiers

from crinale.kernel import clock
from crinale.services.program_interface import actions, events
from crinale.spine import jobs
from crinale.spine.identity import programs

KEPT: Final = timedelta(days=30)
COUNTED: Final = timedelta(minutes=2)


@jobs.task(retry=jobs.Retry(attempts=1), lock="webhook:{delivery_id}", once="webhook:{delivery_id}")
def deliver(*, body_id: UUID, delivery_id: UUID) -> None:  # noqa: ARG001  the wrapper opens its scope
    """Deliver an event; when it may be tried again stands in its row."""
    events.deliver(delivery_id=delivery_id)


@jobs.periodic(seconds=2, per_body=True)
def follow_facts(*, body_id: UUID) -> None:
    """Make deliveries of what was written, and have those delivered whose time has come."""
    events.collect()
    for delivery_id in events.due():
        jobs.enqueue(deliver, body_id=body_id, delivery_id=delivery_id)


@jobs.periodic(seconds=3600, per_body=True)
def forget(*, body_id: UUID) -> None:  # noqa: ARG001  the tick opens its scope
    """Forget answers and deliveries of a month ago."""
    actions.forget(before=clock.now() - KEPT)


@jobs.periodic(seconds=3600)
def forget_tokens() -> None:
    """Forget the tokens and assertions of programs whose time is over, and who made how many requests."""
    programs.forget_what_is_over()
    actions.forget_counts(before=clock.now() - COUNTED)
