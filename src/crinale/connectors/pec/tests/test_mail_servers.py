"""What fails between the node and real mail servers is told as what it is, and loses nothing."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest

from crinale.connectors.aoo_soap.tests.support import MemoryStore
from crinale.connectors.pec.connections import is_loopback
from crinale.connectors.pec.postman import MailServerPostman
from crinale.connectors.pec.tests import servers, support
from crinale.spine.exchange.mail_values import FetchPosition, MailDraft, MailFailure, OutgoingMailFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crinale.connectors.pec.limits import MailLimits
    from crinale.spine.exchange.mail_values import MailboxSettings

pytestmark = pytest.mark.xdist_group("mail-servers")
BOX, OTHER = (f"casella99@{domain}" for domain in servers.DOMAINS)


@pytest.fixture(scope="module")
def found() -> Iterator[servers.Servers]:
    servers.skip_if_missing()
    with servers.running() as started:
        yield started


def postman(
    found: servers.Servers | None,
    *,
    store: MemoryStore | None = None,
    password: str | None = servers.PASSWORD,
    seconds: float = 10,
    limits: MailLimits | None = None,
) -> MailServerPostman:
    return MailServerPostman(
        store=store or MemoryStore(),
        trust=support.trust(),
        tls=lambda: servers.client_tls(found) if found else ssl.create_default_context(),
        password_of=lambda _address: password,
        seconds=seconds,
        limits=limits,
    )


def mailbox(found: servers.Servers, **other: object) -> MailboxSettings:
    known = {
        "address": BOX,
        "user_name": BOX,
        "imap_port": found.imaps,
        "smtp_port": found.smtps,
    }
    return support.settings(**{**known, **other})


def draft(**other: object) -> MailDraft:
    known: dict[str, object] = {
        "message_id": "crinale.8@montieri.example",
        "sender_name": "Comune",
        "recipient": OTHER,
        "subject": "Prova",
        "text": "Prova",
        "protocol_file": None,
    }
    return MailDraft(**{**known, **other})  # type: ignore[arg-type]


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_every_kind_of_connection_works(found: servers.Servers, security: str) -> None:
    imap = found.imaps if security == "tls" else found.imap
    smtp = found.smtps if security == "tls" else found.submission

    postman(found).check(
        mailbox(found, imap_security=security, smtp_security=security, imap_port=imap, smtp_port=smtp)
    )


def test_a_wrong_password_is_told(found: servers.Servers) -> None:
    with pytest.raises(MailFailure) as failure:
        postman(found, password="sbagliata").check(mailbox(found))
    assert (failure.value.code, failure.value.permanent) == ("authentication", False)
    with pytest.raises(MailFailure) as failure:
        postman(found, password="sbagliata").send(mailbox(found), draft())
    assert (failure.value.code, failure.value.permanent) == ("authentication", False)


@pytest.mark.parametrize("password", [None, ""])
def test_a_mailbox_without_a_password_is_told(found: servers.Servers, password: str | None) -> None:
    with pytest.raises(MailFailure) as failure:
        list(postman(found, password=password).collect(mailbox(found), after=None, limit=1))
    assert failure.value.code == "password"


@pytest.mark.parametrize(
    ("security", "imap", "smtp"), [("tls", "imaps", "smtps"), ("starttls", "imap", "submission")]
)
def test_a_certificate_of_an_unknown_authority_is_refused(
    found: servers.Servers, security: str, imap: str, smtp: str
) -> None:
    stranger = MailServerPostman(
        store=MemoryStore(),
        trust=support.trust(),
        tls=ssl.create_default_context,
        password_of=lambda _address: servers.PASSWORD,
    )
    box = mailbox(
        found,
        imap_security=security,
        smtp_security=security,
        imap_port=getattr(found, imap),
        smtp_port=getattr(found, smtp),
    )
    for act in (lambda: stranger.check(box), lambda: stranger.send(box, draft())):
        with pytest.raises(MailFailure) as failure:
            act()
        assert (failure.value.code, failure.value.permanent) == ("tls", False)


def test_without_tls_only_this_machine_is_asked(found: servers.Servers) -> None:
    for change in ({"imap_security": "none"}, {"smtp_security": "none"}):
        far = mailbox(found, **change, imap_host="mail.example", smtp_host="mail.example")
        with pytest.raises(MailFailure) as failure:
            if "imap_security" in change:
                list(postman(found).collect(far, after=None, limit=1))
            else:
                postman(found).send(far, draft())
        assert failure.value.code == "tls"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_a_folder_that_is_not_there_is_told(found: servers.Servers) -> None:
    with pytest.raises(MailFailure) as failure:
        postman(found).check(mailbox(found, folder="Non esiste"))
    assert failure.value.code == "protocol"


def test_a_recipient_that_the_server_does_not_know_fails_for_good(found: servers.Servers) -> None:
    with pytest.raises(MailFailure) as failure:
        postman(found).send(mailbox(found), draft(recipient="nessuno@pec.massa.example"))
    assert (failure.value.code, failure.value.permanent) == ("refused", True)


def test_a_mail_larger_than_the_server_takes_fails_for_good(found: servers.Servers) -> None:
    store = MemoryStore()
    blob = support.put(store, bytes(16_000_000))
    file = OutgoingMailFile("a.bin", "application/octet-stream", blob.sha256, blob.size)

    with pytest.raises(MailFailure) as failure:
        postman(found, store=store).send(mailbox(found), draft(files=[file]))

    assert (failure.value.code, failure.value.permanent) == ("size", True)


def test_a_mail_of_many_pieces_comes_whole(found: servers.Servers) -> None:
    store = MemoryStore()
    content = support.letter(body=b"\r\n" + b"0123456789" * 7 * 50_000 + b"\r\n")
    address = f"casella98@{servers.DOMAINS[0]}"
    found.put(address, content)

    (mail,) = postman(found, store=store).collect(
        mailbox(found, address=address, user_name=address), after=None, limit=1
    )

    assert store.blobs[mail.blob.sha256] == content


def test_the_server_going_down_half_way_loses_nothing(found: servers.Servers) -> None:
    address = f"casella97@{servers.DOMAINS[0]}"
    for number in range(3):
        found.put(address, support.letter(subject=f"Mail {number}"))
    box, store = mailbox(found, address=address, user_name=address), MemoryStore()
    moving = postman(found, store=store)
    mails = moving.collect(box, after=None, limit=10)
    first = next(mails)

    servers.crash(found, "dovecot")
    with pytest.raises(MailFailure) as failure:
        next(mails)
    with pytest.raises(MailFailure) as again:
        list(moving.collect(box, after=None, limit=10))
    servers.start_dovecot(found)

    assert (failure.value.code, failure.value.permanent) == ("connection", False)
    assert again.value.code == "connection"
    after = FetchPosition(first.uid_validity, first.uid)
    rest = moving.collect(box, after=after, limit=10)
    assert [moving.read(mail.blob).subject for mail in rest] == ["Mail 1", "Mail 2"]


def test_a_connection_cut_within_a_mail_leaves_no_half_of_it(found: servers.Servers) -> None:
    address = f"casella96@{servers.DOMAINS[0]}"
    found.put(address, support.letter(body=b"\r\n" + b"x" * 3_000_000))
    store = MemoryStore()
    with cutting_proxy(found.imap, after=1_500_000) as port:
        box = mailbox(found, address=address, user_name=address, imap_security="none", imap_port=port)
        with pytest.raises(MailFailure) as failure:
            list(postman(found, store=store).collect(box, after=None, limit=1))

    assert (failure.value.code, failure.value.permanent) == ("connection", False)
    assert store.blobs == {}


def test_a_server_that_does_not_answer_is_waited_for_only_so_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        box = support.settings(
            imap_port=silent.getsockname()[1], imap_security="none", smtp_port=silent.getsockname()[1]
        )
        with pytest.raises(MailFailure) as failure:
            list(postman(None, seconds=0.3).collect(box, after=None, limit=1))
    assert failure.value.code == "connection"


@pytest.mark.parametrize(
    ("answers", "code", "permanent"),
    [
        ({"MAIL": "451 4.3.0 later"}, "refused", False),
        ({"RCPT": "450 4.2.1 busy"}, "refused", False),
        ({"RCPT": "550 5.1.1 unknown"}, "refused", True),
        ({"DATA": "554 5.7.1 no"}, "refused", True),
        ({".": "451 4.3.0 disk full"}, "refused", False),
        ({".": "552 5.3.4 too big"}, "size", True),
        ({"RCPT": "421 4.3.2 closing"}, "connection", False),
        ({"RCPT": ""}, "connection", False),
        ({"EHLO": "554 5.7.1 no", "HELO": "554 5.7.1 no"}, "refused", False),
    ],
)
def test_what_an_smtp_server_answers_decides_whether_to_try_again(
    answers: dict[str, str], code: str, permanent: bool
) -> None:
    with answering_smtp(answers) as port:
        box = support.settings(smtp_port=port, smtp_security="none")
        with pytest.raises(MailFailure) as failure:
            postman(None).send(box, draft())
    assert (failure.value.code, failure.value.permanent) == (code, permanent)


def test_lines_that_begin_with_a_dot_arrive_with_it() -> None:
    taken: list[bytes] = []
    with answering_smtp({}, taken=taken) as port:
        postman(None).send(
            support.settings(smtp_port=port, smtp_security="none"), draft(text="uno\n.\n..\n.due\ntre")
        )
    body = b"".join(taken)
    assert b"\r\n...\r\n..due\r\ntre\r\n" in body


@contextlib.contextmanager
def cutting_proxy(port: int, *, after: int) -> Iterator[int]:
    """Pass a connection on, and cut it when so many bytes came back."""

    def pump(source: socket.socket, to: socket.socket, left: int) -> None:
        with contextlib.suppress(OSError):
            while left > 0 and (data := source.recv(65536)):
                to.sendall(data)
                left -= len(data)
        for one in (source, to):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def serve(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            upward = threading.Thread(target=pump, args=(client, server, 1 << 40))
            upward.start()
            pump(server, client, after)
            upward.join()

    with listening(serve) as own:
        yield own


@contextlib.contextmanager
def answering_smtp(answers: dict[str, str], *, taken: list[bytes] | None = None) -> Iterator[int]:
    """An SMTP server that answers as told; an empty answer closes the connection."""
    usual = {
        "EHLO": "250-here\r\n250 AUTH PLAIN",
        "AUTH": "235 ok",
        "DATA": "354 go on",
        "QUIT": "221 bye",
    }

    def serve(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client, client.makefile("rwb") as wire:
            wire.write(b"220 here\r\n")
            wire.flush()
            in_data = False
            while line := wire.readline():
                if in_data:
                    if taken is not None:
                        taken.append(line)
                    if line != b".\r\n":
                        continue
                    in_data = False
                    word = "."
                else:
                    word = re.split(rb"[\s:]", line)[0].decode("ascii").upper()
                answer = {**usual, **answers}.get(word, "250 ok")
                if not answer:
                    return
                in_data = answer.startswith("354")
                wire.write(answer.encode("ascii") + b"\r\n")
                wire.flush()

    with listening(serve) as own:
        yield own


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    def quietly(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            serve(listener)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=quietly, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)
        assert not thread.is_alive()
