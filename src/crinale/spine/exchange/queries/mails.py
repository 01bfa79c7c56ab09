"""The mails of an area: those that wait for a clerk, and each with what was read in it."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from crinale.kernel.errors import NotVisible
from crinale.spine import audit
from crinale.spine.exchange.models import Mail, MailSighting, Message
from crinale.spine.exchange.queries.visibility import require_visible
from crinale.spine.exchange.rules.mail import WAITING, MailState
from crinale.spine.identity.permissions import require
from crinale.spine.protocol import queries as protocol
from crinale.spine.records.ports import blob_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor


MOST_COUNTED: Final = 1000
# One statement, which never reads more than it says, however many wait.
# Each state by its name: only then the planner knows that the index of what waits holds them all.
_COUNTS: Final = " union all ".join(
    f"""
select '{state}',
    (select count(*) from (
        select from exchange_mail
        where body_id = crinale_body() and area_id = %(area)s and state = '{state}' limit %(most)s
    ) as counted),
    (select stored_at from exchange_mail
        where body_id = crinale_body() and area_id = %(area)s and state = '{state}' order by id limit 1)
"""  # noqa: S608  our own words
    for state in WAITING
)


@dataclass(frozen=True, slots=True)
class MailedFile:
    """A file of a mail; ``path`` names it when the mail is registered."""

    path: str
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """A mail as lists show it. ``reason`` and ``findings`` are texts to translate."""

    id: UUID
    area_id: UUID
    mailbox: str
    kind: str
    state: str
    sender_address: str
    sender_name: str
    subject: str
    sent_at: datetime | None
    stored_at: datetime
    files: int
    size: int
    reason: str
    findings: tuple[str, ...]
    message_id: UUID | None
    registration_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailView:
    """A mail with everything that a page shows; ``certification`` and ``signature`` as they were read."""

    row: MailRow
    boxes: tuple[str, ...]
    recipients: tuple[str, ...]
    copied: tuple[str, ...]
    text: str
    files: tuple[MailedFile, ...]
    protocol_name: str
    certification: Mapping[str, Any]
    signature: Mapping[str, Any]
    mail_message_id: str
    about: str
    sha256: str
    decided_at: datetime | None
    decided_by_name: str


@dataclass(frozen=True, slots=True)
class MailCounts:
    """How many mails of an area wait, by why, and since when the one that waits longest.

    Of each kind not more than ``MOST_COUNTED`` + 1 are counted: to say how many there are beyond that would
    take longer than it is worth. ``since`` has the instant by state, None where none waits.
    """

    to_register: int
    unmatched: int
    troubled: int
    since: Mapping[str, datetime | None]

    @property
    def total(self) -> int:
        """All that wait."""
        return self.to_register + self.unmatched + self.troubled

    @property
    def oldest(self) -> datetime | None:
        """Since when the one that waits longest."""
        return min((at for at in self.since.values() if at), default=None)


def waiting_mails(
    *, actor: Actor, area_id: UUID, limit: int = 50, before: UUID | None = None
) -> tuple[list[MailRow], UUID | None]:
    """Return the mails that wait for a clerk, newest first, and what to pass as ``before`` for the next.

    :raises NotVisible: when the actor may not register what arrives in the area.
    """
    # Each state has its part of the index, where its newest stand together.
    found = [row for state in WAITING for row in _some(actor, area_id, state, limit, before)]
    return _cut(sorted(found, key=attrgetter("id"), reverse=True), limit)


def mails(
    *,
    actor: Actor,
    area_id: UUID,
    state: str,
    limit: int = 50,
    before: UUID | None = None,
    oldest_first: bool = False,
) -> tuple[list[MailRow], UUID | None]:
    """Return the mails in a state (such as "unmatched" or "set_aside"), newest first, and the next page.

    ``before`` is the last one of the page before, whatever the order.

    :raises NotVisible: when the actor may not register what arrives in the area, or there is no such state.
    """
    if state not in {MailState.TO_REGISTER, MailState.UNMATCHED, MailState.TROUBLED, MailState.SET_ASIDE}:
        raise NotVisible
    return _cut(_some(actor, area_id, state, limit, before, oldest_first=oldest_first), limit)


def unmatched_receipts(
    *, actor: Actor, area_id: UUID, limit: int = 50, before: UUID | None = None
) -> tuple[list[MailRow], UUID | None]:
    """Return the receipts and answers whose message is not known, newest first, and the next page.

    :raises NotVisible: when the actor may not register what arrives in the area.
    """
    return mails(actor=actor, area_id=area_id, state=MailState.UNMATCHED, limit=limit, before=before)


def mail_counts(*, actor: Actor, area_id: UUID) -> MailCounts:
    """Return how many mails of an area wait.

    :raises NotVisible: when the actor may not register what arrives in the area.
    """
    _require_clerk(actor, area_id)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"area": area_id, "most": MOST_COUNTED + 1})
        found = {state: (count, since) for state, count, since in cursor.fetchall()}
    counts = {state: count for state, (count, _since) in found.items()}
    return MailCounts(**counts, since={state: since for state, (_count, since) in found.items()})


def mail(*, actor: Actor, mail_id: UUID) -> MailView:
    """Return one mail; the reading is logged.

    :raises NotVisible: when there is none that the actor may see.
    """
    found = _visible(actor, mail_id)
    audit.access(actor=actor, what="mail", object_id=found.id)
    boxes = (
        MailSighting.objects.filter(mail_id=found.id)
        .order_by("id")
        .values_list("mailbox__address", flat=True)
    )
    content = found.content
    return MailView(
        row=_row(found),
        boxes=tuple(dict.fromkeys(boxes)),
        recipients=tuple(content["recipients"]),
        copied=tuple(content["copied"]),
        text=found.text,
        files=_files(found),
        protocol_name=found.protocol_name,
        certification=content.get("certification") or {},
        signature=content.get("signature") or {},
        mail_message_id=found.message_id,
        about=found.about,
        sha256=found.blob_sha256,
        decided_at=found.decided_at,
        decided_by_name=found.decided_by_name,
    )


def open_mailed_file(*, actor: Actor, mail_id: UUID, path: str) -> tuple[MailedFile, BinaryIO]:
    """Open a file of a mail; the reading is logged.

    :raises NotVisible: when there is none that the actor may see.
    """
    found = _visible(actor, mail_id)
    file = next((one for one in _files(found) if one.path == path), None)
    if file is None:
        raise NotVisible
    audit.access(actor=actor, what="mailed_file", object_id=found.id)
    return file, blob_store.get().open(file.sha256)


def open_mail(*, actor: Actor, mail_id: UUID) -> tuple[MailRow, BinaryIO]:
    """Open a mail as it came (``.eml``); the reading is logged.

    :raises NotVisible: when there is none that the actor may see.
    """
    found = _visible(actor, mail_id)
    audit.access(actor=actor, what="mail", object_id=found.id)
    return _row(found), blob_store.get().open(found.blob_sha256)


def _some(
    actor: Actor,
    area_id: UUID,
    state: str,
    limit: int,
    before: UUID | None,
    *,
    oldest_first: bool = False,
) -> list[MailRow]:
    """Return the first mails in a state, one more than asked when there are more."""
    _require_clerk(actor, area_id)
    found = Mail.objects.filter(area_id=area_id, state=state).select_related("mailbox")
    found = found.defer("text", "protocol_file")
    if before is not None:
        found = found.filter(id__gt=before) if oldest_first else found.filter(id__lt=before)
    return [_row(one) for one in found.order_by("id" if oldest_first else "-id")[: limit + 1]]


def _cut(rows: list[MailRow], limit: int) -> tuple[list[MailRow], UUID | None]:
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def _require_clerk(actor: Actor, area_id: UUID) -> None:
    require(actor, "exchange.view", area_id=area_id)
    require(actor, "protocol.register_incoming", area_id=area_id)


def _visible(actor: Actor, mail_id: UUID) -> Mail:
    """Whoever may see what became of a mail may see the mail; what became of nothing is the clerks'."""
    found = Mail.objects.select_related("mailbox").filter(id=mail_id).first()
    if found is None:
        raise NotVisible
    require(actor, "exchange.view", area_id=found.area_id)
    if found.state == MailState.REGISTERED:
        protocol.registration(actor=actor, registration_id=found.registration_id)
    elif found.state == MailState.TIED:
        require_visible(actor, Message.objects.select_related("registration").get(id=found.tied_to_id))
    else:
        _require_clerk(actor, found.area_id)
    return found


def _files(found: Mail) -> tuple[MailedFile, ...]:
    return tuple(
        MailedFile(one["path"], one["name"], one["media_type"], one["size"], one["sha256"])
        for one in found.content["files"]
    )


def _row(found: Mail) -> MailRow:
    return MailRow(
        id=found.id,
        area_id=found.area_id,
        mailbox=found.mailbox.address,
        kind=found.kind,
        state=found.state,
        sender_address=found.sender_address,
        sender_name=found.sender_name,
        subject=found.subject,
        sent_at=found.sent_at,
        stored_at=found.stored_at,
        files=len(found.content["files"]),
        size=found.size,
        reason=found.reason,
        findings=tuple(found.findings),
        message_id=found.tied_to_id,
        registration_id=found.registration_id,
    )
