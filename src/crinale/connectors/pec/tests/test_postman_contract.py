"""What the exchange may count on from a postman: with real mail servers and with folders alike."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Protocol

import pytest

from crinale.connectors.aoo_soap.tests.support import MemoryStore
from crinale.connectors.pec.fake import FolderPostman
from crinale.connectors.pec.folder_provider import FolderProvider
from crinale.connectors.pec.limits import MailLimits
from crinale.connectors.pec.postman import MailServerPostman
from crinale.connectors.pec.tests import servers, support
from crinale.spine.exchange.mail_values import FetchPosition, MailDraft, MailFailure, OutgoingMailFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crinale.spine.exchange.mail_ports import Postman
    from crinale.spine.exchange.mail_values import MailboxSettings, ReadMail

pytestmark = pytest.mark.xdist_group("mail-servers")
LIMITS = MailLimits(mail_bytes=200_000)
_NUMBERS = count()


class Backstage(Protocol):
    """What a test sees of a mailbox without the postman."""

    def put(self, content: bytes) -> None: ...
    def mails(self, folder: str) -> list[bytes]: ...
    def seen(self) -> int: ...
    def renumber(self) -> None: ...


@dataclass
class Setting:
    """A postman, a mailbox, another mailbox to write to, and the blob store."""

    postman: Postman
    store: MemoryStore
    mailbox: MailboxSettings
    other: MailboxSettings
    backstage: Backstage

    def collected(self, after: FetchPosition | None = None, limit: int = 100) -> list[ReadMail]:
        found = self.postman.collect(self.mailbox, after=after, limit=limit)
        return [self.postman.read(mail.blob) for mail in found]


@dataclass
class _MaildirBackstage:
    servers: servers.Servers
    address: str

    def put(self, content: bytes) -> None:
        self.servers.put(self.address, content)

    def mails(self, folder: str) -> list[bytes]:
        maildir = self.servers.maildir(self.address)
        place = maildir if folder == "INBOX" else maildir / f".{folder}"
        files = [file for name in ("new", "cur") for file in place.glob(f"{name}/*")]
        return [file.read_bytes() for file in sorted(files, key=lambda one: one.name)]

    def seen(self) -> int:
        return len([*self.servers.maildir(self.address).glob("cur/*:2,*S*")])

    def renumber(self) -> None:
        for file in self.servers.maildir(self.address).glob("dovecot[-.]*"):
            if file.name.startswith(("dovecot-uidlist", "dovecot.index")):
                file.unlink()


@dataclass
class _FolderBackstage:
    provider: FolderProvider
    address: str

    def put(self, content: bytes) -> None:
        self.provider.mailbox(self.address).deliver(content)

    def mails(self, folder: str) -> list[bytes]:
        return [file.read_bytes() for file in self.provider.mailbox(self.address).mails(folder).values()]

    def seen(self) -> int:
        return len(self.provider.mailbox(self.address).seen())

    def renumber(self) -> None:
        self.provider.mailbox(self.address).renumber()


@pytest.fixture(scope="module")
def mail_servers() -> Iterator[servers.Servers]:
    servers.skip_if_missing()
    with servers.running() as found:
        yield found


@pytest.fixture(params=["servers", "folders"])
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Setting:
    store, number = MemoryStore(), next(_NUMBERS)
    ours, theirs = (f"casella{number}@{domain}" for domain in servers.DOMAINS)
    if request.param == "folders":
        # An ordinary provider: what certified mail adds is told elsewhere.
        provider = FolderProvider(tmp_path, domains=("pec.example",))
        for address in (ours, theirs):
            provider.open_mailbox(address)
        postman: Postman = FolderPostman(provider, store=store, limits=LIMITS)
        own, other = support.settings(address=ours), support.settings(address=theirs)
        return Setting(postman, store, own, other, _FolderBackstage(provider, ours))
    found: servers.Servers = request.getfixturevalue("mail_servers")
    postman = real_postman(found, store)
    return Setting(
        postman, store, real_mailbox(found, ours), real_mailbox(found, theirs), _MaildirBackstage(found, ours)
    )


def real_postman(found: servers.Servers, store: MemoryStore, **other: object) -> MailServerPostman:
    return MailServerPostman(
        store=store,
        trust=support.trust(),
        tls=lambda: servers.client_tls(found),
        password_of=lambda _address: servers.PASSWORD,
        limits=LIMITS,
        seconds=10,
        **other,
    )


def real_mailbox(found: servers.Servers, address: str) -> MailboxSettings:
    return support.settings(address=address, user_name=address, imap_port=found.imaps, smtp_port=found.smtps)


def numbered(number: int) -> bytes:
    return support.letter(subject=f"Mail {number}", Message_ID=f"<{number}@massa.example>")


def test_mails_come_oldest_first_as_many_as_asked(setting: Setting) -> None:
    for number in range(5):
        setting.backstage.put(numbered(number))

    found = list(setting.postman.collect(setting.mailbox, after=None, limit=3))

    assert [setting.postman.read(mail.blob).subject for mail in found] == ["Mail 0", "Mail 1", "Mail 2"]
    assert len({mail.uid for mail in found}) == 3
    assert setting.store.blobs[found[0].blob.sha256] == numbered(0)


def test_collecting_goes_on_after_the_last_one_and_changes_nothing(setting: Setting) -> None:
    for number in range(4):
        setting.backstage.put(numbered(number))
    first = list(setting.postman.collect(setting.mailbox, after=None, limit=2))
    after = FetchPosition(first[-1].uid_validity, first[-1].uid)

    assert [mail.subject for mail in setting.collected(after)] == ["Mail 2", "Mail 3"]
    assert [mail.subject for mail in setting.collected(after)] == ["Mail 2", "Mail 3"]
    assert setting.backstage.seen() == 0
    assert len(setting.backstage.mails("INBOX")) == 4


def test_one_mail_taken_and_the_rest_left_loses_nothing(setting: Setting) -> None:
    for number in range(3):
        setting.backstage.put(numbered(number))
    with contextlib.closing(
        setting.postman.collect(setting.mailbox, after=None, limit=10)  # type: ignore[type-var]
    ) as mails:
        first = next(mails)

    after = FetchPosition(first.uid_validity, first.uid)
    assert [mail.subject for mail in setting.collected(after)] == ["Mail 1", "Mail 2"]


def test_nothing_new_is_nothing(setting: Setting) -> None:
    setting.backstage.put(numbered(0))
    (only,) = setting.postman.collect(setting.mailbox, after=None, limit=10)

    assert setting.collected(FetchPosition(only.uid_validity, only.uid)) == []


def test_with_other_numbers_on_the_server_everything_comes_again(setting: Setting) -> None:
    for number in range(2):
        setting.backstage.put(numbered(number))
    before = list(setting.postman.collect(setting.mailbox, after=None, limit=10))
    setting.backstage.renumber()

    again = list(
        setting.postman.collect(
            setting.mailbox, after=FetchPosition(before[-1].uid_validity, before[-1].uid), limit=10
        )
    )

    assert [mail.blob for mail in again] == [mail.blob for mail in before]
    assert again[0].uid_validity != before[0].uid_validity


def test_mails_of_before_a_renumbering_are_not_settled(setting: Setting) -> None:
    setting.backstage.put(numbered(0))
    before = list(setting.postman.collect(setting.mailbox, after=None, limit=10))
    setting.backstage.renumber()

    setting.postman.settle(replace(setting.mailbox, after_storing="delete"), before)

    assert len(setting.backstage.mails("INBOX")) == 1


def test_a_kept_mail_is_marked_as_seen(setting: Setting) -> None:
    for number in range(2):
        setting.backstage.put(numbered(number))
    first = list(setting.postman.collect(setting.mailbox, after=None, limit=1))

    setting.postman.settle(setting.mailbox, first)

    assert setting.backstage.seen() == 1
    assert len(setting.backstage.mails("INBOX")) == 2


def test_a_moved_mail_lies_in_the_other_folder_which_is_made(setting: Setting) -> None:
    for number in range(3):
        setting.backstage.put(numbered(number))
    mailbox = replace(setting.mailbox, after_storing="move", stored_folder="Protocollati")
    first = list(setting.postman.collect(mailbox, after=None, limit=2))

    setting.postman.settle(mailbox, first[:1])
    setting.postman.settle(mailbox, first[1:])

    assert setting.backstage.mails("Protocollati") == [numbered(0), numbered(1)]
    assert setting.backstage.mails("INBOX") == [numbered(2)]


def test_a_deleted_mail_is_gone_and_no_other(setting: Setting) -> None:
    for number in range(3):
        setting.backstage.put(numbered(number))
    mailbox = replace(setting.mailbox, after_storing="delete")
    found = list(setting.postman.collect(mailbox, after=None, limit=10))

    setting.postman.settle(mailbox, [found[1]])

    assert setting.backstage.mails("INBOX") == [numbered(0), numbered(2)]


@pytest.mark.parametrize("after_storing", ["keep", "move", "delete"])
def test_a_mail_that_is_too_large_stays_and_is_told(setting: Setting, after_storing: str) -> None:
    large = support.letter(subject="Planimetrie", body=b"\r\n" + b"x" * 76 + b"\r\n" * 200_000)
    setting.backstage.put(large)
    setting.backstage.put(numbered(1))
    mailbox = replace(setting.mailbox, after_storing=after_storing)  # type: ignore[arg-type]
    found = list(setting.postman.collect(mailbox, after=None, limit=10))

    setting.postman.settle(mailbox, found)

    told, small = (setting.postman.read(mail.blob) for mail in found)
    assert (told.kind, told.subject, told.sender_address) == ("unreadable", "Planimetrie", support.OURS)
    assert told.findings == (
        "The mail is larger than this node fetches: it stays on the server, and only its headers are here.",
    )
    assert small.subject == "Mail 1"
    assert large in setting.backstage.mails("INBOX")


def test_a_mail_of_several_pieces_comes_whole(setting: Setting) -> None:
    # More than one piece of the fetch where the limits allow it; here it is the longest that they do.
    content = support.letter(body=b"\r\n" + b"0123456789" * 7 * 2500 + b"\r\n")
    setting.backstage.put(content)

    (mail,) = setting.postman.collect(setting.mailbox, after=None, limit=1)

    assert setting.store.blobs[mail.blob.sha256] == content


def a_draft(setting: Setting, **other: object) -> MailDraft:
    content = b"%PDF-1.7 " + bytes(range(256)) * 500
    blob = support.put(setting.store, content)
    known: dict[str, object] = {
        "message_id": "crinale.7@montieri.example",
        "sender_name": "Comune di Montieri, Ufficio «Protocollo»",
        "recipient": setting.other.address,
        "subject": "Prot. 7/2026: richiesta di parere sull'attività è già avviata da molto, molto tempo",
        "text": "Si trasmette quanto in oggetto.\n.\nPerché così.\nFrom noi",
        "protocol_file": ("Segnatura.xml", b"<Segnatura/>"),
        "files": [OutgoingMailFile("relazione è “finale”.pdf", "application/pdf", blob.sha256, len(content))],
        "in_reply_to": "loro.3@massa.example",
    }
    return MailDraft(**{**known, **other})  # type: ignore[arg-type]


def received(setting: Setting) -> ReadMail:
    """The mail that came to the other mailbox; servers deliver in their own time."""
    until = time.monotonic() + servers.SECONDS
    while not (found := list(setting.postman.collect(setting.other, after=None, limit=1))):
        assert time.monotonic() < until, "the mail did not arrive"
        time.sleep(0.05)
    return setting.postman.read(found[0].blob)


def test_a_sent_mail_arrives_as_it_was_written(setting: Setting) -> None:
    setting.postman.read(support.put(setting.store, numbered(0)))
    draft = a_draft(setting)
    with contextlib.suppress(MailFailure):  # a mailbox that nobody opened yet
        list(setting.postman.collect(setting.other, after=None, limit=1))

    sent = setting.postman.send(setting.mailbox, draft)

    mail = received(setting)
    assert mail.message_id == draft.message_id
    assert mail.subject == draft.subject
    assert (mail.sender_name, mail.sender_address) == (draft.sender_name, setting.mailbox.address)
    assert mail.recipients == (draft.recipient,)
    assert mail.about == "loro.3@massa.example"
    assert mail.text == draft.text
    assert mail.segnatura == b"<Segnatura/>"
    assert [(file.name, file.sha256) for file in mail.files] == [
        ("relazione è “finale”.pdf", draft.files[0].sha256)
    ]
    assert mail.findings == ()
    kept = setting.store.blobs[sent.sha256]
    assert kept.index(b"Segnatura.xml") < kept.index(b"application/pdf")
    assert b"X-TipoRicevuta: completa\r\n" in kept
    assert setting.postman.read(sent).text == draft.text


def test_a_subject_cannot_smuggle_headers(setting: Setting) -> None:
    sent = setting.postman.send(
        setting.mailbox, a_draft(setting, subject="uno\r\nBcc: altro@massa.example\r\n\r\nciao", files=())
    )

    mail = setting.postman.read(sent)
    assert mail.subject == "uno Bcc: altro@massa.example ciao"
    assert b"\r\nBcc:" not in setting.store.blobs[sent.sha256]


@pytest.mark.parametrize("recipient", ["", "nessuno", "a@b@c", "a@massa.example\r\nDATA", "<>"])
def test_a_recipient_that_is_no_address_fails_for_good(setting: Setting, recipient: str) -> None:
    with pytest.raises(MailFailure) as failure:
        setting.postman.send(setting.mailbox, a_draft(setting, recipient=recipient))

    assert (failure.value.code, failure.value.permanent) == ("refused", True)


def test_a_good_mailbox_passes_the_check(setting: Setting) -> None:
    setting.postman.check(setting.mailbox)
