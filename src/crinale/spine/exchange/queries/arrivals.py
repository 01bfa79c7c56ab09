"""What came with a received message: what its segnatura says and its files, also before it is registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel.errors import NotVisible
from crinale.spine import audit
from crinale.spine.exchange.models import Message, Parcel
from crinale.spine.exchange.queries.visibility import require_visible
from crinale.spine.protocol.rules.legacy_segnatura import parse_any_segnatura
from crinale.spine.protocol.rules.segnatura import InvalidSegnatura
from crinale.spine.records.ports import blob_store

if TYPE_CHECKING:
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A file of a received message, in the order of the segnatura."""

    position: int
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ArrivalView:
    """What a received segnatura says; empty words when it cannot be read."""

    sender: str
    recipients: tuple[str, ...]
    classification: str
    confidential: bool
    segnatura: bytes
    files: tuple[ArrivedFile, ...]


def arrival(*, actor: Actor, message_id: UUID) -> ArrivalView:
    """Return what came with a message; it may be registered, refused or waiting.

    :raises NotVisible: when there is none that the actor may see.
    """
    parcel = _parcel(actor, message_id)
    xml = bytes(parcel.segnatura)
    files = tuple(
        ArrivedFile(position, one["name"], one["media_type"], one["size"], one["sha256"])
        for position, one in enumerate(parcel.files)
    )
    try:
        data = parse_any_segnatura(xml)
    except InvalidSegnatura:
        return ArrivalView("", (), "", confidential=False, segnatura=xml, files=files)
    heading = data.classification
    return ArrivalView(
        sender=data.sender.display_name,
        recipients=tuple(one.display_name for one in data.recipients),
        classification=f"{heading.code} {heading.title}".strip() if heading else "",
        confidential=data.confidential,
        segnatura=xml,
        files=files,
    )


def open_arrived_file(*, actor: Actor, message_id: UUID, position: int) -> tuple[ArrivedFile, BinaryIO]:
    """Open a file of a received message; the reading is logged.

    :raises NotVisible: when there is none that the actor may see.
    """
    parcel = _parcel(actor, message_id)
    if not 0 <= position < len(parcel.files):
        raise NotVisible
    one = parcel.files[position]
    audit.access(actor=actor, what="arrived_file", object_id=message_id)
    found = ArrivedFile(position, one["name"], one["media_type"], one["size"], one["sha256"])
    return found, blob_store.get().open(found.sha256)


def received_segnatura(*, actor: Actor, message_id: UUID) -> bytes:
    """Return the segnatura of a received message, byte for byte, also before it is registered.

    :raises NotVisible: when there is none that the actor may see.
    """
    return bytes(_parcel(actor, message_id).segnatura)


def _parcel(actor: Actor, message_id: UUID) -> Parcel:
    message = Message.objects.select_related("registration").filter(id=message_id, direction="in").first()
    if message is None:
        raise NotVisible
    require_visible(actor, message)
    parcel = Parcel.objects.filter(message_id=message_id).first()
    if parcel is None:
        raise NotVisible
    return parcel
