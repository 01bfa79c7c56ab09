"""What goes in and out of the protocol's doors: frozen values, no tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from crinale.kernel.numbers import format_number
from crinale.spine.protocol.rules import handling

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from crinale.spine.protocol.rules.identifier import Identifier
    from crinale.spine.protocol.rules.parties import PartyData

DirectionName = Literal["incoming", "outgoing", "internal"]
StateName = Literal["unsealed", "being_sealed", "sealed"]
LinkName = Literal["reply", "previous", "related", "integration", "resent"]


@dataclass(frozen=True, slots=True)
class EnclosureData:
    """A stored document that becomes part of a registration; the first one is the primary document."""

    document_id: UUID
    description: str = ""


@dataclass(frozen=True, slots=True)
class LinkData:
    """An earlier registration that one refers to, and what it is to it."""

    registration_id: UUID
    relation: LinkName
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedReference:
    """Date and protocol of a received document, as far as they are known (DPR 445/2000 art. 53 c.1 e)."""

    ipa_code: str = ""
    aoo_code: str = ""
    register_code: str = ""
    number: str = ""
    date: date | None = None


@dataclass(frozen=True, slots=True)
class ReceivedSegnatura:
    """A segnatura that came with the document, kept byte for byte."""

    xml: bytes
    certificate_sha256: str = ""


@dataclass(frozen=True, slots=True)
class ClassificationView:
    """A heading of the filing plan."""

    id: UUID
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class PartyView:
    """A sender or recipient; ``data`` is everything that was registered about it."""

    role: Literal["sender", "recipient"]
    name: str
    data: PartyData


@dataclass(frozen=True, slots=True)
class EnclosureView:
    """A document of a registration; position 0 is the primary one."""

    position: int
    document_id: UUID
    description: str
    file_name: str
    sha256: str
    size: int
    media_type: str
    metadata: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """One assignment, the newest last; ``taken_by_name`` is who took charge of it."""

    id: UUID
    sequence: int
    purpose: Literal["action", "knowledge"]
    state: Literal["waiting", "taken", "refused", "forwarded", "done", "withdrawn"]
    deadline: date | None
    taken_by_name: str
    office_id: UUID
    office_code: str
    office_name: str
    person_id: UUID | None
    person_name: str
    note: str
    assigned_at: datetime
    assigned_by_name: str


@dataclass(frozen=True, slots=True)
class ClassificationChangeView:
    """One change of classification, the newest last."""

    previous: ClassificationView
    current: ClassificationView
    reason: str
    changed_at: datetime
    changed_by_name: str


@dataclass(frozen=True, slots=True)
class DossierView:
    """A dossier that holds the registration."""

    id: UUID
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class AnnulmentView:
    """When, by whom, by which act and why a registration was annulled (DPR 445/2000 art. 54)."""

    at: datetime
    by_name: str
    act: str
    reason: str
    document_id: UUID | None = None
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class DeferralView:
    """The act that allowed a registration after the day of arrival, and its cause."""

    act: str
    reason: str


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """One corrected value, the newest last; ``field`` is ``channel`` or ``recipients.0.email``, say."""

    sequence: int
    field: str
    before: str
    after: str
    reason: str
    corrected_at: datetime
    corrected_by_name: str


@dataclass(frozen=True, slots=True)
class SegnaturaView:
    """That a segnatura exists, and its digests; its bytes come from ``queries.segnatura_xml``."""

    origin: Literal["issued", "received"]
    sha256: str
    certificate_sha256: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class RelatedView:
    """Another registration that this one answers, that answers this one, or that is linked to it."""

    id: UUID
    number_text: str
    year: int
    subject: str
    area_id: UUID
    confidential: bool


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link to or from another registration; one with ``removed_at`` holds no more and stays readable.

    ``inbound`` is a link that stands on the other registration and points here.
    """

    id: UUID
    relation: LinkName
    inbound: bool
    related: RelatedView
    reason: str
    added_at: datetime
    added_by_name: str
    removed_at: datetime | None = None
    removed_by_name: str = ""
    removal_reason: str = ""


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """One line of a list of registrations; of many correspondents it names the first ones."""

    id: UUID
    area_id: UUID
    year: int
    number: int
    registered_at: datetime
    direction: DirectionName
    subject: str
    confidential: bool
    classification_code: str
    correspondents: tuple[str, ...]
    office_name: str
    annulled: bool
    documents: int
    more_correspondents: int = 0
    channel: str = ""

    @property
    def number_text(self) -> str:
        """The number as written, with at least seven digits."""
        return format_number(self.number)


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """A registration with everything that a page shows.

    ``classification`` is the current one, ``first_classification`` the one that was registered;
    ``assignments`` are all that ever were, ``in_charge`` the one that counts. Values that were corrected are
    the current ones; ``corrections`` tell what stood there before.
    """

    id: UUID
    body_id: UUID
    area_id: UUID
    area_name: str
    body_name: str
    identifier: Identifier
    year: int
    number: int
    registered_at: datetime
    registered_by: UUID | None
    registered_by_name: str
    direction: DirectionName
    state: StateName
    subject: str
    confidential: bool
    classification: ClassificationView
    first_classification: ClassificationView
    channel: str
    arrived_at: datetime | None
    received: ReceivedReference | None
    senders: tuple[PartyView, ...]
    recipients: tuple[PartyView, ...]
    documents: tuple[EnclosureView, ...]
    segnature: tuple[SegnaturaView, ...]
    assignments: tuple[AssignmentView, ...]
    classification_changes: tuple[ClassificationChangeView, ...]
    dossiers: tuple[DossierView, ...]
    reply_to: RelatedView | None
    replies: tuple[RelatedView, ...]
    emergency_number: str
    annulment: AnnulmentView | None
    digest: str
    stamp: str
    deferral: DeferralView | None = None
    corrections: tuple[CorrectionView, ...] = ()
    links: tuple[LinkView, ...] = ()

    @property
    def number_text(self) -> str:
        """The number as written, with at least seven digits."""
        return format_number(self.number)

    @property
    def in_charge(self) -> AssignmentView | None:
        """The assignment that answers for the document."""
        return handling.in_charge(self.assignments)

    @property
    def segnatura(self) -> SegnaturaView | None:
        """The segnatura that this area issued."""
        return next((one for one in self.segnature if one.origin == "issued"), None)

    @property
    def received_segnatura(self) -> SegnaturaView | None:
        """The segnatura that came with the document."""
        return next((one for one in self.segnature if one.origin == "received"), None)


