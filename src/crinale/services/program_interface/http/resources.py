"""The shapes of what is sent and of what is answered."""

# ruff: noqa: RUF009  `told` makes a field, as `dataclasses.field` does

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime  # noqa: TC003  shapes are read by their types
from typing import Literal
from uuid import UUID  # noqa: TC003  as above

from crinale.services.program_interface.http.shapes import told

PartyKind = Literal["administration", "legal_person", "natural_person", "foreign_administration"]
Channel = Literal["pec", "email", "post", "registered_post", "courier", "hand", "fax", "portal"]
Direction = Literal["incoming", "outgoing", "internal"]
Relation = Literal["reply", "previous", "related", "integration", "resent"]
EventKind = Literal[
    "registration.created",
    "registration.annulled",
    "registration.assigned",
    "registration.reclassified",
    "registration.filed",
    "message.state_changed",
]


@dataclass(frozen=True, kw_only=True)
class Party:
    """A sender or a recipient; people have first and last name, all others a name."""

    kind: PartyKind = told("What it is.")
    name: str = told("Name of a body or a firm.", default="", most=500)
    first_name: str = told("", default="", most=500)
    last_name: str = told("", default="", most=500)
    title: str = told("", default="", most=500)
    tax_code: str = told("Codice fiscale or partita IVA.", default="", most=40)
    ipa_code: str = told("Code in the IPA of an administration.", default="", most=50)
    aoo_code: str = told("Codice univoco AOO.", default="", most=50)
    aoo_name: str = told("", default="", most=500)
    office_code: str = told("", default="", most=100)
    office_name: str = told("", default="", most=500)
    email: str = told("", default="", most=254)
    phone: str = told("", default="", most=100)
    postal_address: str = told("", default="", most=500)
    confirm: bool = told("Whether the recipient is asked to answer with its number.", default=True)
    for_information: bool = told("Whether it gets a copy for information.", default=False)


@dataclass(frozen=True, kw_only=True)
class DocumentToRegister:
    """A document delivered before by the same program; the first one of the list is the primary document."""

    document_id: UUID
    description: str = told("", default="", most=500)


@dataclass(frozen=True, kw_only=True)
class SenderProtocol:
    """Number and date that a received document has at its sender (DPR 445/2000 art. 53 c. 1 e)."""

    number: str = told("", default="", most=100)
    date: date | None = None


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """An earlier registration that one refers to, and what it is to it."""

    registration_id: UUID
    relation: Relation
    reason: str = told("Needed for a link that is added afterwards.", default="", most=1000)


@dataclass(frozen=True, kw_only=True)
class NewIncoming:
    """A document that came in."""

    subject: str = told("What it is about.", least=1, most=2000, example="Istanza di accesso agli atti")
    classification: str = told("Heading of the filing plan.", least=1, most=60, example="6.10")
    senders: tuple[Party, ...] = told("In the order of the document.", least=1, most=100)
    channel: Channel = told("How it arrived.")
    documents: tuple[DocumentToRegister, ...] = told(
        "Left out where the files come in the same multipart request.", default=(), most=500
    )
    recipients: tuple[Party, ...] = told("The area itself when left out.", default=(), most=2000)
    received: SenderProtocol | None = None
    arrived_at: datetime | None = None
    deferred_act: str = told(
        "The act that allows to register after the day of arrival; needs arrived_at.", default="", most=300
    )
    deferred_reason: str = told("Why it was deferred.", default="", most=1000)
    reply_to: UUID | None = told("The registration that it answers.", default=None)
    links: tuple[NewLink, ...] = told("Earlier registrations that it refers to.", default=(), most=50)
    dossier_id: UUID | None = None
    confidential: bool = False


@dataclass(frozen=True, kw_only=True)
class NewOutgoing:
    """A document that goes out."""

    subject: str = told("What it is about.", least=1, most=2000)
    classification: str = told("Heading of the filing plan.", least=1, most=60)
    recipients: tuple[Party, ...] = told("Those with for_information get a copy.", least=1, most=2000)
    documents: tuple[DocumentToRegister, ...] = told(
        "Left out where the files come in the same multipart request.", default=(), most=500
    )
    sender: Party | None = told("The area itself when left out.", default=None)
    reply_to: UUID | None = told("The registration that it answers.", default=None)
    links: tuple[NewLink, ...] = told("Earlier registrations that it refers to.", default=(), most=50)
    dossier_id: UUID | None = None
    confidential: bool = False
    send: bool = told("Send it to the recipients that the index knows (scope protocol.send).", default=False)
    seal: bool = told("Make a sealed segnatura; one that is sent always has it.", default=True)


