"""Questions about notices: who is to be sent some, what could not be sent, what somebody chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.spine.notify import rules
from crinale.spine.notify.models import Notice, Preference
from crinale.spine.notify.ports import mailer

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor


@dataclass(frozen=True)
class Unsent:
    """Notices that could not be sent, and what was answered to the last attempt."""

    count: int
    error: str


def due_people() -> list[UUID]:
    """Return to whom something is to be sent now, in the open scope; nobody where the node sends no mail."""
    if not mailer.is_bound:
        return []
    now = clock.now()
    due = Notice.objects.filter(sent_at=None, due_at__lte=now, created_at__gt=now - rules.TRIED_FOR)
    return list(due.order_by("person").values_list("person", flat=True).distinct())


def unsent() -> Unsent:
    """Return what could not be sent in the open scope and is tried again, or was given up."""
    failed = Notice.objects.filter(sent_at=None, attempts__gt=0)
    last = failed.order_by("-created_at").values_list("error", flat=True).first()
    return Unsent(failed.count(), last or "")


def preference(actor: Actor) -> tuple[str, str]:
    """Return how a person gets notices, and in which language."""
    chosen = Preference.objects.filter(person_id=actor.person_id) if actor.person_id else None
    found = (chosen and chosen.first()) or Preference()
    return found.delivery, found.language
