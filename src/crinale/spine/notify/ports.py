"""By what a notice leaves the node."""

from __future__ import annotations

from typing import Protocol

from crinale.kernel.errors import CrinaleError
from crinale.kernel.ports import Port


class NoticeNotSent(CrinaleError):
    """The mail server did not take the notice."""


class Mailer(Protocol):
    """Sends a short text to one address."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Send it; raises :class:`NoticeNotSent` when the server does not take it."""


mailer: Port[Mailer] = Port("notify.mailer")
