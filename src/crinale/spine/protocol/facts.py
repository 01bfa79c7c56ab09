"""The facts that the protocol may write; the subject is the registration, day or emergency.

The digest in ``registration.created`` covers everything that may never change in the registration, so that
the sealed facts prove the registers (see :mod:`crinale.spine.protocol.rules.content`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.spine.audit import Fact

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class RegisterOpened(Fact):
    """A register was opened."""

    kind = "register.opened"
    area_id: UUID
    code: str


@dataclass(frozen=True, kw_only=True)
class RegistrationCreated(Fact):
    """A document was registered."""

    kind = "registration.created"
    register: UUID
    year: int
    number: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class RegistrationSealed(Fact):
    """A remote seal was received for a registration that waited for it."""

    kind = "registration.sealed"
    segnatura_sha256: str


@dataclass(frozen=True, kw_only=True)
class RegistrationAnnulled(Fact):
    """A registration was annulled (DPR 445/2000 art. 54)."""

    kind = "registration.annulled"
    at: datetime
    act: str
    reason: str
    document: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class RegistrationCorrected(Fact):
    """A value that may be corrected was; the digest covers what stood there before and what stands now."""

    kind = "registration.corrected"
    sequence: int
    field: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class RegistrationLinked(Fact):
    """A registration was said to refer to another one."""

    kind = "registration.linked"
    link: UUID
    other: UUID
    relation: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RegistrationUnlinked(Fact):
    """A link between two registrations was marked as removed."""

    kind = "registration.unlinked"
    link: UUID
    other: UUID
    relation: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RegistrationAssigned(Fact):
    """A registration was given to an office or a person."""

    kind = "registration.assigned"
    office: UUID
    person: UUID | None
    note: str
    purpose: str = "action"
    deadline: date | None = None
    forwarded_from: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AssignmentHandled(Fact):
    """An assignment made a step: taken, refused, forwarded, done or withdrawn."""

    kind = "assignment.handled"
    assignment: UUID
    step: str
    text: str
    on_behalf_of: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class RegistrationReclassified(Fact):
    """A registration was moved to another heading."""

    kind = "registration.reclassified"
    previous: str
    current: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RegistrationFiled(Fact):
    """A registration was put in a dossier."""

    kind = "registration.filed"
    dossier: UUID


@dataclass(frozen=True, kw_only=True)
class RegistrationMoved(Fact):
    """A registration went from a dossier to another."""

    kind = "registration.moved"
    source: UUID
    target: UUID


@dataclass(frozen=True, kw_only=True)
class DailyRegisterFrozen(Fact):
    """A day of a register was frozen."""

    kind = "daily_register.frozen"
    register: UUID
    day: date
    registrations: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class DailyRegisterSealed(Fact):
    """The manifest of a frozen day was sealed."""

    kind = "daily_register.sealed"
    manifest_sha256: str


@dataclass(frozen=True, kw_only=True)
class DailyRegisterDeposited(Fact):
    """A frozen day was delivered to preservation."""

    kind = "daily_register.deposited"
    package: str
    package_sha256: str


@dataclass(frozen=True, kw_only=True)
class DepositConcluded(Fact):
    """Preservation accepted or refused a day."""

    kind = "daily_register.deposit_concluded"
    package: str
    accepted: bool
    reasons: list[str]


@dataclass(frozen=True, kw_only=True)
class EmergencyOpened(Fact):
    """The emergency register was opened (DPR 445/2000 art. 63)."""

    kind = "emergency.opened"
    cause: str
    authorisation: str
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class EmergencyExtended(Fact):
    """An act allowed the emergency register for longer."""

    kind = "emergency.extended"
    act: str
    valid_to: datetime


@dataclass(frozen=True, kw_only=True)
class EmergencyClosed(Fact):
    """The system was restored; the totals of the days were declared."""

    kind = "emergency.closed"
    restored_at: datetime
    totals: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class EmergencyEntered(Fact):
    """A line of the emergency register got its ordinary number."""

    kind = "emergency.entered"
    emergency_number: int
    registration: UUID


@dataclass(frozen=True, kw_only=True)
class CorrespondentAdded(Fact):
    """A correspondent was put into the address book."""

    kind = "correspondent.added"


@dataclass(frozen=True, kw_only=True)
class CorrespondentChanged(Fact):
    """What is known of a correspondent was changed; ``version`` is the new one."""

    kind = "correspondent.changed"
    version: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class CorrespondentClosed(Fact):
    """A correspondent is not written with any more."""

    kind = "correspondent.closed"
    reason: str


@dataclass(frozen=True, kw_only=True)
class CorrespondentsMerged(Fact):
    """A correspondent turned out to be another one; the subject is the one that remains."""

    kind = "correspondent.merged"
    absorbed: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class GroupChanged(Fact):
    """A group of correspondents was made, renamed, closed, or its members changed."""

    kind = "correspondent_group.changed"
    what: str
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class ArchiveTakenOver(Fact):
    """Registrations of older software were taken over; the subject is the import, ``sha256`` its file's."""

    kind = "archive.taken_over"
    register: UUID
    file_name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class NumberingContinued(Fact):
    """A register goes on, in its first year, after the last number that older software gave."""

    kind = "register.continued"
    year: int
    after: int
