"""`crinale bench register`: outgoing registrations per second, beside the limits of the machine.

Every registration takes a number, builds and seals its segnatura, enters the search index and writes its
audit fact in one durable transaction. The document is stored before, as Allegato 6 has it (steps A and B);
each process registers the one that it stored.
"""

from __future__ import annotations

import io
import time
from functools import partial
from typing import TYPE_CHECKING

from crinale.config.bench import limits
from crinale.config.bench.measure import Measurement, Step, repeat_in_processes
from crinale.config.bench.throw_away import ThrowAwayNode, throw_away_node

if TYPE_CHECKING:
    from uuid import UUID

PROCESSES = 4
SUBJECT = "Trasmissione del verbale della conferenza dei servizi del bacino delle Colline Metallifere"
CLASSIFICATION = "1.15"
# Shares of the time that is left after the set-up; the rest goes to starting processes and cleaning up.
_SHARES = {"one": 0.24, "five": 0.24, "unsealed": 0.16, "commits": 0.1, "signatures": 0.08}
_SHORTEST = 1.0


def bench(*, seconds: float) -> dict[str, object]:
    """Measure within so many seconds, set-up included."""
    begin = time.monotonic()
    with throw_away_node() as node:
        left = max(seconds - (time.monotonic() - begin), 0)
        spend = {name: max(_SHORTEST, left * share) for name, share in _SHARES.items()}
        commits = limits.bare_commits(owner_url=node.owner_url, processes=PROCESSES, seconds=spend["commits"])
        signatures = limits.bare_signatures(processes=PROCESSES, seconds=spend["signatures"])
        one = registrations(node, areas=1, seconds=spend["one"])
        five = registrations(node, areas=5, seconds=spend["five"])
        unsealed = registrations(node, areas=1, seconds=spend["unsealed"], seal=False)
    return {
        "registrations_per_second_one_aoo": one.per_second,
        "registrations_per_second_five_aoo": five.per_second,
        "registrations_per_second_one_aoo_unsealed": unsealed.per_second,
        "registration_p50_ms": one.percentile(50),
        "registration_p98_ms": one.percentile(98),
        "registrations": one.count + five.count + unsealed.count,
        "bare_commits_per_second": commits.per_second,
        "bare_signatures_per_second": signatures.per_second,
        "processes": PROCESSES,
        "seconds": round(time.monotonic() - begin, 1),
    }


def registrations(
    node: ThrowAwayNode, *, areas: int, seconds: float, seal: bool = True, processes: int | None = None
) -> Measurement:
    """Register from several processes, spread over so many areas."""
    count = processes or max(PROCESSES, areas)
    prepare = partial(_prepare, node.areas[:areas], seal)
    return repeat_in_processes(prepare, processes=count, seconds=seconds)


def _prepare(areas: tuple[tuple[UUID, UUID], ...], seal: bool, index: int) -> Step:  # noqa: FBT001  bound by partial
    from crinale.spine import tenancy
    from crinale.spine.identity import Actor
    from crinale.spine.protocol import actions as protocol
    from crinale.spine.protocol.queries import EnclosureData, PartyData
    from crinale.spine.records import actions as records

    body_id, area_id = areas[index % len(areas)]
    actor = Actor.system("bench")
    recipient = PartyData(
        kind="administration",
        name="Comune di Piombino",
        ipa_code="c_g687",
        aoo_code="AG68701",
        aoo_name="Protocollo",
    )
    with tenancy.scope(body_id):
        stored = records.store_document(
            actor=actor, file_name="verbale.txt", stream=io.BytesIO(f"verbale {index}\n".encode() * 512)
        )
    documents = [EnclosureData(document_id=stored.id)]

    def register() -> None:
        with tenancy.scope(body_id):
            protocol.register_outgoing(
                actor=actor,
                area_id=area_id,
                subject=SUBJECT,
                classification=CLASSIFICATION,
                recipients=[recipient],
                documents=documents,
                seal=seal,
            )

    return register