@dataclass(frozen=True, kw_only=True)
class NewInternal:
    """A document from one office of the area to others of it."""

    subject: str = told("What it is about.", least=1, most=2000)
    classification: str = told("Heading of the filing plan.", least=1, most=60)
    senders: tuple[Party, ...] = told("", least=1, most=100)
    recipients: tuple[Party, ...] = told("", least=1, most=2000)
    documents: tuple[DocumentToRegister, ...] = told(
        "Left out where the files come in the same multipart request.", default=(), most=500
    )
    reply_to: UUID | None = told("The registration that it answers.", default=None)
    links: tuple[NewLink, ...] = told("Earlier registrations that it refers to.", default=(), most=50)
    dossier_id: UUID | None = None
    confidential: bool = False


@dataclass(frozen=True, kw_only=True)
class Reclassification:
    """Another heading for a registration."""

    classification: str = told("", least=1, most=60)
    reason: str = told("", least=1, most=1000)


@dataclass(frozen=True, kw_only=True)
class Assigning:
    """The office that will deal with a registration."""

    office_code: str = told("See the offices of the area.", least=1, most=20)
    deadline: date | None = None
    note: str = told("", default="", most=1000)


@dataclass(frozen=True, kw_only=True)
class Annulling:
    """Why a registration is annulled, and by which act (DPR 445/2000 art. 54)."""

    act: str = told("", least=1, most=300)
    reason: str = told("", least=1, most=2000)
    document_id: UUID | None = told("The act itself, delivered by the same program.", default=None)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A field and its right value; an empty one says that nothing was known."""

    field: str = told("", least=1, most=100, example="senders.0.email")
    value: str = told("", most=2000)


@dataclass(frozen=True, kw_only=True)
class Correcting:
    """What was registered wrongly, and why it is corrected (AgID guidelines 3.1.5)."""

    changes: tuple[Change, ...] = told("", least=1, most=50)
    reason: str = told("", least=1, most=1000)


@dataclass(frozen=True, kw_only=True)
class LinkRemoval:
    """Why a link was wrong."""

    reason: str = told("", least=1, most=1000)


@dataclass(frozen=True, kw_only=True)
class NewDossier:
    """A dossier to open."""

    title: str = told("", least=1, most=250)
    classification: str = told("", least=1, most=60)


@dataclass(frozen=True, kw_only=True)
class NewSubscription:
    """Where to deliver which events."""

    url: str = told("https only.", least=8, most=2000, example="https://sil.example.it/events")
    kinds: tuple[EventKind, ...] = told("", least=1, most=10)
    secret: str = told("whsec_ and 24 to 64 bytes in base64; made here when left out.", default="", most=100)


@dataclass(frozen=True, kw_only=True)
class RegistrationsAsked:
    """What a list of registrations is narrowed to."""

    text: str = told("Number, name or words.", default="", most=200)
    year: int | None = told("", default=None, least=1900, most=2200)
    direction: Direction | None = None
    limit: int = told("", default=50, least=1, most=100)
    cursor: str = told("`next` of the page before.", default="", most=300)


@dataclass(frozen=True, kw_only=True)
class DossiersAsked:
    """What a list of dossiers is narrowed to."""

    text: str = told("Part of code or title.", default="", most=200)
    limit: int = told("", default=50, least=1, most=100)
    cursor: str = told("`next` of the page before.", default="", most=300)


@dataclass(frozen=True, kw_only=True)
class PageAsked:
    """A page of a list."""

    limit: int = told("", default=50, least=1, most=100)
    cursor: str = told("`next` of the page before.", default="", most=300)


@dataclass(frozen=True, kw_only=True)
class SegnaturaAsked:
    """Which segnatura."""

    origin: Literal["issued", "received"] = told("Made here, or come with the document.", default="issued")


@dataclass(frozen=True, kw_only=True)
class FileNamed:
    """The name of a file."""

    file_name: str = told("With its ending.", least=1, most=255, example="istanza.pdf")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document; `findings` is what is wrong with its signatures or its content, if anything."""

    document_id: UUID
    sha256: str
    size: int = told("Bytes.", most=2**53)
    media_type: str
    file_name: str
    description: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading of the filing plan."""

    code: str
    title: str
    path: tuple[str, ...] = told("Titles from the top.", default=())


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """An office that got a registration, to act or to know of it, and how far it is; the newest last."""

    office_code: str
    office_name: str
    assigned_at: datetime
    purpose: Literal["action", "knowledge"]
    state: Literal["waiting", "taken", "refused", "forwarded", "done", "withdrawn"]
    deadline: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class DossierName:
    """A dossier in which a registration is."""

    dossier_id: UUID
    code: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Annulment:
    """An annulment; the registration stays readable."""

    at: datetime
    act: str
    reason: str
    document_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Deferral:
    """The act that allowed to register after the day of arrival, and why."""

    act: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A corrected value and what stood there before."""

    field: str
    before: str
    after: str
    reason: str
    corrected_at: datetime


