"""`crinale bench exchange`: complete exchanges per second between two nodes: real processes, real TLS.

One exchange is all of it: store a document of 50 KB, register, seal, send, verify there, register there,
confirm, and store the confirmation. Senders keep some exchanges under way; what counts is the receipts that
came back.
"""

from __future__ import annotations

import io
import os
import shutil
import time
from functools import partial
from typing import TYPE_CHECKING

from crinale.config.bench.measure import percentile
from crinale.config.demo import network
from crinale.config.demo.homes import DemoHome
from crinale.config.demo.running import DemoNetwork
from crinale.config.embedded_postgres import scratch_home
from crinale.config.node import NodeHome

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT_BYTES = 50 * 1024
UNDER_WAY = 24
SENDERS = 2
# As many as the cores of the reference machine: more would wait for one another, and their calls with them.
WORKER_THREADS = 2
_TAIL_SECONDS = 2.0
_WARM_UP_SECONDS = 1.0
_SHORTEST = 2.0
_LOOK_SECONDS = 0.03
_SENDER, _RECIPIENT = network.SENDER, network.RECIPIENT
_CLASSIFICATION = "1.15"

_COUNT = (
    "select count(*) from exchange_message where direction = 'out' and state not in ('registered', 'refused')"
)
_RESULT = """
select receipt.kind, (receipt.data ->> 'round_trip_ms')::float, extract(epoch from receipt.at)::float
from exchange_receipt as receipt join exchange_message as message on message.id = receipt.message_id
where message.direction = 'out' and receipt.at >= to_timestamp(%s) and receipt.at < to_timestamp(%s)
"""


def bench(*, seconds: float) -> dict[str, object]:
    """Measure within so many seconds, set-up included."""
    begin = time.monotonic()
    root = scratch_home("crinale-bench-")
    plans = tuple(network.node_of_area(body.aoo_code) for body in (_SENDER, _RECIPIENT))
    running = DemoNetwork(DemoHome(root), plans)
    try:
        for plan in plans:
            NodeHome(root / plan.name).update_settings(worker={"concurrency": WORKER_THREADS})
        running.start()
        left = seconds - (time.monotonic() - begin) - _TAIL_SECONDS
        figures = _measure(running, seconds=max(_SHORTEST, left))
    finally:
        running.stop()
        shutil.rmtree(root, ignore_errors=True)
    return {**figures, "seconds": round(time.monotonic() - begin, 1)}


def _measure(running: DemoNetwork, *, seconds: float) -> dict[str, object]:
    name = network.node_of_area(_SENDER.aoo_code).name
    start = time.time() + _WARM_UP_SECONDS
    end = start + seconds - _WARM_UP_SECONDS
    senders = [running.run_on(name, partial(_send_until, end, index)) for index in range(SENDERS)]
    while any(sender.poll() is None for sender in senders):
        list(running.look())
        time.sleep(0.1)
    report = running.home.root / "figures"
    running.run_on(name, lambda: _write_figures(report, start, end)).wait()
    return _read_figures(report, end - start)


def _send_until(end: float, index: int) -> None:
    """Keep exchanges under way until the time is over; in a process of the sender's node."""
    from django.db import connection

    from crinale.config.demo import journey
    from crinale.spine import tenancy
    from crinale.spine.exchange import actions as exchange
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import EnclosureData
    from crinale.spine.records import actions as records

    actor = Actor.system("bench")
    area = journey.sending_area(_SENDER.aoo_code)
    recipient = journey.recipient(_RECIPIENT.aoo_code)
    body = os.urandom(DOCUMENT_BYTES // 2).hex().encode()
    number = 0
    with tenancy.scope(area.body_id):
        while time.time() < end:
            with connection.cursor() as cursor:
                cursor.execute(_COUNT)
                waiting = cursor.fetchone()[0]
            if waiting > UNDER_WAY - SENDERS:
                time.sleep(_LOOK_SECONDS)
                continue
            for _ in range((UNDER_WAY - waiting) // SENDERS):
                number += 1
                content = b"%d %d\n" % (index, number) + body
                stored = records.store_document(
                    actor=actor, file_name="relazione.txt", stream=io.BytesIO(content[:DOCUMENT_BYTES])
                )
                exchange.register_and_send(
                    actor=actor,
                    area_id=area.id,
                    subject=f"Relazione sullo stato della viabilità numero {number}",
                    classification=_CLASSIFICATION,
                    recipients=[recipient],
                    documents=[EnclosureData(document_id=stored.id)],
                )


def _write_figures(report: Path, start: float, end: float) -> None:
    import json

    from django.db import connection

    from crinale.config.demo import journey
    from crinale.spine import tenancy

    with tenancy.scope(journey.sending_area(_SENDER.aoo_code).body_id), connection.cursor() as cursor:
        cursor.execute(_RESULT, [start, end])
        report.write_text(json.dumps(cursor.fetchall()))


def _read_figures(report: Path, seconds: float) -> dict[str, object]:
    import json

    rows = json.loads(report.read_text())
    trips = sorted(milliseconds for kind, milliseconds, _ in rows if kind == "accepted")
    complete = sum(kind == "registered" for kind, _, _ in rows)
    return {
        "exchanges_per_second": round(complete / seconds, 1),
        "inoltro_p50_ms": percentile(trips, 50),
        "inoltro_p98_ms": percentile(trips, 98),
        "exchanges": complete,
        "refused": sum(kind in {"refused", "refused_at_door"} for kind, _, _ in rows),
        "failed_attempts": sum(kind == "attempt_failed" for kind, _, _ in rows),
        "document_bytes": DOCUMENT_BYTES,
        "under_way": UNDER_WAY,
    }
