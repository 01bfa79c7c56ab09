"""Crowds of rows to measure among, as the database writes them itself, in batches, under its owner.

Registrations have a sender and a search entry: what a list or a search reads is there; segnature and files,
which none of them reads, are not. Their numbers lie in a year of their own.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crinale.config.bench.throw_away import ThrowAwayNode

BATCH_ROWS: Final = 10_000
# A year of its own, so that the numbers do not meet those that measuring processes take.
YEAR: Final = 2020
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

WORDS, FIRST, LAST = _WORDS_TEXT.split(), _FIRST_TEXT.split(), _LAST_TEXT.split()

REGISTRATIONS = """
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
        'bench', case when number %% 10 = 0 then 'incoming' else 'outgoing' end, 'unsealed', subject, false,
        %(heading)s, 'email', '', '', '', '',
        repeat('0', 64), %(heading)s, '', '', ''
    from made
), written as (
    insert into protocol_party (id, body_id, registration_id, role, position, name, data)
    select gen_random_uuid(), %(body)s, id, 'sender', 0, name,
        jsonb_build_object('kind', 'legal_person', 'name', name,
                           'email', lower(replace(name, ' ', '.')) || (number %% 500) || '@pec.example.it')
    from made
)
insert into search_entry (id, body_id, area_id, kind, year, number, title, names, restricted, occurred_at)
select id, %(body)s, %(area)s, 'registration', %(year)s, number, subject, name, false, at from made
"""


def registers(node: ThrowAwayNode) -> Iterator[dict[str, Any]]:
    """Give, for each area of the node, what the statements above need to know of it."""
    with psycopg.connect(node.owner_url) as owner:
        for body_id, area_id in node.areas:
            found = owner.execute(
                "select register.id, (select id from records_classificationentry where body_id = %s limit 1)"
                " from protocol_register as register where area_id = %s and kind = 'ordinary'",
                [body_id, area_id],
            ).fetchone()
            assert found is not None  # noqa: S101  loaded with the node
            yield {"body": body_id, "area": area_id, "register": found[0], "heading": found[1]}


def fill(url: str, into: Sequence[dict[str, Any]], *, until: float, each: int) -> int:
    """Write registrations into some registers, in turn, until each has so many or the time is over."""
    rows, first = 0, 1
    constants = {
        "year": YEAR,
        "start": f"{YEAR}-01-02T00:00:00Z",
        "words": WORDS,
        "word_count": len(WORDS),
        "first": FIRST,
        "last": LAST,
    }
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("set synchronous_commit = off")
        while first <= each and (not rows or time.monotonic() < until):
            last = min(first + BATCH_ROWS // len(into), each + 1) - 1
            for register in into:
                if rows and time.monotonic() >= until:
                    break
                owner.execute(REGISTRATIONS, {**constants, **register, "from": first, "to": last})
                rows += last - first + 1
            first = last + 1
    return rows


def settle(url: str, *tables: str) -> None:
    """Do what autovacuum does by itself in quieter times: pending words of an index go to their place."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("vacuum analyze search_entry")
        for table in ("protocol_registration", "protocol_party", *tables):
            owner.execute(f"vacuum analyze {table}".encode())
