"""What goes into MessaggioInoltro.

The sealed segnatura and the files of the registration, primary document first.
"""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from crinale.kernel.errors import NotVisible
from crinale.spine.exchange.actions.rows import area_code
from crinale.spine.exchange.identifiers import key_of
from crinale.spine.exchange.values import Endpoint, OutgoingFile, TransportFailure
from crinale.spine.records.ports import blob_store
from crinale.spine.tenancy.statements import first, first_of_node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.exchange.models import Message
    from crinale.spine.exchange.values import ForwardAnswer


_CONTENT: Final = """
select segnatura.xml, (
    select jsonb_agg(jsonb_build_object('name', document.file_name, 'media_type', document.media_type,
        'size', document.size, 'sha256', document.sha256) order by enclosure.position)
    from protocol_enclosure as enclosure
    join records_document as document on document.id = enclosure.document_id
    where enclosure.registration_id = segnatura.registration_id and enclosure.body_id = crinale_body())::text
from protocol_segnatura as segnatura
where segnatura.registration_id = %s and segnatura.origin = 'issued' and segnatura.body_id = crinale_body()
"""
_ENDPOINT: Final = (
    "select endpoint, message_certificates from exchange_indexedarea where aoo_code = %s and active"
)


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
    """Read the message to send.

    :raises NotVisible: when its registration has no segnatura.
    """
    xml, documents = content_of(message)
    return Consignment(
        sender_aoo=area_code(message.area_id),
        to=endpoint_of(message.counterpart_aoo),
        segnatura=xml,
        files=[
            OutgoingFile(**one, open=partial(blob_store.get().open, one["sha256"]))
            for one in json.loads(documents)
        ],
    )


def content_of(message: Message) -> tuple[bytes, str]:
    """Return the sealed segnatura of a message, and its files as a JSON list, primary document first.

    :raises NotVisible: when its registration has no segnatura.
    """
    found = first(_CONTENT, [message.registration_id])
    if found is None:
        raise NotVisible
    return bytes(found[0]), found[1]


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
    row = first_of_node(_ENDPOINT, [aoo_code])
    url, certificates = row or ("", ())
    if not url:
        raise TransportFailure("connection", f"The index has no address for {aoo_code}.")
    return Endpoint(
        aoo_code=aoo_code, url=url, message_certificates=tuple(b64decode(one) for one in certificates)
    )