@dataclass(frozen=True, kw_only=True)
class Link:
    """Another registration that this one refers to, or (`inbound`) that refers to this one."""

    link_id: UUID
    registration_id: UUID
    year: int
    number: str
    relation: Relation
    inbound: bool
    reason: str
    added_at: datetime
    removed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A registration with all that belongs to it."""

    registration_id: UUID
    aoo_code: str
    register_code: str
    year: int
    number: int
    registered_at: datetime
    direction: Direction
    subject: str
    confidential: bool
    classification: Heading
    channel: str
    senders: tuple[Party, ...]
    recipients: tuple[Party, ...]
    documents: tuple[Document, ...]
    assignments: tuple[Assignment, ...]
    dossiers: tuple[DossierName, ...]
    segnature: tuple[Literal["issued", "received"], ...] = told("Those that can be fetched.")
    stamp: str = told("The words of the stamp.")
    digest: str = told("SHA-256 over what may never change.")
    received: SenderProtocol | None = None
    arrived_at: datetime | None = None
    deferral: Deferral | None = None
    reply_to: UUID | None = None
    links: tuple[Link, ...] = ()
    corrections: tuple[Correction, ...] = told("The newest last.", default=())
    annulment: Annulment | None = None


@dataclass(frozen=True, kw_only=True)
class RegistrationLine:
    """A registration in a list."""

    registration_id: UUID
    year: int
    number: int
    registered_at: datetime
    direction: Direction
    subject: str
    confidential: bool
    classification: str
    correspondents: tuple[str, ...]
    annulled: bool


@dataclass(frozen=True, kw_only=True)
class Registrations:
    """A page of registrations, the newest first; `next` is missing on the last one."""

    items: tuple[RegistrationLine, ...]
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """An exchange of a registration with another area, and how far it came."""

    message_id: UUID
    direction: Literal["in", "out"]
    state: str
    counterpart_aoo: str
    counterpart_name: str
    created_at: datetime
    changed_at: datetime | None = None
    anomaly: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Messages:
    """The exchanges of a registration."""

    items: tuple[Message, ...]


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """A dossier."""

    dossier_id: UUID
    code: str
    title: str
    classification: str
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Dossiers:
    """A page of dossiers, the newest first."""

    items: tuple[Dossier, ...]
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class FilingPlan:
    """The open headings of the filing plan in force."""

    items: tuple[Heading, ...]


@dataclass(frozen=True, kw_only=True)
class Office:
    """An office of the area."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Offices:
    """The offices of the area."""

    items: tuple[Office, ...]


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A subscription; its `secret` is told only when it is made, `ended_because` when it is not active."""

    subscription_id: UUID
    url: str
    kinds: tuple[str, ...]
    active: bool
    created_at: datetime
    secret: str | None = None
    failing_since: datetime | None = None
    ended_at: datetime | None = None
    ended_because: Literal["unreachable", "revoked", "secret"] | None = None


@dataclass(frozen=True, kw_only=True)
class Subscriptions:
    """The subscriptions of the program in the area."""

    items: tuple[Subscription, ...]


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """An event that was, or will be, delivered."""

    delivery_id: UUID
    event: str
    kind: str
    created_at: datetime
    attempts: int
    delivered_at: datetime | None = None
    due_at: datetime | None = None
    last_status: int | None = None
    last_failure: str | None = None


@dataclass(frozen=True, kw_only=True)
class Deliveries:
    """The deliveries of a subscription, the newest first."""

    items: tuple[Delivery, ...]
    next: str | None = None


@dataclass(frozen=True, kw_only=True)
class TokenAsked:
    """What is asked of the token endpoint (RFC 6749, section 4.4; RFC 7523, section 2.2)."""

    grant_type: str = told("client_credentials", default="", most=100)
    scope: str = told("Scopes, apart by blanks; all that the program holds when left out.", default="")
    client_id: str = told("", default="", most=100)
    client_assertion_type: str = told("", default="", most=100)
    client_assertion: str = told("A JWT signed by the program.", default="", most=8192)


@dataclass(frozen=True, kw_only=True)
class RevocationAsked:
    """Which access token ends (RFC 7009, section 2.1), and who asks."""

    token: str = told("", default="", most=200)
    token_type_hint: str = told("", default="", most=100)
    client_id: str = told("", default="", most=100)
    client_assertion_type: str = told("", default="", most=100)
    client_assertion: str = told("A JWT signed by the program.", default="", most=8192)


@dataclass(frozen=True, kw_only=True)
class Token:
    """An access token."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


@dataclass(frozen=True, kw_only=True)
class TokenRefused:
    """Why no token was given (RFC 6749, section 5.2)."""

    error: str
    error_description: str = ""


@dataclass(frozen=True, kw_only=True)
class Status:
    """The health of the service (ModI RAC_REST_NAME_011)."""

    status: int
    title: str
    detail: str
