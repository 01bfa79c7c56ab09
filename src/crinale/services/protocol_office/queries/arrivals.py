"""What arrived by the exchange, as the page of a waiting document shows it; evidence to take away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.queries.files import kind_of_file
from crinale.services.protocol_office.queries.journeys import SealShown, Step, message_words, seal_shown, step
from crinale.services.protocol_office.queries.previews import Source
from crinale.services.protocol_office.queries.queue import detail_words
from crinale.spine.exchange import queries as exchange
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from datetime import datetime
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.exchange.queries import ArrivedFile, EnvelopeFile, MessageRow
    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef


@dataclass(frozen=True)
class FileShown:
    """A file of what arrived."""

    url: str
    name: str
    size: int
    kind: str
    sha256: str
    preview_url: str


@dataclass(frozen=True)
class Arrival:
    """The page of a document that arrived by the exchange."""

    id: UUID
    waits: bool
    subject: str
    tone: str
    label: str
    title: str
    text: str
    registration_url: str
    peer: str
    peer_number: str
    arrived_at: datetime
    facts: tuple[tuple[str, str], ...]
    proposed_classification: str
    documents: tuple[FileShown, ...]
    seal: SealShown
    steps: tuple[Step, ...]


def arrival(*, actor: Actor, area: AreaRef, message_id: UUID) -> Arrival:
    """Return the page of a received message of this area.

    :raises NotVisible: when there is none that the actor may see.
    """
    row = visible_message(actor, area, message_id)
    if row.direction != "in":
        raise NotVisible
    came = exchange.arrival(actor=actor, message_id=message_id)
    tone, label = message_words(row)
    title, text = _next_words(row)
    arrived_at = row.accepted_at or row.created_at
    facts = (
        (_("Classification of the sender"), came.classification),
        (_("Recipients"), ", ".join(came.recipients)),
        (_("Confidential"), _("yes") if came.confidential else ""),
        (_("Answer asked for"), _("yes") if row.confirmation_requested else _("no")),
    )
    headings = {one.code for one in records.classifications()}
    proposed = came.classification.split(" ")[0]
    return Arrival(
        id=row.id,
        waits=row.state == "to_register",
        subject=row.subject,
        tone=tone,
        label=label,
        title=title,
        text=text,
        registration_url=(
            reverse("protocol_office:registration", args=[row.registration_id]) if row.registration_id else ""
        ),
        peer=came.sender or row.counterpart_name,
        peer_number=f"{row.sender_identifier.number_text}/{row.sender_identifier.year}",
        arrived_at=arrived_at,
        facts=tuple((name, value) for name, value in facts if value),
        proposed_classification=next(
            (code for code in (proposed, area.default_classification) if code in headings), ""
        ),
        documents=tuple(_file(row.id, one) for one in came.files),
        seal=seal_shown(
            came.segnatura, title=_("Seal of the sender"), sha256="", at=arrived_at, url="", file_name=""
        ),
        steps=tuple(step(one) for one in exchange.message_timeline(actor=actor, message_id=message_id)),
    )


def open_arrived_file(
    *, actor: Actor, area: AreaRef, message_id: UUID, position: int
) -> tuple[ArrivedFile, BinaryIO]:
    """Open a file of what arrived."""
    visible_message(actor, area, message_id)
    return exchange.open_arrived_file(actor=actor, message_id=message_id, position=position)


def arrived_file_source(*, actor: Actor, area: AreaRef, message_id: UUID, position: int) -> Source:
    """Return a file of what arrived, to be shown.

    :raises NotVisible: when there is none that the actor may see.
    """
    visible_message(actor, area, message_id)
    files = exchange.arrival(actor=actor, message_id=message_id).files
    if not 0 <= position < len(files):
        raise NotVisible
    return Source(
        name=files[position].name,
        size=files[position].size,
        open=lambda: exchange.open_arrived_file(actor=actor, message_id=message_id, position=position)[1],
    )


def open_evidence(*, actor: Actor, wire_id: UUID) -> EnvelopeFile:
    """Open a signed envelope."""
    return exchange.envelope(actor=actor, envelope_id=wire_id)


def message_registration(*, actor: Actor, area: AreaRef, message_id: UUID) -> UUID | None:
    """Return the registration of a message of this area, nothing when it has none yet."""
    return visible_message(actor, area, message_id).registration_id


def visible_message(actor: Actor, area: AreaRef, message_id: UUID) -> MessageRow:
    """Return a message of this area.

    :raises NotVisible: when there is none that the actor may see.
    """
    row = exchange.message(actor=actor, message_id=message_id)
    if row.area_id != area.id:
        raise NotVisible
    return row


def _file(message_id: UUID, one: ArrivedFile) -> FileShown:
    return FileShown(
        url=reverse("protocol_office:waiting_document", args=[message_id, one.position]),
        name=one.name,
        size=one.size,
        kind=kind_of_file(one.media_type),
        sha256=one.sha256,
        preview_url=reverse("protocol_office:waiting_preview", args=[message_id, one.position]),
    )


def _next_words(row: MessageRow) -> tuple[str, str]:
    if row.state == "to_register":
        asked = _("The sender waits for your number.") if row.confirmation_requested else ""
        return _("Register it or refuse it"), " ".join(part for part in (asked, row.reason) if part)
    if row.state == "registered":
        return _("Registered"), _("It has a number in your register.")
    if row.state == "refused":
        return _("Refused"), detail_words(row)
    return _("Nothing to do yet"), _("The system is verifying and registering it.")
