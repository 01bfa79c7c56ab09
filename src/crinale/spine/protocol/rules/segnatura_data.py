"""What a segnatura says, as frozen values (Allegato 6 AgID, section 2.1.

Schema segnatura_protocollo 3.0.0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.digests import Digest
    from crinale.spine.protocol.rules.identifier import Identifier
    from crinale.spine.protocol.rules.parties import PartyData

PROT: Final = "http://www.agid.gov.it/protocollo/"
MESSAGES: Final = "http://www.agid.gov.it/protocollo/messaggi/"
ROOT: Final = f"{{{PROT}}}SegnaturaInformatica"
CARRIED: Final = f"{{{MESSAGES}}}Segnatura"

SegnaturaVersion = Literal["3.0.0", "60/2013", "28/2001"]
Carrier = Literal["file", "message_text", "online", "paper"]


@dataclass(frozen=True, slots=True)
class Classification:
    """The place in the sender's filing plan.

    ``path`` holds (code, title) of each level when the sender gave them.
    """

    code: str
    title: str
    path: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """The sender's dossier."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class DetachedFile:
    """A signature, seal or time stamp in a file of its own."""

    file_name: str
    mime_type: str = ""
    order: int = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """That a document is signed, sealed or time-stamped: inside itself, or in detached files."""

    detached: tuple[DetachedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class OnlineLocation:
    """Where a document can be fetched instead of travelling with the message (CollocazioneTelematica)."""

    host: str
    path: str
    time_to_live_ms: int | None = None
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Leave the password out of logs."""
        return f"OnlineLocation(host={self.host!r}, path={self.path!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentData:
    """The primary document or an attachment. Only old segnature come without a digest."""

    file_name: str
    mime_type: str
    digest: Digest | None = None
    description: str = ""
    signed: Mark | None = None
    sealed: Mark | None = None
    time_stamped: Mark | None = None
    location: OnlineLocation | None = None
    carrier: Carrier = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepliedMessage:
    """The received message that this one answers (Riferimenti)."""

    identifier: Identifier
    subject: str
    classification: Classification | None = None
    first_registration: Identifier | None = None
    dossier: Dossier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegnaturaContent:
    """Everything but the identifier: known before the number is taken."""

    subject: str
    classification: Classification | None
    sender: PartyData
    recipients: tuple[PartyData, ...]
    primary: DocumentData
    attachments: tuple[DocumentData, ...] = ()
    dossier: Dossier | None = None
    confidential: bool = False
    confidential_note: str = ""
    first_registration: Identifier | None = None
    reply: RepliedMessage | None = None

    @property
    def documents(self) -> tuple[DocumentData, ...]:
        """The primary document and the attachments, in order."""
        return (self.primary, *self.attachments)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegnaturaData(SegnaturaContent):
    """A whole segnatura. ``leniencies`` names departures from the schema that were forgiven when reading."""

    identifier: Identifier
    version: SegnaturaVersion = "3.0.0"
    leniencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """The message that an answer is about: by its identifier, or described when it had no registration."""

    identifier: Identifier | None
    first_registration: Identifier | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmationMessage:
    """ConfermaRicezione, or AggiornamentoConferma when ``update``: the recipient's registration."""

    identifier: Identifier
    received: ReceivedMessage
    update: bool = False


@dataclass(frozen=True, slots=True)
class ExceptionMessage:
    """NotificaEccezione: the message was not accepted.

    ``identifier`` only if it was registered all the same.
    """

    identifier: Identifier | None
    received: ReceivedMessage
    reason: str


@dataclass(frozen=True, slots=True)
class AnnulmentMessage:
    """AnnullamentoProtocollazione: a registration was annulled, by which act."""

    identifier: Identifier
    reason: str
    act: str


ReturnMessage = ConfirmationMessage | ExceptionMessage | AnnulmentMessage
