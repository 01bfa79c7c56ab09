"""A mailer that keeps what it is given, for tests and demonstrations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crinale.connectors.notice_mail.sender import composed
from crinale.spine.notify.ports import NoticeNotSent

if TYPE_CHECKING:
    from email.message import EmailMessage


@dataclass
class KeptMail:
    """Keeps every mail; refuses while ``broken``, and always the addresses in ``unknown``."""

    sender: str = "non-rispondere@comune.example.org"
    broken: bool = False
    unknown: frozenset[str] = frozenset()
    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, to: str, subject: str, text: str) -> None:
        """Keep a mail.

        :raises NoticeNotSent: when told to, or the address is none.
        """
        message = composed(self.sender, to, subject, text)
        if self.broken:
            raise NoticeNotSent("The mail server cannot be reached (ConnectionRefusedError).")
        if to in self.unknown:
            raise NoticeNotSent("The mail server refused the address (550).")
        self.sent.append(message)
