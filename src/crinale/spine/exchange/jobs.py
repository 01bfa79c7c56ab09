"""Background work of the exchange: what messages owe, and the ticks that look for what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from crinale.spine import jobs
from crinale.spine.exchange import actions
from crinale.spine.exchange.ports import index_source

if TYPE_CHECKING:
    from uuid import UUID


@jobs.task(queue="exchange", lock="exchange:{message_id}", once="exchange:{message_id}")
def run_errand(*, body_id: UUID, message_id: UUID) -> None:  # noqa: ARG001  the wrapper opens the scope
    """Do what a message owes: forward, process, confirm, or tell of an annulment."""
    actions.run_errand(message_id=message_id)


@jobs.periodic(seconds=2, per_body=True)
def follow_messages(*, body_id: UUID) -> None:  # noqa: ARG001  the tick opens the scope
    """Enqueue the retries that are due and whatever a crash left behind."""
    actions.retry_due()


@jobs.periodic(seconds=30, per_body=True)
def watch_confirmations(*, body_id: UUID) -> None:  # noqa: ARG001  the tick opens the scope
    """Open incidents for confirmations that did not come within three days."""
    actions.raise_overdue_incidents()


@jobs.task(queue="exchange", once="exchange:index")
def refresh_index(*, body_id: None) -> None:  # noqa: ARG001  the index belongs to the node
    """Take over the hub's newest edition of the index."""
    actions.refresh_index()


@jobs.periodic(seconds=60)
def ask_the_hub() -> None:
    """Have the index refreshed, on nodes that have a hub."""
    if index_source.is_bound:
        jobs.enqueue(refresh_index, body_id=None)


@jobs.task(queue="mail", lock="mailbox:{mailbox_id}", once="mailbox:{mailbox_id}")
def fetch_mailbox(*, body_id: UUID, mailbox_id: UUID) -> None:
    """Fetch the new mails of a mailbox, and go on while there may be more."""
    if actions.fetch_mail(mailbox_id=mailbox_id):
        jobs.enqueue(fetch_mailbox, body_id=body_id, mailbox_id=mailbox_id)


@jobs.periodic(seconds=getattr(settings, "CRINALE_MAIL_SECONDS", 60.0), per_body=True)
def fetch_mail(*, body_id: UUID) -> None:  # noqa: ARG001  the tick opens the scope
    """Have every mailbox fetched, and tie the receipts whose message has appeared."""
    actions.fetch_due()
    actions.match_again()
