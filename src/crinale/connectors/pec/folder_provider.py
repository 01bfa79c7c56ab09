"""A provider of certified mail in a shared folder: the network of a demonstration, without any server.

``mailboxes/<address>/`` are the mailboxes; an address in one of the domains of the provider is a certified
one, every other is an ordinary one. What DM 2 November 2005 asks of access, reception and delivery points is
done in one step, at submission.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Final

from crinale.connectors.pec.folder_mailbox import FolderMailbox
from crinale.connectors.pec.provider import Provider, Submitted
from crinale.connectors.pec.provider_keys import ProviderKeys
from crinale.spine.records.signatures.certificates import TrustStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_TIMES_RECIPIENTS: Final = 30 * 1024 * 1024
# The test file of the makers of virus scanners (EICAR), harmless.
VIRUS: Final = rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class FolderProvider:
    """A provider whose mailboxes are folders. Several processes may use one ``root`` at a time."""

    def __init__(
        self, root: Path, *, name: str = "Gestore dimostrativo", domains: Sequence[str] = ("pec.example",)
    ) -> None:
        self.root = root
        self.domains = tuple(domain.lower() for domain in domains)
        self._mailboxes = root / "mailboxes"
        self._mailboxes.mkdir(parents=True, exist_ok=True)
        address = f"posta-certificata@{self.domains[0]}"
        descriptor = os.open(root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            keys = ProviderKeys.kept_in(root / "keys", name=name, address=address)
        self.provider = Provider(name=name, domain=self.domains[0], keys=keys)

    @property
    def authority(self) -> Path:
        """The certificate (PEM) that nodes must trust to believe this provider."""
        return self.root / "keys" / "authority.pem"

    def trust(self) -> TrustStore:
        """Give a trust that believes this provider and nobody else."""
        return TrustStore.from_pem(self.authority.read_bytes())

    def is_certified(self, address: str) -> bool:
        """Say whether an address is in a domain of certified mail."""
        return address.lower().rpartition("@")[2] in self.domains

    def mailbox(self, address: str) -> FolderMailbox:
        """Give the mailbox of an address, whether there is one or not."""
        return FolderMailbox(self._mailboxes, address)

    def open_mailbox(self, address: str) -> FolderMailbox:
        """Give the mailbox of an address, made if need be."""
        found = self.mailbox(address)
        found.open()
        return found

    def submit(self, raw: bytes, *, sender: str, recipients: Sequence[str]) -> None:
        """Take a mail and do with it what the norms say; receipts go to the sender's mailbox."""
        if not self.is_certified(sender):
            for recipient in recipients:
                self._deliver_ordinary(raw, recipient)
            return
        mail = Submitted(raw, sender, tuple((one, self.is_certified(one)) for one in recipients))
        own = self.open_mailbox(sender)
        if (refusal := self._refusal(mail)) is not None:
            own.deliver(refusal)
            return
        own.deliver(self.provider.accept(mail))
        envelope = self.provider.wrap(mail)
        for recipient, certified in mail.recipients:
            box = self.mailbox(recipient)
            if not certified:
                box.open()
                box.deliver(envelope)  # no receipt: the provider of an ordinary mailbox gives none
            elif box.exists():
                box.deliver(envelope)
                own.deliver(self.provider.delivered(mail, recipient))
            else:
                own.deliver(self.provider.not_delivered(mail, recipient))

    def _refusal(self, mail: Submitted) -> bytes | None:
        """Check what the access point checks (RFC 6109 section 3.1.1)."""
        named = mail.headers.addresses("from", limit=2)
        if [address.lower() for _, address in named] != [mail.sender.lower()]:
            return self.provider.refused(mail, text="il mittente non corrisponde a chi spedisce")
        written = {
            address.lower()
            for name in ("to", "cc")
            for _, address in mail.headers.addresses(name, limit=1000)
        }
        if not {address.lower() for address, _ in mail.recipients} <= written or mail.headers.text("bcc"):
            return self.provider.refused(mail, text="i destinatari non corrispondono")
        if len(mail.raw) * len(mail.recipients) > MAX_TIMES_RECIPIENTS:
            return self.provider.refused(mail, text="dimensione massima superata")
        if VIRUS in mail.raw:
            return self.provider.refused(mail, error="virus", text="virus")
        return None

    def _deliver_ordinary(self, raw: bytes, recipient: str) -> None:
        box = self.mailbox(recipient)
        if self.is_certified(recipient):
            if box.exists():
                box.deliver(self.provider.anomaly(raw, recipient))
            return
        box.open()
        box.deliver(raw)
