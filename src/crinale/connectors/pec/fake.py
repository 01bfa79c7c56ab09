"""A postman without mail servers, over the folders of a simulated provider.

It passes the contract tests of the real one. Demonstrations use it as well. ``fail_next`` makes the next act
fail as a server does.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from crinale.connectors.pec.limits import MailLimits
from crinale.connectors.pec.oversize import stand_in
from crinale.connectors.pec.postman import store_draft
from crinale.connectors.pec.reading import MailReader
from crinale.spine.exchange.mail_values import CollectedMail, MailFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crinale.connectors.pec.folder_mailbox import FolderMailbox
    from crinale.connectors.pec.folder_provider import FolderProvider
    from crinale.connectors.pec.provider_signature import Trust
    from crinale.spine.exchange.mail_values import FetchPosition, MailboxSettings, MailDraft, ReadMail
    from crinale.spine.records.blobs import BlobRef
    from crinale.spine.records.ports import BlobStore


class FolderPostman:
    """The port ``exchange.postman``, answered by folders; hosts, ports and passwords do not count.

    Unless ``trust`` says otherwise, the authority of the simulated provider alone is believed.
    """

    def __init__(
        self,
        provider: FolderProvider,
        *,
        store: BlobStore,
        trust: Trust | None = None,
        limits: MailLimits | None = None,
    ) -> None:
        self.provider, self._store = provider, store
        self._limits = limits or MailLimits()
        self._reader = MailReader(store, trust or provider.trust(), limits=self._limits)
        self._failures: deque[MailFailure] = deque()

    def fail_next(self, code: str, *, permanent: bool = False) -> None:
        """Make the next act fail."""
        self._failures.append(MailFailure(code, "planned", permanent=permanent))

    def collect(
        self, mailbox: MailboxSettings, *, after: FetchPosition | None, limit: int
    ) -> Iterator[CollectedMail]:
        """Store and yield the mails after a position, oldest first."""
        box = self._box(mailbox)
        validity = box.validity(mailbox.folder)
        last = after.last_uid if after and after.uid_validity == validity else 0
        found = [(uid, file) for uid, file in box.mails(mailbox.folder).items() if uid > last]
        for uid, file in found[:limit]:
            self._fail_if_planned()
            yield CollectedMail(validity, uid, self._stored(file))

    def settle(self, mailbox: MailboxSettings, mails: Sequence[CollectedMail]) -> None:
        """Do to stored mails what ``after_storing`` says."""
        box = self._box(mailbox)
        files, validity = box.mails(mailbox.folder), box.validity(mailbox.folder)
        for mail in mails:
            file = files.get(mail.uid)
            if mail.uid_validity != validity or file is None or self._too_large(file):
                continue
            match mailbox.after_storing:
                case "keep":
                    box.mark_seen(mail.uid, mailbox.folder)
                case "move":
                    box.move(mail.uid, folder=mailbox.folder, to=mailbox.stored_folder)
                case "delete":
                    box.remove(mail.uid, mailbox.folder)

    def read(self, blob: BlobRef) -> ReadMail:
        """Read a stored mail; its files are stored too."""
        return self._reader.read(blob)

    def send(self, mailbox: MailboxSettings, draft: MailDraft) -> BlobRef:
        """Hand a mail to the provider and return it as sent, stored."""
        self._box(mailbox)
        blob = store_draft(self._store, draft, mailbox)
        with self._store.open(blob.sha256) as stream:
            self.provider.submit(stream.read(), sender=mailbox.address, recipients=[draft.recipient])
        return blob

    def check(self, mailbox: MailboxSettings) -> None:
        """See whether there is such a mailbox."""
        self._box(mailbox)

    def _box(self, mailbox: MailboxSettings) -> FolderMailbox:
        self._fail_if_planned()
        box = self.provider.mailbox(mailbox.address)
        if not box.exists():
            raise MailFailure("authentication", f"The provider has no mailbox {mailbox.address}.")
        return box

    def _fail_if_planned(self) -> None:
        if self._failures:
            raise self._failures.popleft()

    def _too_large(self, file: Path) -> bool:
        return file.stat().st_size > self._limits.mail_bytes

    def _stored(self, file: Path) -> BlobRef:
        writer = self._store.writer(file_name=file.name)
        content = file.read_bytes()
        if self._too_large(file):
            content = stand_in(content.partition(b"\r\n\r\n")[0], len(content))
        try:
            writer.write(content)
            return writer.commit()
        finally:
            writer.abort()
