"""Whether a form was acted upon already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.services.protocol_office.models import Submission

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor


def is_acted_upon(*, actor: Actor, token: UUID | None) -> bool:
    """Say whether this person's form led to a registration."""
    if token is None:
        return False
    found = Submission.objects.filter(token=token, person=actor.person_id).exclude(registration=None)
    return found.exists()
