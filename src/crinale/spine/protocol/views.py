"""What goes in and out of the protocol's doors: frozen values, no tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from crinale.kernel.numbers import format_number

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from crinale.spine.protocol.rules.identifier import Identifier
    from crinale.spine.protocol.rules.parties import PartyData

DirectionName = Literal["incoming", "outgoing", "internal"]
StateName = Literal["unsealed", "being_sealed", "sealed"]


@dataclass(frozen=True, slots=True)
class EnclosureData:
    """A stored document that becomes part of a registration; the first one is the primary document."""

    document_id: UUID
    description: str = ""


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
    """One assignment, the newest last."""

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


@dataclass(frozen=True, slots=True)
class SegnaturaView:
    """That a segnatura exists, and its digests; its bytes come from ``queries.segnatura_xml``."""

    origin: Literal["issued", "received"]
    sha256: str
    certificate_sha256: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class RelatedView:
    """Another registration that this one answers, or that answers this one."""

    id: UUID
    number_text: str
    year: int
    subject: str


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """One line of a list of registrations."""

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

    @property
    def number_text(self) -> str:
        """The number as written, with at least seven digits."""
        return format_number(self.number)


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """A registration with everything that a page shows.

    ``classification`` is the current one, ``first_classification`` the one that was registered; the same
    holds for assignments, whose last element is the current one.
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

    @property
    def number_text(self) -> str:
        """The number as written, with at least seven digits."""
        return format_number(self.number)

    @property
    def segnatura(self) -> SegnaturaView | None:
        """The segnatura that this area issued."""
        return next((one for one in self.segnature if one.origin == "issued"), None)

    @property
    def received_segnatura(self) -> SegnaturaView | None:
        """The segnatura that came with the document."""
        return next((one for one in self.segnature if one.origin == "received"), None)


@dataclass(frozen=True, slots=True)
class DailyRegisterView:
    """One frozen day of a register."""

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
