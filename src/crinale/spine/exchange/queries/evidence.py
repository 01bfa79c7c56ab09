"""The signed envelopes, to look at and to take away: the proof of what was said on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from crinale.kernel.errors import NotVisible
from crinale.spine import audit
from crinale.spine.exchange.models import WireMessage
from crinale.spine.exchange.ports import transport
from crinale.spine.exchange.queries.visibility import require_visible
from crinale.spine.records.ports import blob_store

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor

_IN_MEMORY: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class EnvelopeFile:
    """An envelope, open for reading; ``sha256`` is of what is kept, as its receipt names it."""

    file_name: str
    content_type: str
    size: int
    sha256: str
    stream: BinaryIO


def envelope(*, actor: Actor, envelope_id: UUID) -> EnvelopeFile:
    """Open a kept envelope as it was signed, with its files in it; the reading is logged.

    Whoever takes it away can verify the signature with any tool, and the digests of the files.

    :raises NotVisible: when there is none that the actor may see.
    """
    known = WireMessage.objects.select_related("message__registration")
    wire = known.filter(id=envelope_id, message__isnull=False).first()
    if wire is None or wire.message is None:
        raise NotVisible
    require_visible(actor, wire.message)
    audit.access(actor=actor, what="envelope", object_id=wire.id)
    stream, size = _restored(wire)
    suffix = "eml" if _is_mail(wire) else "xml" if "multipart" not in wire.content_type else "mime"
    return EnvelopeFile(
        file_name=f"{wire.operation}-{wire.part}-{wire.id}.{suffix}",
        content_type=wire.content_type,
        size=size,
        sha256=wire.sha256,
        stream=stream,
    )


def _is_mail(wire: WireMessage) -> bool:
    """A mail is kept whole."""
    return wire.content_type == "message/rfc822"


def _restored(wire: WireMessage) -> tuple[BinaryIO, int]:
    store = blob_store.get()
    if _is_mail(wire):
        return store.open(wire.sha256), wire.size
    if wire.content is not None:
        kept = bytes(wire.content)
    else:
        with store.open(wire.sha256) as source:
            kept = source.read()  # without its files an envelope is small
    whole = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  the caller closes it
    whole.writelines(transport.get().restore(kept, store.open))
    size = whole.tell()
    whole.seek(0)
    return cast("BinaryIO", whole), size
