"""`crinale bench search`: number, name and word searches among a million registrations in ten areas.

The registrations are written by the database itself, as its owner, in batches: as many as the given time
allows, up to a million, and the figures say how many. What a search reads is there (registrations and their
search entries); their segnature, which no search reads, are not.
"""

from __future__ import annotations

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from crinale.config.bench import crowd
from crinale.config.bench.measure import Measurement, Step, percentile, repeat
from crinale.config.bench.register import registrations
from crinale.config.bench.throw_away import ThrowAwayNode, throw_away_node
from crinale.config.demo import network
from crinale.config.demo.network import NodePlan

AREAS = 10
MOST_ROWS = 1_000_000
LOADERS = 2
LIMIT_MS = 50.0
# Shares of the whole time: when loading stops, and how long each search and each registering is measured.
_LOAD_UNTIL, _SEARCH_SHARE, _REGISTER_SHARE = 0.55, 0.05, 0.06


def plan() -> NodePlan:
    """Ten areas: the eight of the demonstration, and two more."""
    bodies = network.bodies()
    more = (
        dataclasses.replace(
            network.SASSETTA,
            key=f"comune-{number}",
            ipa_code=f"c_z{number:03}",
            name=f"Comune di prova {number}",
            aoo_code=f"AZ0000{number % 10}",
            clerk_last_name=f"Prova{number}",
        )
        for number in range(len(bodies), AREAS)
    )
    return NodePlan("bench", "Throw-away node", (*bodies, *more))


def bench(*, seconds: float) -> dict[str, object]:
    """Measure within so many seconds, set-up included; about five minutes reach the million."""
    begin = time.monotonic()
    with throw_away_node(plan()) as node:
        spend = seconds * _REGISTER_SHARE
        before = registrations(node, areas=1, seconds=max(1.0, spend))
        rows = _load(node, until=begin + seconds * _LOAD_UNTIL)
        after = registrations(node, areas=1, seconds=max(1.0, spend))
        found = {
            kind: _search(node, kind, seconds=max(0.3, seconds * _SEARCH_SHARE))
            for kind in ("number", "name", "words")
        }
    times = sorted(value for one in found.values() for value in one.milliseconds)
    slower = 1 - after.per_second / before.per_second if before.per_second else 0.0
    return {
        # Of the slowest kind: numbers are found so fast that they would hide the others.
        "search_p95_ms": max(one.percentile(95) for one in found.values()),
        "search_p50_ms": percentile(times, 50),
        **{f"search_{kind}_p95_ms": one.percentile(95) for kind, one in found.items()},
        "searches": len(times),
        "rows": rows,
        "areas": AREAS,
        "registrations_per_second_first": before.per_second,
        "registrations_per_second_last": after.per_second,
        "registering_slower_percent": round(100 * slower, 1),
        "seconds": round(time.monotonic() - begin, 1),
    }


def _load(node: ThrowAwayNode, *, until: float) -> int:
    """Write registrations from several connections until the time is over or the million is there."""
    registers = list(crowd.registers(node))
    each = MOST_ROWS // AREAS
    work = [registers[index::LOADERS] for index in range(LOADERS)]
    with ThreadPoolExecutor(LOADERS) as pool:
        rows = sum(pool.map(partial(crowd.fill, node.owner_url, until=until, each=each), work))
    crowd.settle(node.owner_url)
    return rows


def _search(node: ThrowAwayNode, kind: str, *, seconds: float) -> Measurement:
    """Search as the application does, in one area after the other, each time for something else."""
    import random

    from django.db import connections

    from crinale.spine import tenancy
    from crinale.spine.search import queries

    chance = random.Random(1)  # noqa: S311  the same searches in every run

    def text() -> str:
        if kind == "number":
            return f"{chance.randint(1, crowd.BATCH_ROWS // 5)}/{crowd.YEAR}"
        if kind == "name":
            return f"{chance.choice(crowd.FIRST)} {chance.choice(crowd.LAST)}"
        return " ".join(chance.sample(crowd.WORDS, 2))

    def search() -> None:
        body_id, area_id = chance.choice(node.areas)
        with tenancy.scope(body_id):
            queries.find(area_ids=[area_id], text=text(), limit=25)

    step: Step = search
    step()
    measured = repeat(step, seconds=seconds)
    connections.close_all()
    return measured
