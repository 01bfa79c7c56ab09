"""The mailboxes of an area and how they fare."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from crinale.kernel.errors import NotVisible
from crinale.spine.exchange.models import Mailbox, MailHabit
from crinale.spine.identity.permissions import allows, require

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.identity import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxView:
    """A mailbox; ``writes`` is the edition of the segnatura that goes with its mail where no habit says."""

    id: UUID
    area_id: UUID
    address: str
    certified: bool
    active: bool
    imap_host: str
    imap_port: int
    imap_security: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    user_name: str
    folder: str
    after_storing: str
    stored_folder: str
    writes: str
    created_at: datetime
    checked_at: datetime | None
    failing_since: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class MailHabitView:
    """Which segnatura goes to an address, a domain or a registry area."""

    kind: str
    value: str
    writes: str


_FIELDS = tuple(field.name for field in fields(MailboxView))


def mailboxes(*, actor: Actor, area_id: UUID | None = None) -> list[MailboxView]:
    """Return the mailboxes of an area, or of the whole body, by address; closed ones too.

    :raises NotVisible: when the actor may not see them.
    """
    if not allows(actor, "admin.areas"):
        require(actor, "exchange.view", area_id=area_id)
    rows = Mailbox.objects.order_by("address")
    if area_id is not None:
        rows = rows.filter(area_id=area_id)
    return [MailboxView(**{name: getattr(one, name) for name in _FIELDS}) for one in rows]


def mailbox(*, actor: Actor, address: str) -> MailboxView:
    """Return the mailbox of the body with an address.

    :raises NotVisible: when there is none that the actor may see.
    """
    wanted = address.strip().lower()
    found = next((one for one in mailboxes(actor=actor) if one.address == wanted), None)
    if found is None:
        raise NotVisible
    return found


def mail_habits(*, actor: Actor) -> list[MailHabitView]:
    """Return the habits of the body: which segnatura goes to whom.

    :raises NotVisible: when the actor may not see them.
    """
    require(actor, "admin.areas")
    rows = MailHabit.objects.order_by("kind", "value")
    return [MailHabitView(one.kind, one.value, one.writes) for one in rows]
