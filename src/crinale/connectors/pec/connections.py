"""Connections to mail servers: TLS as the settings say, time limits, what fails told as MailFailure.

TLS 1.2 at least, the server's certificate asked of the node's authorities and of the system's. Without TLS
only on this very machine.
"""

from __future__ import annotations

import contextlib
import imaplib
import ipaddress
import smtplib
import socket
import ssl
from typing import TYPE_CHECKING, Final

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from crinale.spine.exchange.mail_values import MailFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crinale.spine.exchange.mail_values import MailboxSettings, Security

_TOO_LARGE: Final = frozenset({552, 523})


def tls_context(authorities: Iterable[Path]) -> ssl.SSLContext:
    """Make the TLS settings: the authorities of the system and those of the node."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for file in authorities:
        context.load_verify_locations(file)
    return context


@contextlib.contextmanager
def imap(
    mailbox: MailboxSettings,
    *,
    password: str,
    tls: ssl.SSLContext,
    seconds: float,
) -> Iterator[BaseMailBox]:
    """Sign in to the IMAP server of a mailbox, and leave at the end.

    :raises MailFailure: whatever goes wrong with the server, also later.
    """
    _check_security(mailbox.imap_security, mailbox.imap_host)
    box: BaseMailBox | None = None
    with failures():
        host, port = mailbox.imap_host, mailbox.imap_port
        match mailbox.imap_security:
            case "tls":
                box = MailBox(host, port, timeout=seconds, ssl_context=tls)
            case "starttls":
                box = MailBoxStartTls(host, port, timeout=seconds, ssl_context=tls)
            case "none":
                box = MailBoxUnencrypted(host, port, timeout=seconds)
        try:
            _sign_in(box, mailbox.user_name, password)
            yield box
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                box.client.logout()
            with contextlib.suppress(OSError):
                box.client.shutdown()


def _sign_in(box: BaseMailBox, user: str, password: str) -> None:
    if user.isascii() and password.isascii():
        box.login(user, password, initial_folder=None)
        return
    try:
        box.login_utf8(user, password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise MailFailure(
            "authentication", "The mail server refuses the user name or the password."
        ) from error


@contextlib.contextmanager
def smtp(
    mailbox: MailboxSettings, *, password: str, tls: ssl.SSLContext, seconds: float
) -> Iterator[smtplib.SMTP]:
    """Sign in to the SMTP server of a mailbox, and leave at the end.

    :raises MailFailure: whatever goes wrong with the server, also later.
    """
    _check_security(mailbox.smtp_security, mailbox.smtp_host)
    with failures(), contextlib.ExitStack() as stack:
        host, port = mailbox.smtp_host, mailbox.smtp_port
        name = mailbox.address.rpartition("@")[2] or "localhost"
        if mailbox.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, name, timeout=seconds, context=tls)
        else:
            server = smtplib.SMTP(host, port, name, timeout=seconds)
        stack.callback(server.close)
        if mailbox.smtp_security == "starttls":
            server.starttls(context=tls)
        server.ehlo_or_helo_if_needed()
        server.login(mailbox.user_name, password)
        yield server
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()


def deliver(server: smtplib.SMTP, *, sender: str, recipient: str, size: int, lines: Iterable[bytes]) -> None:
    """Hand over a mail line by line, so that its size costs no memory.

    :raises MailFailure: with ``permanent`` for what the server will never take (5xx).
    """
    announced = server.esmtp_features.get("size", "")
    if announced.isdigit() and 0 < int(announced) < size:
        raise MailFailure("size", f"The mail server takes at most {announced} bytes.", permanent=True)
    options = [f"SIZE={size}"] if "size" in server.esmtp_features else []
    _expect(server.mail(sender, options), 250)
    _expect(server.rcpt(recipient), 250, 251)
    _expect(server.docmd("DATA"), 354)
    for line in lines:
        server.send(b"." + line if line.startswith(b".") else line)
    server.send(b".\r\n")
    _expect(server.getreply(), 250)


def _expect(reply: tuple[int, bytes], *good: int) -> None:
    code, text = reply
    if code in good:
        return
    if code == -1 or code == 421:  # noqa: PLR1714  gone, or going
        raise MailFailure("connection", "The mail server closed the connection.")
    shown = text.decode("utf-8", errors="replace")[:300]
    failure = "size" if code in _TOO_LARGE else "refused"
    raise MailFailure(failure, f"The mail server answered {code}: {shown}", permanent=500 <= code < 600)


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """Tell what libraries raise as MailFailure."""
    try:
        yield
    except MailFailure:
        raise
    except ssl.SSLError as error:
        raise MailFailure("tls", f"No safe connection to the mail server: {_reason(error)}") from error
    except (smtplib.SMTPAuthenticationError, MailboxLoginError) as error:
        # Repaired by a new password, not by a new mail: so never permanent.
        raise MailFailure(
            "authentication", "The mail server refuses the user name or the password."
        ) from error
    except (smtplib.SMTPServerDisconnected, imaplib.IMAP4.abort, EOFError) as error:
        raise MailFailure("connection", "The mail server closed the connection.") from error
    except smtplib.SMTPResponseException as error:
        text = f"The mail server answered {error.smtp_code}."
        raise MailFailure("refused", text, permanent=False) from error
    except (smtplib.SMTPException, imaplib.IMAP4.error, ImapToolsError) as error:
        raise MailFailure("protocol", f"The mail server does not do what was asked: {error}"[:400]) from error
    except (OSError, socket.gaierror) as error:
        text = f"The mail server cannot be reached ({type(error).__name__})."
        raise MailFailure("connection", text) from error


def _reason(error: ssl.SSLError) -> str:
    return getattr(error, "verify_message", "") or error.reason or type(error).__name__


def _check_security(security: Security, host: str) -> None:
    if security == "none" and not is_loopback(host):
        raise MailFailure("tls", "A mailbox without TLS may only be on this very machine.")


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine by its name alone; nothing is asked of the network."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
