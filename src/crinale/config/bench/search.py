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
from typing import TYPE_CHECKING

import psycopg

from crinale.config.bench.measure import Measurement, Step, percentile, repeat
from crinale.config.bench.register import registrations
from crinale.config.bench.throw_away import ThrowAwayNode, throw_away_node
from crinale.config.demo import network
from crinale.config.demo.network import NodePlan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AREAS = 10
MOST_ROWS = 1_000_000
BATCH_ROWS = 10_000
LOADERS = 2
LIMIT_MS = 50.0
# Shares of the whole time: when loading stops, and how long each search and each registering is measured.
_LOAD_UNTIL, _SEARCH_SHARE, _REGISTER_SHARE = 0.55, 0.05, 0.06
_WORDS_TEXT = """
concessione edilizia autorizzazione paesaggistica convenzione biblioteca archivio strada comunale
manutenzione acquedotto fognatura illuminazione pubblica scuola mensa trasporto alunni contributo
associazione sportiva occupazione suolo mercato settimanale bando concorso istruttore contabile ruolo
tributi rimborso ordinanza viabilità cantiere frana bosco taglio miniera museo teatro cattedrale restauro
verbale giunta consiglio deliberazione determina impegno spesa liquidazione fattura fornitura gara appalto
collaudo certificato residenza anagrafe stato civile elettorale notifica sanzione ricorso istanza accesso
agricoltura cinghiale caccia pesca
"""
_FIRST_TEXT = """
Anna Bruno Carla Dino Elena Fabio Gina Ivo Laura Mario Nora Pietro Rita Sergio Tina Ugo
"""
_LAST_TEXT = """
Rossi Bianchi Bartolini Cerboni Fabbri Galeotti Lenzi Martini Nencini Orlandi Pieraccini Ricci Salvadori
Tanganelli Ulivieri Vannini Zani Biagioni Ceccarelli Donati
"""

_WORDS, _FIRST, _LAST = _WORDS_TEXT.split(), _FIRST_TEXT.split(), _LAST_TEXT.split()

_INSERT = """
with made as (
    select gen_random_uuid() as id, source.n as number,
        %(start)s::timestamptz + source.n * interval '20 seconds' as at,
        (select string_agg((%(words)s::text[])[1 + floor(random() * %(word_count)s)::int], ' ')
         from generate_series(1, 8 + (source.n %% 2)::int)) || ' ' || source.n as subject,
        (%(first)s::text[])[1 + floor(random() * cardinality(%(first)s::text[]))::int] || ' ' ||
        (%(last)s::text[])[1 + floor(random() * cardinality(%(last)s::text[]))::int] as name
    from generate_series(%(from)s::bigint, %(to)s::bigint) as source(n)
), registered as (
    insert into protocol_registration (
        id, body_id, area_id, register_id, year, number, registered_at, legal_date, registered_by_name,
        direction, state, subject, confidential, classification_id, channel, received_ipa_code,
        received_aoo_code, received_register_code, received_number, digest, current_classification_id,
        annulled_by_name, annulment_act, annulment_reason)
    select id, %(body)s, %(area)s, %(register)s, %(year)s, number, at, (at at time zone 'Europe/Rome')::date,
        'bench', 'incoming', 'unsealed', subject, false, %(heading)s, 'mail', '', '', '', '', repeat('0', 64),
        %(heading)s, '', '', ''
    from made
)
insert into search_entry (id, body_id, area_id, kind, year, number, title, names, restricted, occurred_at)
select id, %(body)s, %(area)s, 'registration', %(year)s, number, subject, name, false, at from made
"""


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
    registers = list(_registers(node))
    each = MOST_ROWS // AREAS
    work = [registers[index::LOADERS] for index in range(LOADERS)]
    with ThreadPoolExecutor(LOADERS) as pool:
        rows = sum(pool.map(partial(_load_areas, node.owner_url, until=until, each=each), work))
    with psycopg.connect(node.owner_url, autocommit=True) as owner:
        # What autovacuum does by itself in quieter times: the pending words of the index go to their place.
        owner.execute("vacuum analyze search_entry")
        owner.execute("analyze protocol_registration")
    return rows


def _registers(node: ThrowAwayNode) -> Iterator[dict[str, object]]:
    with psycopg.connect(node.owner_url) as owner:
        for body_id, area_id in node.areas:
            found = owner.execute(
                "select register.id, (select id from records_classificationentry where body_id = %s limit 1)"
                " from protocol_register as register where area_id = %s",
                [body_id, area_id],
            ).fetchone()
            assert found is not None  # noqa: S101  loaded with the node
            yield {"body": body_id, "area": area_id, "register": found[0], "heading": found[1]}


def _load_areas(url: str, registers: Sequence[dict[str, object]], *, until: float, each: int) -> int:
    # A year of its own, so that the numbers do not meet those that the measuring processes take.
    year, rows, first = 2020, 0, 1
    constants = {"year": year, "start": f"{year}-01-02T00:00:00Z", "words": _WORDS, "word_count": len(_WORDS)}
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("set synchronous_commit = off")
        while first <= each and (not rows or time.monotonic() < until):
            last = min(first + BATCH_ROWS // len(registers), each + 1) - 1
            for register in registers:
                if rows and time.monotonic() >= until:
                    break
                parameters = {
                    **constants,
                    **register,
                    "from": first,
                    "to": last,
                    "first": _FIRST,
                    "last": _LAST,
                }
                owner.execute(_INSERT, parameters)
                rows += last - first + 1
            first = last + 1
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
            return f"{chance.randint(1, BATCH_ROWS // 5)}/2020"
        if kind == "name":
            return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
        return " ".join(chance.sample(_WORDS, 2))

    def search() -> None:
        body_id, area_id = chance.choice(node.areas)
        with tenancy.scope(body_id):
            queries.find(area_ids=[area_id], text=text(), limit=25)

    step: Step = search
    step()
    measured = repeat(step, seconds=seconds)
    connections.close_all()
    return measured
