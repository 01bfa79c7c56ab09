"""Sending notices: a tick finds whom to tell, a job for each person does."""

from __future__ import annotations

from uuid import UUID  # noqa: TC003  the annotation tells jobs which arguments are identifiers

from crinale.spine import jobs
from crinale.spine.notify import actions, queries


@jobs.task(queue="notices", lock="notices:{person_id}", once="notices:{body_id}:{person_id}")
def send_waiting(*, body_id: UUID, person_id: UUID) -> None:  # noqa: ARG001  the wrapper opens its scope
    """Send a person what waits for him."""
    actions.send_waiting(person_id=person_id)


@jobs.periodic(seconds=30, per_body=True)
def send_due(*, body_id: UUID) -> None:
    """Have sent what is due."""
    for person_id in queries.due_people():
        jobs.enqueue(send_waiting, body_id=body_id, person_id=person_id)


@jobs.periodic(seconds=86_400, per_body=True)
def forget(*, body_id: UUID) -> None:  # noqa: ARG001
    """Remove old notices."""
    actions.forget()
