"""The signed envelopes, to look at and to take away: the proof of what was said on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from crinale.kernel.errors import NotVisible
from crinale.spine import audit
from crinale.spine.exchange.models import WireMessage
from crinale.spine.exchange.queries.visibility import require_visible
from crinale.spine.records.ports import blob_store

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor


@dataclass(frozen=True, slots=True)
class EnvelopeFile:
    """A kept envelope, open for reading."""

    file_name: str
    content_type: str
    size: int
    sha256: str
    stream: BinaryIO


def envelope(*, actor: Actor, envelope_id: UUID) -> EnvelopeFile:
    """Open a kept envelope; the reading is logged, for envelopes carry documents.

    :raises NotVisible: when there is none that the actor may see.
    """
    known = WireMessage.objects.select_related("message__registration")
    wire = known.filter(id=envelope_id, message__isnull=False).first()
    if wire is None or wire.message is None:
        raise NotVisible
    require_visible(actor, wire.message)
    audit.access(actor=actor, what="envelope", object_id=wire.id)
    stream: BinaryIO = (
        BytesIO(wire.content) if wire.content is not None else blob_store.get().open(wire.sha256)
    )
    suffix = "xml" if "multipart" not in wire.content_type else "mime"
    return EnvelopeFile(
        file_name=f"{wire.operation}-{wire.part}-{wire.id}.{suffix}",
        content_type=wire.content_type,
        size=wire.size,
        sha256=wire.sha256,
        stream=stream,
    )
