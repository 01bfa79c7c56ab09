"""What ``audit verify`` checks of the exchange.

States follow from receipts, receipts and envelopes are untouched.

Runs as the owner of the database, over all bodies.
"""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import TYPE_CHECKING

from django.db import connection

from crinale.kernel.digests import sha256
from crinale.spine.exchange.actions.ledger import receipt_digest
from crinale.spine.exchange.models import Message, Receipt, WireMessage
from crinale.spine.exchange.rules.states import ImpossibleReceipt, derive
from crinale.spine.exchange.standings import standing_of
from crinale.spine.records.blobs import BlobMissing, chunks
from crinale.spine.records.ports import blob_store

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.audit import Section

_AT_ONCE = 500
_FACTS = """
select (payload->>'seq')::int, subject_id, payload->>'sha256' from audit_fact
where kind = 'receipt.written' and subject_id = any(%s)
"""


def verify_messages(section: Section) -> None:
    """Check every message with its receipts, then every envelope."""
    ids: list[UUID] = []
    for message_id in Message.across_bodies.order_by("id").values_list("id", flat=True).iterator():
        ids.append(message_id)
        if len(ids) == _AT_ONCE:
            _verify_some(section, ids)
            ids = []
    _verify_some(section, ids)
    _verify_envelopes(section)


def _verify_some(section: Section, ids: list[UUID]) -> None:
    messages = {one.id: one for one in Message.across_bodies.filter(id__in=ids)}
    receipts = Receipt.across_bodies.filter(message_id__in=ids).order_by("message_id", "seq")
    written = _written(ids)
    seen: set[UUID] = set()
    for message_id, group in groupby(receipts, key=lambda one: one.message_id):
        seen.add(message_id)
        _verify_one(section, messages[message_id], list(group), written)
    for message_id in messages.keys() - seen:
        if messages[message_id].receipts_count or messages[message_id].state != "composed":
            section.fault(f"exchange message {message_id}", "its receipts are missing")
    section.checked += len(messages)


def _written(ids: list[UUID]) -> dict[tuple[UUID, int], str]:
    """The digests of receipts as the audit facts told them."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [ids])
        return {(message_id, seq): digest for seq, message_id, digest in cursor.fetchall()}


def _verify_one(
    section: Section, message: Message, receipts: list[Receipt], written: dict[tuple[UUID, int], str]
) -> None:
    where = f"exchange message {message.id}"
    if [one.seq for one in receipts] != list(range(1, message.receipts_count + 1)):
        section.fault(where, f"it has {len(receipts)} receipts, {message.receipts_count} were written")
        return
    for receipt in receipts:
        if written.get((message.id, receipt.seq)) != receipt_digest(receipt):
            section.fault(f"{where}, receipt {receipt.seq}", "it differs from the audit fact of its writing")
    try:
        standing = derive(
            direction="out" if message.direction == "out" else "in",
            confirmation_requested=message.confirmation_requested,
            by_mail=message.channel != "aoo",
            kinds=[one.kind for one in receipts],
        )
    except (ImpossibleReceipt, ValueError) as impossible:
        section.fault(where, f"its receipts make no sense: {impossible}")
        return
    if standing_of(message) != standing or message.errand != standing.errand:
        section.fault(
            where,
            f"its receipts say {standing.state}/{standing.errand}/{standing.annulment},"
            f" its row {message.state}/{message.errand}/{message.annulment}",
        )


def _verify_envelopes(section: Section) -> None:
    for wire in WireMessage.across_bodies.order_by("id").iterator(chunk_size=100):
        section.checked += 1
        try:
            digest = sha256(bytes(wire.content)).hex() if wire.content is not None else _of_blob(wire.sha256)
        except BlobMissing:
            section.fault(f"exchange envelope {wire.id}", "its content is not in the blob store")
            continue
        if digest != wire.sha256:
            section.fault(f"exchange envelope {wire.id}", "its content does not agree with its digest")


def _of_blob(name: str) -> str:
    digest = hashlib.sha256()
    with blob_store.get().open(name) as stream:
        for chunk in chunks(stream):
            digest.update(chunk)
    return digest.hexdigest()
