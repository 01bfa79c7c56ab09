"""What crosses the port of mail: mailboxes, collected mails, what was read in them; plain frozen data.

A mail is read by the connector into :class:`ReadMail`, however badly it is made; what it means for the
register is decided by the exchange. Norms: DPR 68/2005 and its technical rules (DM 2 November 2005) for
certified mail, Circolare AgID 60/2013 and Allegato 6 appendix C for the protocol files in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.records.blobs import BlobRef

MailKind = Literal[
    "certified",  # busta di trasporto: a mail that came by certified mail
    "anomaly_envelope",  # busta di anomalia: an ordinary mail that reached a certified mailbox
    "ordinary",  # a mail without any envelope
    "acceptance",  # ricevuta di accettazione
    "non_acceptance",  # avviso di non accettazione
    "taken_charge",  # ricevuta di presa in carico, between providers
    "delivery",  # ricevuta di avvenuta consegna
    "non_delivery",  # avviso di mancata consegna
    "delivery_warning",  # preavviso di mancata consegna (12 hours), also for the second one
    "virus_detected",  # avviso di rilevazione di virus
    "unreadable",  # nothing could be made of it; the original is kept
]
Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSettings:
    """How to reach one mailbox of an area; the password is never here, the connector finds it by ``address``.

    ``after_storing``: what is done to a mail on the server once it is safely stored here.
    """

    id: UUID
    area_code: str
    address: str
    certified: bool
    imap_host: str
    imap_port: int
    imap_security: Security
    smtp_host: str
    smtp_port: int
    smtp_security: Security
    user_name: str
    folder: str = "INBOX"
    after_storing: Literal["keep", "move", "delete"] = "keep"
    stored_folder: str = "Crinale"


@dataclass(frozen=True, slots=True)
class FetchPosition:
    """How far a mailbox has been read: IMAP UIDVALIDITY and the last UID seen under it."""

    uid_validity: int
    last_uid: int


@dataclass(frozen=True, slots=True)
class CollectedMail:
    """One mail of the server, its bytes (the ``.eml``) already durable in the blob store."""

    uid_validity: int
    uid: int
    blob: BlobRef


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file found in a mail, already in the blob store. ``path`` tells where.

    ``postacert.eml/lettera.pdf``.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class CertificationData:
    """The certification data of certified mail (``daticert.xml``). Empty texts for what it does not say.

    ``receipt_form``: that of an avvenuta consegna. ``error``: ``none``, ``no_recipient``, ``no_domain``,
    ``virus`` or ``other``. ``recipients``: address and whether it is a certified one. ``delivered_to``: the
    recipient that a delivery or non-delivery is about. ``original_message_id``: Message-ID of the mail that a
    receipt is about, with its angle brackets off.
    """

    kind: MailKind
    error: str
    error_text: str
    sender: str
    recipients: tuple[tuple[str, bool], ...]
    subject: str
    provider: str
    at: datetime | None
    identifier: str
    original_message_id: str
    receipt_form: Literal["", "complete", "short", "synthetic"] = ""
    delivered_to: str = ""


@dataclass(frozen=True, slots=True)
class EnvelopeSignature:
    """The S/MIME signature of a provider.

    ``intact`` over the bytes, ``trusted`` by the node's authorities.
    """

    present: bool
    intact: bool
    trusted: bool
    signer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMail:
    """A mail as read. For a certified one, sender, subject, text and files are those inside it.

    Message ids stand without angle brackets. ``about``: Message-ID of ours that a receipt or answer refers to
    (X-Riferimento-Message-ID, certification data, In-Reply-To, in this order). ``segnatura``: bytes of the
    file ``Segnatura.xml``; ``protocol_answer``: name and bytes of ``Conferma.xml``, ``Aggiornamento.xml``,
    ``Eccezione.xml`` or ``Annullamento.xml``. ``text`` is plain text, at most 200,000 characters. ``files``
    leave out the parts of the envelope and the protocol files. ``findings``: what was wrong with it, in
    English (``gettext_noop``), for the clerk to see; a mail never fails to be read.
    """

    kind: MailKind
    message_id: str
    outer_message_id: str
    about: str
    references: tuple[str, ...]
    subject: str
    sender_address: str
    sender_name: str
    recipients: tuple[str, ...]
    copied: tuple[str, ...]
    sent_at: datetime | None
    text: str
    files: tuple[MailFile, ...]
    segnatura: bytes | None = None
    protocol_answer: tuple[str, bytes] | None = None
    certification: CertificationData | None = None
    signature: EnvelopeSignature | None = None
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDraft:
    """A mail to send.

    ``message_id`` (without brackets) is ours: receipts name it, and sending it again repeats it.

    ``protocol_file``: name and bytes of the segnatura or of an answer, attached before ``files``.
    """

    message_id: str
    sender_name: str
    recipient: str
    subject: str
    text: str
    protocol_file: tuple[str, bytes] | None
    files: Sequence[OutgoingMailFile] = ()
    in_reply_to: str = ""
    receipt_form: Literal["complete", "short", "synthetic"] = "complete"


@dataclass(frozen=True, slots=True)
class OutgoingMailFile:
    """A file to attach, from the blob store."""

    name: str
    media_type: str
    sha256: str
    size: int


class MailFailure(CrinaleError):
    """The mail server could not be used; unless ``permanent``, it will be tried again.

    ``code``: ``connection``, ``tls``, ``authentication``, ``refused``, ``size``, ``protocol``, ``password``
    (the node has none for this mailbox). ``text`` is for the clerk or the administrator.
    """

    def __init__(self, code: str, text: str, *, permanent: bool = False) -> None:
        """Remember what went wrong."""
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.permanent = permanent
