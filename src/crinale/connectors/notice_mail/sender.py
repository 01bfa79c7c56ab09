"""The SMTP client: one connection per notice, TLS with a checked certificate (RFC 5321, RFC 8314)."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Literal

from crinale.kernel import clock
from crinale.spine.notify.ports import NoticeNotSent

Security = Literal["starttls", "tls", "none"]
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where the node hands over its notices, and as whom."""

    host: str
    sender: str
    port: int = 587
    security: Security = "starttls"
    user: str = ""
    password: str = ""
    timeout: float = 20.0

    def __post_init__(self) -> None:
        """Refuse what would send in the clear."""
        if self.security not in ("starttls", "tls", "none"):
            raise ValueError('[notices] security is "starttls", "tls" or "none"')
        if self.security == "none" and self.host not in _LOCAL:
            raise ValueError('[notices] security = "none" is for a server on this machine only')


class SmtpMailer:
    """Hands notices over to a mail server."""

    def __init__(self, server: MailServer, *, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._tls = tls or ssl.create_default_context()

    def send(self, to: str, subject: str, text: str) -> None:
        """Send a text to one address.

        :raises NoticeNotSent: when the address is none, or the server cannot be reached or refuses.
        """
        message = composed(self._server.sender, to, subject, text)
        try:
            with self._connected() as connection:
                connection.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise NoticeNotSent(_told(error)) from error

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout, context=self._tls
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        try:
            if server.security == "starttls":
                connection.starttls(context=self._tls)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def composed(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """Write the mail, marked as written by a machine so that nobody's absence answers it (RFC 3834).

    :raises NoticeNotSent: when ``to`` is no single address.
    """
    message = EmailMessage()
    try:
        message["To"] = Address(addr_spec=to)
        message["Subject"] = subject
    except (ValueError, IndexError) as error:
        raise NoticeNotSent("The address of the person is not an e-mail address.") from error
    message["From"] = sender
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _told(error: OSError | smtplib.SMTPException) -> str:
    """Say what went wrong without repeating the address, which the server's answer may hold."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({str(code) for code, _words in error.recipients.values()})
        return f"The mail server refused the address ({', '.join(codes)})."
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server answered {error.smtp_code}."
    return f"The mail server cannot be reached ({type(error).__name__})."
