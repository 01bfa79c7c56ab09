"""Leaves in a folder what proves one exchange, for whoever wants to check it with tools of his own.

request.xml, response.xml      MessaggioInoltro and its answer, byte for byte as they went over the wire
confirmation-request.xml       ConfermaMessaggioInoltro, as it came
segnatura.xml                  the sealed segnatura, and the documents beside it
receipt.json                   both identifiers, the states passed, instants in RFC 3339
seal-certificate.pem, ca.pem   the certificate of the seal and the authority that issued it
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from crinale.spine import tenancy
from crinale.spine.exchange import queries as exchange_queries
from crinale.spine.exchange.rules.states import derive
from crinale.spine.protocol import queries as protocol_queries
from crinale.spine.records import queries as records_queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from crinale.config.demo.journey import Sent
    from crinale.spine.exchange.queries import MessageRow, TimelineEntry
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import Identifier

_WIRE = {
    ("forward", "request"): "request.xml",
    ("forward", "response"): "response.xml",
    ("confirm", "request"): "confirmation-request.xml",
}


def collect(
    sent: Sent, message: MessageRow, *, actor: Actor, seal_certificate: Path, authority: Path, folder: Path
) -> None:
    """Write the files of one settled message into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    registration = sent.registration
    with tenancy.scope(sent.area.body_id):
        steps = exchange_queries.message_timeline(actor=actor, message_id=message.id)
        for envelope in (one for step in steps for one in step.envelopes):
            if name := _WIRE.get((envelope.operation, envelope.part)):
                kept = exchange_queries.envelope(actor=actor, envelope_id=envelope.id)
                with kept.stream as source, (folder / name).open("wb") as target:
                    shutil.copyfileobj(source, target)
        xml = protocol_queries.segnatura_xml(actor=actor, registration_id=registration.id)
        (folder / "segnatura.xml").write_bytes(xml)
        for document in registration.documents:
            with (
                records_queries.open_document(actor=actor, document_id=document.document_id) as source,
                (folder / document.file_name).open("wb") as target,
            ):
                shutil.copyfileobj(source, target)
        receipt = _receipt(sent, message, steps)
    (folder / "receipt.json").write_text(json.dumps(receipt, indent=2, ensure_ascii=False) + "\n")
    shutil.copyfile(seal_certificate, folder / "seal-certificate.pem")
    shutil.copyfile(authority, folder / "ca.pem")


def _receipt(sent: Sent, message: MessageRow, steps: Sequence[TimelineEntry]) -> dict[str, Any]:
    kinds = [step.kind for step in steps]
    states = [
        derive(
            direction="out", confirmation_requested=message.confirmation_requested, kinds=kinds[: count + 1]
        ).state
        for count in range(len(kinds))
    ]
    return {
        "state": message.state,
        "subject": sent.registration.subject,
        "sender": _identifier(sent.registration.identifier),
        "recipient": message.recipient_identifier and _identifier(message.recipient_identifier),
        "registered_at": instant(sent.registration.registered_at),
        "settled_at": instant(steps[-1].at) if steps else None,
        "states": [
            {"sequence": step.seq, "step": step.kind, "state": str(state), "at": instant(step.at)}
            for step, state in zip(steps, states, strict=True)
        ],
        "documents": [
            {
                "file": document.file_name,
                "sha256": document.sha256,
                "size": document.size,
                "media_type": document.media_type,
            }
            for document in sent.registration.documents
        ],
    }


def _identifier(identifier: Identifier) -> dict[str, Any]:
    return {
        "ipa_code": identifier.ipa_code,
        "aoo_code": identifier.aoo_code,
        "register": identifier.register_code,
        "number": identifier.number_text,
        "date": identifier.date.isoformat(),
        "time": identifier.time and identifier.time.isoformat(),
    }


def instant(moment: datetime) -> str:
    """An instant as RFC 3339 writes it, in UTC."""
    return moment.isoformat().replace("+00:00", "Z")