@dataclass(frozen=True, slots=True)
class ChainEdge:
    """One registration refers to another; ``link_id`` is None where it was registered as its answer."""

    source_id: UUID
    target_id: UUID
    relation: LinkName
    link_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ChainView:
    """A thread of registrations, the oldest first; not ``whole`` when it is longer than was asked for."""

    registrations: tuple[RegistrationRow, ...]
    edges: tuple[ChainEdge, ...]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelView:
    """What a label on paper says (DPR 445/2000 art. 55); ``payload`` goes into its QR code."""

    body_name: str
    aoo_code: str
    register_code: str
    number_text: str
    registered_at: datetime
    direction: DirectionName
    classification: str
    annulled: bool
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptView:
    """What the receipt for whoever presented a document says (Law 241/1990 art. 18-bis).

    ``presented_at`` is when it arrived, which a deferred registration does not move.
    """

    body_name: str
    aoo_code: str
    aoo_name: str
    register_code: str
    number_text: str
    registered_at: datetime
    presented_at: datetime
    senders: tuple[str, ...]
    subject: str
    office_name: str
    term: date | None
    documents: tuple[EnclosureView, ...]
    annulled: bool
    payload: str


@dataclass(frozen=True, slots=True)
class DailyRegisterView:
    """One frozen day of a register; not ``whole`` when some of it is, or might be, hidden from who asks."""

    id: UUID
    area_id: UUID
    register_code: str
    day: date
    due_on: date
    registrations: int
    first_number: int | None
    last_number: int | None
    json_document_id: UUID
    pdf_document_id: UUID
    sha256: str
    frozen_at: datetime
    whole: bool = True


@dataclass(frozen=True, slots=True)
class EmergencyDay:
    """Documents registered by hand on one day: declared, and entered so far."""

    day: date
    declared: int | None
    entered: int


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """One interruption and how much of it has been entered."""

    id: UUID
    area_id: UUID
    cause: str
    authorisation: str
    acts: tuple[str, ...]
    started_at: datetime
    allowed_until: datetime
    restored_at: datetime | None
    closed_at: datetime | None
    days: tuple[EmergencyDay, ...]
