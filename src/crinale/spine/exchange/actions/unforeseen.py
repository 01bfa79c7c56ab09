"""What nobody foresaw must not stop a message silently.

The errand is tried again soon; what goes on failing is then shown where a person looks: in the retries and
the incident of Allegato 6 (section 3.2), or among what waits for the clerk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext_noop

from crinale.kernel import clock
from crinale.spine.exchange.actions import incidents
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.rules import schedule
from crinale.spine.exchange.rules.states import Errand, Kind
from crinale.spine.identity import Actor

if TYPE_CHECKING:
    from uuid import UUID

CODE: Final = "internal"
# What the error itself says may hold personal data; that stays in the log.
NOT_DONE: Final = gettext_noop("An internal error of this node; its log says more.")
NOT_EXAMINED: Final = gettext_noop("This node could not examine it: an internal error; its log says more.")
_SYSTEM = Actor.system("exchange")


def record_unforeseen(message_id: UUID, error: Exception) -> None:
    """Let the errand wait a little; once it has failed for some minutes, let people know."""
    with transaction.atomic():
        ledger = Ledger.open(message_id, actor=_SYSTEM)
        if ledger.owes is Errand.NONE:
            return
        message, now = ledger.message, clock.now()
        message.first_failure_at = message.first_failure_at or now
        message.next_attempt_at = now + schedule.UNFORESEEN_RETRY_AFTER
        lasting = now - message.first_failure_at >= schedule.UNFORESEEN_PATIENCE
        exhausted = lasting and _tell(ledger, type(error).__name__)
        ledger.close()
        if exhausted:
            incidents.open_incident(message, kind=incidents.RETRIES_EXHAUSTED, blocking=True)


def _tell(ledger: Ledger, error: str) -> bool:
    """Leave a receipt; return whether no attempt is left."""
    if ledger.owes is Errand.PROCESS:
        ledger.append(Kind.WAITING, reason=NOT_EXAMINED, error=error)
        return False
    return ledger.fail(wire=None, code=CODE, reason=NOT_DONE, error=error)
