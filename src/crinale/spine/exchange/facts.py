"""The audit facts that the exchange may write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from crinale.spine import audit

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ReceiptWritten(audit.Fact):
    """A message took a step; ``sha256`` covers the whole receipt, which covers the digest of its envelope."""

    kind: ClassVar[str] = "receipt.written"
    direction: str
    identifier: str
    counterpart: str
    seq: int
    step: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ForwardUnreadable(audit.Fact):
    """A peer sent a message whose segnatura could not be read; nothing was received."""

    kind: ClassVar[str] = "forward.unreadable"
    peer: str
    reason: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class IncidentOpened(audit.Fact):
    """A disservice of the other side was recorded (Allegato 6, section 3.3)."""

    kind: ClassVar[str] = "incident.opened"
    message: UUID
    incident_kind: str
    blocking: bool


@dataclass(frozen=True, kw_only=True)
class IncidentUpdated(audit.Fact):
    """The other side gave a workaround or an expected restore time."""

    kind: ClassVar[str] = "incident.updated"
    workaround: str
    restore_expected_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class IncidentClosed(audit.Fact):
    """The disservice is over."""

    kind: ClassVar[str] = "incident.closed"
    note: str


@dataclass(frozen=True, kw_only=True)
class RefusalNoted(audit.Fact):
    """A clerk took note of a refusal and took it out of the queue."""

    kind: ClassVar[str] = "refusal.noted"


@dataclass(frozen=True, kw_only=True)
class IndexImported(audit.Fact):
    """Rows entered the index of areas."""

    kind: ClassVar[str] = "index.imported"
    source: str
    table: str
    accepted: int
    updated: int
    refused: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class AreaWithdrawn(audit.Fact):
    """An area was taken out of the index."""

    kind: ClassVar[str] = "index.area_withdrawn"
    aoo_code: str
    source: str


@dataclass(frozen=True, kw_only=True)
class IndexPublished(audit.Fact):
    """The hub published an edition of the index."""

    kind: ClassVar[str] = "index.published"
    sha256: str
    areas: int


@dataclass(frozen=True, kw_only=True)
class IndexRefreshed(audit.Fact):
    """The node took over a new edition of the index from the hub."""

    kind: ClassVar[str] = "index.refreshed"
    sha256: str
    areas: int


@dataclass(frozen=True, kw_only=True)
class MailboxCreated(audit.Fact):
    """An area got a mailbox."""

    kind: ClassVar[str] = "mailbox.created"
    area: str
    address: str
    certified: bool


@dataclass(frozen=True, kw_only=True)
class MailboxChanged(audit.Fact):
    """A mailbox is reached or used in another way, or no more."""

    kind: ClassVar[str] = "mailbox.changed"
    address: str
    changes: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class MailHabitSet(audit.Fact):
    """Which segnatura goes to an address, a domain or a registry area."""

    kind: ClassVar[str] = "mailbox.habit_set"
    kind_of: str
    value: str
    writes: str


@dataclass(frozen=True, kw_only=True)
class MailStored(audit.Fact):
    """A mail was stored; ``sha256`` is of its bytes."""

    kind: ClassVar[str] = "mail.stored"
    mailbox: str
    kind_of: str
    sha256: str
    state: str


@dataclass(frozen=True, kw_only=True)
class MailDecided(audit.Fact):
    """A clerk registered a mail, set it aside or gave it back to the queue."""

    kind: ClassVar[str] = "mail.decided"
    state: str
    registration: UUID | None
    reason: str
