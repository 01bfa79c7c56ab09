"""The demonstration's provider of certified mail: a folder that its nodes and the people outside share.

Who plays somebody outside submits mails here and reads what came back; the provider makes envelopes and
receipts as DM 2 November 2005 says. Nothing leaves the machine.
"""

from __future__ import annotations

import mimetypes
import tempfile
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from crinale.config.demo import network, outside
from crinale.connectors.pec.folder_mailbox import FolderMailbox
from crinale.kernel import clock
from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.config.demo.homes import DemoHome
    from crinale.config.demo.outside import OutsideBody
    from crinale.connectors.pec.folder_provider import FolderProvider
    from crinale.spine.exchange.mail_values import ReadMail

SENT = "Sent"
# What the software of the body outside registered: one file per number.
_REGISTER = "Register"


@dataclass(frozen=True)
class Letter:
    """A mail in somebody's mailbox, as it lies there and as it reads."""

    number: int
    file: Path
    read: ReadMail


@dataclass(frozen=True)
class Submission:
    """What somebody outside wrote."""

    sender: str
    recipient: str
    subject: str
    files: Sequence[Path] = ()
    text: str = ""
    segnatura: bool = False


def open_mailboxes(home: DemoHome) -> None:
    """Make the mailbox of everybody, inside and outside, unless it is there."""
    home.mail.mkdir(mode=0o700, parents=True, exist_ok=True)
    for address in addresses():
        _mailbox(home, address).open()


def addresses() -> dict[str, str]:
    """Everybody's address, with his name."""
    return {
        **{body.mail: f"{body.name} ({body.aoo_code})" for body in network.bodies()},
        **{one.address: one.name for one in outside.CORRESPONDENTS},
    }


def provider(home: DemoHome) -> FolderProvider:
    """The provider of certified mail; the settings of Django must be there."""
    from crinale.connectors.pec.folder_provider import FolderProvider

    return FolderProvider(home.mail, domains=network.PEC_DOMAINS)


def submit(home: DemoHome, given: Submission) -> str:
    """Submit a mail as somebody outside; return the Message-ID that its receipts name.

    :raises Invalid: when the sender is not outside, or has no protocol software for a segnatura.
    """
    writer = outside.correspondent(given.sender)
    if writer is None:
        known = ", ".join(one.address for one in outside.CORRESPONDENTS)
        raise Invalid("sender", f"only somebody outside is played here: {known}")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{writer.name} <{writer.address}>"
    mail["To"] = given.recipient
    mail["Subject"] = given.subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{uuid4().hex}@{writer.address.partition('@')[2]}>"
    mail.set_content(given.text or f"{given.subject}\n")
    if given.segnatura:
        if not isinstance(writer, outside.OutsideBody):
            raise Invalid("segnatura", f"only {outside.CONSORTIUM.address} has protocol software")
        xml = _registered(home, writer, given)
        mail.add_attachment(xml, maintype="application", subtype="xml", filename="Segnatura.xml")
    for file in given.files:
        kind, _, form = (mimetypes.guess_type(file.name)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(file.read_bytes(), maintype=kind, subtype=form, filename=file.name)
    raw = mail.as_bytes()
    post = provider(home)
    post.submit(raw, sender=writer.address, recipients=[given.recipient])
    post.open_mailbox(writer.address).deliver(raw, folder=SENT)
    return str(mail["Message-ID"]).strip("<>")


def letters(home: DemoHome, address: str, *, after: int = 0, folder: str = "INBOX") -> list[Letter]:
    """Read the mails of a mailbox, oldest first; ``after`` leaves out those up to a number.

    :raises Invalid: when there is no such mailbox.
    """
    from crinale.connectors.blob_folder import FolderBlobStore
    from crinale.connectors.pec.reading import MailReader

    box = _mailbox(home, address)
    if not box.exists():
        raise Invalid("address", f"there is no mailbox {address}: see `./crinale demo mail`")
    waiting = {number: file for number, file in box.mails(folder).items() if number > after}
    if not waiting:
        return []
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        store = FolderBlobStore(Path(scratch))
        reader = MailReader(store, provider(home).trust())
        for number, file in waiting.items():
            writer = store.writer(file_name=file.name)
            try:
                writer.write(file.read_bytes())
                found.append(Letter(number, file, reader.read(writer.commit())))
            finally:
                writer.abort()
    return found


def _mailbox(home: DemoHome, address: str) -> FolderMailbox:
    try:
        return FolderMailbox(home.mail / "mailboxes", address)
    except ValueError:
        raise Invalid("address", f"{address} is not an address") from None


def _registered(home: DemoHome, body: OutsideBody, given: Submission) -> bytes:
    register = _mailbox(home, body.address)
    number = register.deliver(f"{given.subject}\n".encode(), folder=_REGISTER)
    return outside.segnatura(
        body,
        outside.Dispatch(
            number=number,
            at=clock.now().astimezone(clock.ROME),
            subject=given.subject,
            recipient=given.recipient,
            recipient_name=addresses().get(given.recipient, given.recipient),
            files=[file.name for file in given.files],
        ),
    )
