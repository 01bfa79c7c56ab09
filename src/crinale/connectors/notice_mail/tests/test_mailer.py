"""The sender and its fake keep the same promises; the sender also those about the wire."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from crinale.connectors.notice_mail import MailServer, SmtpMailer
from crinale.connectors.notice_mail.fake import KeptMail
from crinale.connectors.notice_mail.tests.server import mail_server
from crinale.spine.notify.ports import Mailer, NoticeNotSent

if TYPE_CHECKING:
    from email.message import EmailMessage

SENDER = "non-rispondere@comune.example.org"
UNKNOWN = frozenset({"nessuno@example.org"})
Pair = tuple[Mailer, Callable[[], "list[EmailMessage]"]]


def smtp(port: int) -> SmtpMailer:
    return SmtpMailer(MailServer(host="127.0.0.1", port=port, sender=SENDER, security="none", timeout=5))


@pytest.fixture(params=["smtp", "fake"])
def mailer(request: pytest.FixtureRequest, socket_enabled: None) -> Iterator[Pair]:
    if request.param == "fake":
        kept = KeptMail(sender=SENDER, unknown=UNKNOWN)
        yield kept, lambda: kept.sent
        return
    with mail_server(UNKNOWN) as (port, server):
        yield smtp(port), lambda: server.mails


def test_what_is_sent_arrives_whole(mailer: Pair) -> None:
    sender, arrived = mailer
    sender.send("luca@example.org", "Hai un documento assegnato", "È il protocollo 0000123/2026.\n")
    [mail] = arrived()
    assert (mail["To"], mail["From"], mail["Subject"]) == (
        "luca@example.org",
        SENDER,
        "Hai un documento assegnato",
    )
    assert mail.get_content().strip() == "È il protocollo 0000123/2026."
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@comune.example.org>")


@pytest.mark.parametrize(
    "address", ["nessuno@example.org", "luca", "", "luca@example.org\r\nBcc: tutti@example.org", "a@x, b@y"]
)
def test_an_address_that_is_none_is_refused_in_words(mailer: Pair, address: str) -> None:
    sender, arrived = mailer
    with pytest.raises(NoticeNotSent) as refused:
        sender.send(address, "Hai un documento assegnato", "Entra per leggerlo.\n")
    assert not arrived()
    assert "nessuno" not in str(refused.value)


def test_a_server_that_is_not_there_is_told(socket_enabled: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NoticeNotSent, match="cannot be reached"):
        smtp(port).send("luca@example.org", "Prova", "Prova")


def test_no_password_leaves_without_tls(socket_enabled: None) -> None:
    with mail_server() as (port, server):
        careful = SmtpMailer(
            MailServer(host="127.0.0.1", port=port, sender=SENDER, user="crinale", password="segreta")
        )
        with pytest.raises(NoticeNotSent):
            careful.send("luca@example.org", "Prova", "Prova")
        assert not server.mails
        assert not [line for line in server.said if "AUTH" in line]


def test_a_server_elsewhere_needs_tls() -> None:
    with pytest.raises(ValueError, match="this machine"):
        MailServer(host="smtp.example.org", sender=SENDER, security="none")
    with pytest.raises(ValueError, match="starttls"):
        MailServer(host="smtp.example.org", sender=SENDER, security="maybe")  # type: ignore[arg-type]
