"""What the console does in one stroke that the spine does one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel.errors import NotVisible
from crinale.spine.identity import actions as identity
from crinale.spine.identity import queries as people

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from crinale.spine.identity import Actor


def confirm_roles(*, actor: Actor, body_id: UUID, grant_ids: Collection[UUID]) -> int:
    """Confirm some of the roles that are due for review, all or none; return how many.

    :raises NotVisible: when one of them is not due in that body.
    :raises Invalid: when one is the actor's own.
    """
    with transaction.atomic(durable=True):
        for grant_id in _due(actor, body_id, grant_ids):
            identity.confirm_grant(actor=actor, grant_id=grant_id)
    return len(set(grant_ids))


def end_roles(*, actor: Actor, body_id: UUID, grant_ids: Collection[UUID]) -> int:
    """End some of the roles that are due for review, all or none; return how many.

    :raises NotVisible: when one of them is not due in that body.
    """
    with transaction.atomic(durable=True):
        for grant_id in _due(actor, body_id, grant_ids):
            identity.end_grant(actor=actor, grant_id=grant_id)
    return len(set(grant_ids))


def _due(actor: Actor, body_id: UUID, grant_ids: Collection[UUID]) -> list[UUID]:
    due = {one.id for one in people.due_for_review(actor=actor, body_id=body_id)}
    if not set(grant_ids) <= due:
        raise NotVisible
    return sorted(set(grant_ids))
