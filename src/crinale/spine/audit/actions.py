"""Sealing: the facts of finished transactions enter a batch, and the batch enters the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from crinale.kernel import clock
from crinale.spine.audit import ports, sealing
from crinale.spine.audit.models import Batch, BatchTimestamp
from crinale.spine.audit.writing import access, write, write_many

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["access", "seal", "stamp_batches", "write", "write_many"]

FACTS_PER_BATCH = 10_000
_LOCK = 0x6372_6175_6469_74


def seal() -> int:
    """Seal the facts of all finished transactions; return how many batches it took.

    Transactions still open keep their facts for a later batch: everything below the oldest open one is
    complete.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        last = Batch.objects.defer("entries").order_by("-number").first()
        cursor.execute(
            "select id, txid, leaf, horizon, floor_id from audit_unsealed(%s, %s, %s)",
            [last.through_txid, last.floor_id, last.max_fact_id] if last else [0, 0, 0],
        )
        batches = 0
        while rows := cursor.fetchmany(FACTS_PER_BATCH):
            entries = [sealing.Entry(fact_id, txid, bytes(leaf)) for fact_id, txid, leaf, _, _ in rows]
            last = _append(last, entries, through_txid=rows[0][3], floor_id=rows[0][4])
            batches += 1
    return batches


def stamp_batches(*, limit: int = 10) -> int:
    """Have the time-stamp authority, if one is bound, stamp the newest batches that have no token yet."""
    if not ports.timestamp_authority.is_bound:
        return 0
    waiting = Batch.objects.defer("entries").filter(batchtimestamp=None).order_by("-number")[:limit]
    for batch in waiting:
        token = ports.timestamp_authority.get().stamp(bytes(batch.link))
        BatchTimestamp(batch=batch, token=token, at=clock.now()).save(force_insert=True)
    return len(waiting)


def _append(
    last: Batch | None, entries: Sequence[sealing.Entry], *, through_txid: int, floor_id: int
) -> Batch:
    packed = sealing.pack(entries)
    batch = Batch(
        number=last.number + 1 if last else 1,
        previous=bytes(last.link) if last else sealing.NO_PREVIOUS,
        root=sealing.root_of(packed),
        fact_count=len(entries),
        entries=packed,
        through_txid=through_txid,
        floor_id=floor_id,
        max_fact_id=max(last.max_fact_id if last else 0, *(entry.fact_id for entry in entries)),
        sealed_at=clock.now(),
    )
    batch.link = sealing.link(
        number=batch.number,
        previous=bytes(batch.previous),
        root=bytes(batch.root),
        fact_count=batch.fact_count,
        through_txid=batch.through_txid,
        floor_id=batch.floor_id,
        max_fact_id=batch.max_fact_id,
        sealed_at=batch.sealed_at,
    )
    batch.save(force_insert=True)
    return batch
