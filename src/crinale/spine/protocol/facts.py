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


@dataclass(frozen=True, kw_only=True)
class RegistrationAssigned(Fact):
    """A registration was given to an office or a person."""

    kind = "registration.assigned"
    office: UUID
    person: UUID | None
    note: str


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
class DailyRegisterFrozen(Fact):
    """A day of a register was frozen."""

    kind = "daily_register.frozen"
    register: UUID
    day: date
    registrations: int
    sha256: str


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
