"""A post office in memory that keeps the contract of the postman: a mail is a JSON text in the blob store.

What is sent goes through a provider that accepts and delivers at once, unless it is told otherwise; all that
it says lands in the boxes, from where it is collected.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from crinale.kernel import clock
from crinale.spine import tenancy
from crinale.spine.exchange import actions, queries
from crinale.spine.exchange.mail_values import (
    CertificationData,
    CollectedMail,
    EnvelopeSignature,
    MailFailure,
    MailFile,
    ReadMail,
)
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.records.ports import blob_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from crinale.spine.exchange.mail_values import FetchPosition, MailboxSettings, MailDraft
    from crinale.spine.exchange.queries import MailRow, MailView
    from crinale.spine.protocol.tests.town import Town
    from crinale.spine.records.blobs import BlobRef

MASSA = "protocollo@pec.massa.example.it"
SASSETTA = "protocollo@pec.sassetta.example.it"
CITIZEN = "giulia@pec.example.it"
_PROTOCOL_FILES = ("Conferma.xml", "Eccezione.xml", "Aggiornamento.xml", "Annullamento.xml")


class Crash(RuntimeError):
    """The process dies here."""


@dataclass
class PostOffice:
    """The postman port; ``says`` is what the provider says of each mail that is sent."""

    boxes: dict[str, list[bytes]] = field(default_factory=dict)
    sent: list[MailDraft] = field(default_factory=list)
    settled: dict[str, list[int]] = field(default_factory=dict)
    says: tuple[str, ...] = ("acceptance", "delivery")
    failures: list[Exception] = field(default_factory=list)
    settling: list[Exception] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    crash_after_sending: bool = False
    trusted: bool = True
    uid_validity: int = 7
    in_transaction: list[bool] = field(default_factory=list)

    def collect(
        self, mailbox: MailboxSettings, *, after: FetchPosition | None, limit: int
    ) -> Iterator[CollectedMail]:
        last = after.last_uid if after and after.uid_validity == self.uid_validity else 0
        for uid, eml in list(enumerate(self.boxes.get(mailbox.address, []), start=1))[last : last + limit]:
            if self.failures:
                raise self.failures.pop()
            yield CollectedMail(self.uid_validity, uid, store(eml))

    def settle(self, mailbox: MailboxSettings, mails: Sequence[CollectedMail]) -> None:
        if self.settling:
            raise self.settling.pop()
        self.settled.setdefault(mailbox.address, []).extend(one.uid for one in mails)

    def read(self, blob: BlobRef) -> ReadMail:
        with blob_store.get().open(blob.sha256) as stream:
            said = json.loads(stream.read())
        if said["subject"] in self.broken:
            raise RuntimeError("a reader that does not know its trade")
        return _revived(said)

    def send(self, mailbox: MailboxSettings, draft: MailDraft) -> BlobRef:
        self.in_transaction.append(len(connection.savepoint_ids) > 1)
        if self.failures:
            raise self.failures.pop()
        self.sent.append(draft)
        self._carry(mailbox.address, draft)
        if self.crash_after_sending:
            self.crash_after_sending = False
            raise Crash
        return store(mail(message_id=draft.message_id, subject=draft.subject, sender_address=mailbox.address))

    def check(self, mailbox: MailboxSettings) -> None:  # noqa: ARG002
        if self.failures:
            raise self.failures.pop()

    def _carry(self, sender: str, draft: MailDraft) -> None:
        for kind in self.says:
            self.put(sender, receipt(kind, draft.message_id, to=draft.recipient, trusted=self.trusted))
        if "delivery" in self.says:
            self.put(draft.recipient, arrived(sender, draft, trusted=self.trusted))

    def put(self, address: str, eml: bytes) -> None:
        """Let a mail arrive in a box."""
        self.boxes.setdefault(address, []).append(eml)


def store(eml: bytes) -> BlobRef:
    writer = blob_store.get().writer()
    writer.write(eml)
    return writer.commit()


def file(name: str, content: bytes) -> MailFile:
    """A file of a mail, stored as the reader stores it."""
    blob = store(content)
    return MailFile(name, blob.media_type, blob.size, blob.sha256, f"postacert.eml/{name}")


def mail(**changes: Any) -> bytes:
    """An ordinary mail."""
    said: dict[str, Any] = {
        "kind": "ordinary",
        "message_id": "one@example.it",
        "outer_message_id": "one@example.it",
        "about": "",
        "references": (),
        "subject": "Segnalazione di una buca in via Norma",
        "sender_address": CITIZEN,
        "sender_name": "Giulia Fabbrì",
        "recipients": (SASSETTA,),
        "copied": (),
        "sent_at": None,
        "text": "Buongiorno, segnalo una buca.",
        "files": (),
        **changes,
    }
    answer = said.pop("protocol_answer", None)
    segnatura = said.pop("segnatura", None)
    plain = asdict(ReadMail(**said))
    plain["segnatura"] = segnatura.decode() if segnatura else None
    plain["protocol_answer"] = (answer[0], answer[1].decode()) if answer else None
    return json.dumps(plain, default=lambda value: value.isoformat()).encode()


def certified(identifier: str = "opec1", *, trusted: bool = True, **changes: Any) -> bytes:
    """A mail that came by certified mail."""
    sender = changes.get("sender_address", CITIZEN)
    data = _data("certified", identifier, sender=sender, about="")
    return mail(
        **{"kind": "certified", "certification": data, "signature": signature(trusted=trusted), **changes}
    )


def receipt(
    kind: str, about: str, *, to: str = SASSETTA, trusted: bool = True, ordinary: bool = False, **changes: Any
) -> bytes:
    """A receipt of a provider."""
    data = _data(kind, f"opec.{about}", sender=MASSA, about=about, to=to, ordinary=ordinary)
    said = {
        "kind": kind,
        "subject": f"{kind}: {about}",
        "message_id": f"{kind}.{about}",
        "outer_message_id": f"{kind}.{about}",
        "sender_address": "posta-certificata@pec.provider.example.it",
        "about": about,
        "certification": data,
        "signature": signature(trusted=trusted),
    }
    return mail(**{**said, **changes})


def arrived(sender: str, draft: MailDraft, *, trusted: bool = True) -> bytes:
    """A mail of ours as the other side gets it."""
    files = tuple(
        MailFile(one.name, one.media_type, one.size, one.sha256, f"postacert.eml/{one.name}")
        for one in draft.files
    )
    name, content = draft.protocol_file or ("", b"")
    return certified(
        f"opec.{draft.message_id}",
        trusted=trusted,
        message_id=draft.message_id,
        outer_message_id=f"opec.{draft.message_id}",
        about=draft.in_reply_to,
        subject=draft.subject,
        sender_address=sender,
        sender_name=draft.sender_name,
        recipients=(draft.recipient,),
        text=draft.text,
        files=files,
        segnatura=content if name == "Segnatura.xml" else None,
        protocol_answer=(name, content) if name in _PROTOCOL_FILES else None,
    )


def signature(*, trusted: bool) -> EnvelopeSignature:
    return EnvelopeSignature(present=True, intact=True, trusted=trusted, signer="Provider", reason="")


def _data(
    kind: Any, identifier: str, *, sender: str, about: str, to: str = SASSETTA, ordinary: bool = False
) -> CertificationData:
    failed = kind in ("non_delivery", "non_acceptance")
    return CertificationData(
        kind=kind,
        error="no_recipient" if failed else "none",
        error_text="casella inesistente" if failed else "",
        sender=sender,
        recipients=((to, not ordinary),),
        subject="",
        provider="Provider",
        at=clock.now().replace(microsecond=0),
        identifier=identifier,
        original_message_id=about,
        delivered_to=to if "deliver" in kind else "",
    )


def _revived(said: dict[str, Any]) -> ReadMail:
    data, signed = said.pop("certification"), said.pop("signature")
    if data:
        data["recipients"] = tuple((who, sure) for who, sure in data["recipients"])
        data["at"] = datetime.fromisoformat(data["at"])
    files = tuple(MailFile(**one) for one in said.pop("files"))
    segnatura, answer = said.pop("segnatura"), said.pop("protocol_answer")
    plain: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in said.items()
    }
    return ReadMail(
        **plain,
        files=files,
        segnatura=segnatura.encode() if segnatura else None,
        protocol_answer=(answer[0], answer[1].encode()) if answer else None,
        certification=CertificationData(**data) if data else None,
        signature=EnvelopeSignature(**signed) if signed else None,
    )


def open_box(town: Town, address: str, **changes: Any) -> UUID:
    """Give a town a mailbox."""
    with tenancy.scope(town.body_id):
        return actions.create_mailbox(
            **{
                "actor": SYSTEM,
                "area_id": town.area_id,
                "address": address,
                "certified": True,
                "imap_host": "imap.example.it",
                "smtp_host": "smtp.example.it",
                **changes,
            }
        )


def waiting(town: Town) -> list[MailRow]:
    """The mails of a town that wait for a clerk."""
    with tenancy.scope(town.body_id):
        return queries.waiting_mails(actor=SYSTEM, area_id=town.area_id)[0]


def seen(town: Town, mail_id: UUID) -> MailView:
    """A mail of a town as a page shows it."""
    with tenancy.scope(town.body_id):
        return queries.mail(actor=SYSTEM, mail_id=mail_id)


def out_of_order() -> MailFailure:
    """The server does not answer."""
    return MailFailure("connection", "the server does not answer")
