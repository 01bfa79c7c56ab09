"""What goes into MessaggioInoltro.

The sealed segnatura and the files of the registration, primary document first.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crinale.spine.exchange.actions.rows import area_code
from crinale.spine.exchange.identifiers import key_of
from crinale.spine.exchange.models import IndexedArea, Message
from crinale.spine.exchange.values import Endpoint, OutgoingFile, TransportFailure
from crinale.spine.protocol.models import Enclosure, Segnatura
from crinale.spine.records.ports import blob_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.exchange.values import ForwardAnswer


@dataclass(frozen=True, slots=True)
class Consignment:
    """Everything that a forward needs, read before the network is touched."""

    sender_aoo: str
    to: Endpoint
    segnatura: bytes
    files: Sequence[OutgoingFile]

    @property
    def size(self) -> int:
        """Bytes to carry, before any encoding."""
        return len(self.segnatura) + sum(one.size for one in self.files)


def consignment(message: Message) -> Consignment:
    """Read the message to send."""
    xml = Segnatura.objects.values_list("xml", flat=True).get(
        registration_id=message.registration_id, origin="issued"
    )
    enclosures = (
        Enclosure.objects.filter(registration_id=message.registration_id)
        .select_related("document")
        .order_by("position")
    )
    return Consignment(
        sender_aoo=area_code(message.area_id),
        to=endpoint_of(message.counterpart_aoo),
        segnatura=bytes(xml),
        files=[
            OutgoingFile(
                name=one.document.file_name,
                media_type=one.document.media_type,
                size=one.document.size,
                sha256=one.document.sha256,
                open=partial(blob_store.get().open, one.document.sha256),
            )
            for one in enclosures
        ],
    )


def check_names(answer: ForwardAnswer, sender_key: str) -> None:
    """Check that an answer is about the message that was sent.

    :raises TransportFailure: when it names another registration.
    """
    if key_of(answer.identifier) != sender_key:
        raise TransportFailure("answer", "The answer names another registration.", answer.evidence)


def endpoint_of(aoo_code: str) -> Endpoint:
    """Return where an area answers now: the index may have changed since the message was composed.

    :raises TransportFailure: when the index has no address for it.
    """
    row = (
        IndexedArea.objects.filter(aoo_code=aoo_code).values_list("endpoint", "message_certificates").first()
    )
    url, certificates = row or ("", [])
    if not url:
        raise TransportFailure("connection", f"The index has no address for {aoo_code}.")
    return Endpoint(
        aoo_code=aoo_code, url=url, message_certificates=tuple(b64decode(one) for one in certificates)
    )
