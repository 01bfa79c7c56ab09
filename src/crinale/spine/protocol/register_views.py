"""What the registers show of themselves: the standing of a day, of a delivery, of a copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

DayStateName = Literal["to_seal", "to_deposit", "sent", "accepted", "refused"]


@dataclass(frozen=True, slots=True)
class DepositView:
    """One delivery of a day to preservation."""

    sequence: int
    package_name: str
    package_sha256: str
    state: Literal["sent", "accepted", "refused"]
    receipt: str
    sent_at: datetime
    concluded_at: datetime | None
    reasons: tuple[str, ...]
    report_document_id: UUID | None


@dataclass(frozen=True, slots=True)
class EmergencyEntryView:
    """One line of the emergency register and the registration that it became; their link is for good."""

    number_text: str
    entered_on_paper_at: datetime
    direction: Literal["incoming", "outgoing", "internal"]
    registration_id: UUID
    registration_number: str
    registration_year: int
    entered_at: datetime
    entered_by_name: str


@dataclass(frozen=True, slots=True)
class DayStanding:
    """Whether a frozen day is sealed and delivered; ``overdue`` when the day of its delivery has passed."""

    state: DayStateName
    overdue: bool
    manifest_document_id: UUID | None
    manifest_sha256: str
    previous_sha256: str
    sealed_at: datetime | None
    deposits: tuple[DepositView, ...]

    @property
    def last_deposit(self) -> DepositView | None:
        """The delivery that counts."""
        return self.deposits[-1] if self.deposits else None
