"""The mail servers as the exchange needs them: collect, read, send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from crinale.kernel.ports import Port

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crinale.spine.exchange.mail_values import (
        CollectedMail,
        FetchPosition,
        MailboxSettings,
        MailDraft,
        ReadMail,
    )
    from crinale.spine.records.blobs import BlobRef


class Postman(Protocol):
    """Moves mail between the node and mail servers; never called inside a transaction."""

    def collect(
        self, mailbox: MailboxSettings, *, after: FetchPosition | None, limit: int
    ) -> Iterator[CollectedMail]:
        """Store and yield the mails after a position, oldest first; raises MailFailure, also half-way.

        With another UIDVALIDITY than that of ``after`` everything is yielded again. Nothing on the server
        changes.
        """

    def settle(self, mailbox: MailboxSettings, mails: Sequence[CollectedMail]) -> None:
        """Do to mails on the server what ``after_storing`` says, now that they are safely stored here."""

    def read(self, blob: BlobRef) -> ReadMail:
        """Read a stored mail; its files are stored too. Never raises for what the mail contains."""

    def send(self, mailbox: MailboxSettings, draft: MailDraft) -> BlobRef:
        """Hand a mail to the server and return it as sent, stored; raises MailFailure."""

    def check(self, mailbox: MailboxSettings) -> None:
        """Sign in to both servers and leave; raises MailFailure."""


postman: Port[Postman] = Port("exchange.postman")
