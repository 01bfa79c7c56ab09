"""Signed envelopes are kept by both sides, as they went over the wire (Allegato 6, sections 2 and 5).

Small envelopes stay in their row, large ones go to the blob store; either way the row carries their SHA-256.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from crinale.kernel import clock
from crinale.kernel.digests import sha256
from crinale.kernel.errors import Conflict, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine import tenancy
from crinale.spine.exchange.models import WireMessage
from crinale.spine.exchange.values import WireRef
from crinale.spine.records.ports import blob_store
from crinale.spine.tenancy.statements import first, insert_if_new

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.rules.anomalies import Operation
    from crinale.spine.exchange.values import WireEvidence

INLINE_BYTES: Final = 256 * 1024
_DEFAULT_TYPE: Final = "text/xml; charset=utf-8"

_REQUEST: Final = "select true from exchange_wiremessage where call = %s and part = 'request'"
_RESPONSE: Final = "select sha256 from exchange_wiremessage where call = %s and part = 'response'"

Origin = Literal["sent", "received"]
Part = Literal["request", "response"]


def request_row(
    *, message_id: UUID | None, operation: Operation, origin: Origin, envelope: bytes
) -> WireMessage:
    """Describe the request of a call; whoever asks for it writes it, in the open scope."""
    return _row(
        message_id=message_id,
        call=new_id(),
        part="request",
        origin=origin,
        operation=operation,
        envelope=envelope,
        content_type=_DEFAULT_TYPE,
    )


def call_rows(*, message_id: UUID, operation: Operation, evidence: WireEvidence | None) -> list[WireMessage]:
    """Describe both envelopes of a call that this side made, the request first."""
    if evidence is None:
        return []
    call = new_id()
    parts: list[tuple[Part, Origin, bytes]] = [("request", "sent", evidence.request)]
    if evidence.response is not None:
        parts.append(("response", "received", evidence.response))
    return [
        _row(
            message_id=message_id,
            call=call,
            part=part,
            origin=origin,
            operation=operation,
            envelope=envelope,
            content_type=evidence.content_type,
        )
        for part, origin, envelope in parts
    ]


def keep_response(wire_id: WireRef, response_bytes: bytes, content_type: str = _DEFAULT_TYPE) -> None:
    """Keep the signed response that this side gave to a kept request.

    :raises NotVisible: when there is no such request.
    :raises Conflict: when its response is already kept and differs.
    """
    with tenancy.scope(wire_id.body_id):
        row = _row(
            message_id=wire_id.message_id,
            call=wire_id.call,
            part="response",
            origin="sent",
            operation=wire_id.operation,
            envelope=response_bytes,
            content_type=content_type,
        )
        if insert_if_new(row, given=f"exists ({_REQUEST})", values=[wire_id.call]):
            return
        if first(_REQUEST, [wire_id.call]) is None:
            raise NotVisible
        if first(_RESPONSE, [wire_id.call]) != (row.sha256,):
            raise Conflict


def ref_of(wire: WireMessage) -> WireRef:
    """Return the handle that the server view gives back with the response."""
    return WireRef(
        body_id=wire.body_id,
        id=wire.id,
        call=wire.call,
        message_id=wire.message_id,
        operation=wire.operation,
    )


def _row(
    *,
    message_id: UUID | None,
    call: UUID,
    part: Part,
    origin: Origin,
    operation: str,
    envelope: bytes,
    content_type: str,
) -> WireMessage:
    inline = len(envelope) <= INLINE_BYTES
    digest = sha256(envelope).hex() if inline else _to_blob_store(envelope)
    return WireMessage(
        message_id=message_id,
        call=call,
        part=part,
        origin=origin,
        operation=operation,
        at=clock.now(),
        content_type=content_type[:300],
        sha256=digest,
        size=len(envelope),
        content=envelope if inline else None,
    )


def _to_blob_store(envelope: bytes) -> str:
    writer = blob_store.get().writer()
    try:
        writer.write(envelope)
        return writer.commit().sha256
    except BaseException:
        writer.abort()
        raise
