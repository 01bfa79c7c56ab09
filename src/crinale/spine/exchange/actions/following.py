"""Keep every message moving: run what is owed, take up what a crash left behind, retry by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection, transaction
from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.errors import Conflict
from crinale.spine import audit
from crinale.spine.exchange import facts
from crinale.spine.exchange.actions import rows, turns
from crinale.spine.exchange.actions.annulments import attempt_annul
from crinale.spine.exchange.actions.confirming import attempt_confirm
from crinale.spine.exchange.actions.ledger import Ledger
from crinale.spine.exchange.actions.processing import process_incoming
from crinale.spine.exchange.actions.sending import attempt_send
from crinale.spine.exchange.actions.unforeseen import record_unforeseen
from crinale.spine.exchange.models import Message
from crinale.spine.exchange.rules import schedule
from crinale.spine.exchange.rules.states import Annulment, Errand, Kind, State
from crinale.spine.identity.permissions import require
from crinale.spine.jobs.running import DATABASE_GONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from crinale.spine.identity import Actor

# Each returns the message as it left it, or nothing when the rest has to wait.
_RUN: Final[dict[str, Callable[[Message], Message | None]]] = {
    Errand.FORWARD: attempt_send,
    Errand.PROCESS: process_incoming,
    Errand.CONFIRM: attempt_confirm,
    Errand.ANNUL: attempt_annul,
}
_DUE_AT_ONCE: Final = 500


def run_errand(*, message_id: UUID) -> None:
    """Do what the message owes and then what it owes next, as long as that is due; in its job only.

    Jobs of one message run one by one. Should two run at once after all (a worker that was taken for dead and
    is not), the other side gets a message twice, and answers it the same.
    """
    done: set[str] = set()
    message = _due(message_id)
    while message is not None and message.errand and message.errand not in done:
        done.add(message.errand)
        try:
            message = _RUN[message.errand](message)
        except DATABASE_GONE:
            raise
        except Exception as error:
            if not connection.needs_rollback:
                record_unforeseen(message_id, error)
            raise


def _due(message_id: UUID) -> Message | None:
    """Return the message if it owes something now."""
    return rows.message_where(rows.DUE, message_id, clock.now())


def retry_due() -> int:
    """Enqueue the errands that are due, in the body of the open scope; return how many. A tick calls it.

    Planned retries have no job yet; anything else has one, unless a crash took it, so it gets some time
    first.
    """
    now = clock.now()
    with transaction.atomic():
        due = Message.objects.filter(
            Q(next_attempt_at__lte=now, failures__gt=0)
            | Q(next_attempt_at__lte=now - schedule.JOB_LOST_AFTER)
        ).order_by("next_attempt_at")
        messages = list(due.only("id", "body_id", "errand")[:_DUE_AT_ONCE])
        for message in messages:
            turns.wake(message)
    return len(messages)


def retry_now(*, actor: Actor, message_id: UUID) -> None:
    """Try again at once, at a clerk's order.

    Before the next planned attempt, after the last, or after 001 and 002.

    :raises NotVisible: when there is no such message for this actor.
    :raises Conflict: when there is nothing to try again.
    """
    with transaction.atomic():
        ledger = Ledger.open(message_id, actor=actor)
        require(actor, "protocol.send", area_id=ledger.message.area_id)
        withdrawn = ledger.standing.annulment is not Annulment.NONE and ledger.standing.state is State.REFUSED
        ledger.append(Kind.RETRY_ORDERED)
        if withdrawn or ledger.owes in (Errand.NONE, Errand.PROCESS):
            raise Conflict("There is nothing to try again.")
        turns.wake(ledger.close())


def take_note(*, actor: Actor, message_id: UUID) -> None:
    """Take a refused message out of the queue once a clerk knows of it.

    :raises NotVisible: when there is no such message for this actor.
    :raises Conflict: when the message is not refused.
    """
    with transaction.atomic():
        ledger = Ledger.open(message_id, actor=actor)
        message = ledger.message
        require(actor, "protocol.send", area_id=message.area_id)
        if ledger.standing.state is not State.REFUSED:
            raise Conflict
        message.noted_at, message.noted_by = clock.now(), actor.person_id
        message.save(update_fields=["noted_at", "noted_by"])
        audit.write(facts.RefusalNoted(subject_id=message.id), actor=actor)
