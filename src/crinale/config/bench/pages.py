"""`crinale bench pages`: the server's time for each page of the protocol office, a crowd of rows behind it.

One area has a million registrations and a hundred thousand things that wait (mails to register, documents
assigned to the clerk and to his office), or as many as the time allows to write; the figures say how many.
The pages are asked through the whole of Django in this process: middleware, session, templates. What a
network and a web server add is not in the figures.
"""

from __future__ import annotations

import dataclasses
import random
import time
from typing import TYPE_CHECKING, Any, Final

import psycopg

from crinale.config.bench import crowd
from crinale.config.bench.measure import Measurement, repeat
from crinale.config.bench.throw_away import PASSWORD, PLAN, ThrowAwayNode, throw_away_node

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

MOST_ROWS: Final = 1_000_000
MOST_WAITING: Final = 100_000
LIMIT_MS: Final = 150.0
_LOAD_UNTIL: Final = 0.75  # of the whole time

# What came by mail and waits for a clerk, and what was assigned: half to the clerk, half to his office.
_MAILS = """
insert into exchange_mail (
    id, body_id, mailbox_id, area_id, identity, kind, message_id, outer_message_id, about, blob_sha256, size,
    sender_address, sender_name, subject, sent_at, stored_at, content, text, protocol_name, findings, state,
    reason, decided_by_name)
select gen_random_uuid(), %(body)s, %(mailbox)s, %(area)s, md5(n::text), 'certified', n || '@bench.example',
    n || '@bench.example', '', repeat('0', 64), 2048,
    lower((%(last)s::text[])[1 + (n %% cardinality(%(last)s::text[]))]) || n %% 500 || '@pec.example.it',
    (%(last)s::text[])[1 + (n %% cardinality(%(last)s::text[]))],
    'Domanda di ' || (%(words)s::text[])[1 + (n %% cardinality(%(words)s::text[]))] || ' ' || n,
    now(), now() - n * interval '10 seconds',
    '{"recipients": ["protocollo@pec.bench.example"], "copied": [], "files": []}',
    'Si trasmette quanto in oggetto.', '', '{}',
    'to_register', '', ''
from generate_series(1, %(many)s) as n
"""
_ASSIGNED = """
with chosen as (
    select id, row_number() over (order by number) as n from protocol_registration
    where register_id = %(register)s and year = %(year)s order by number limit %(many)s
)
insert into protocol_assignment (
    id, body_id, registration_id, sequence, office_id, person, person_name, purpose, deadline, note,
    assigned_at, assigned_by_name, state, taken_by_name)
select gen_random_uuid(), %(body)s, id, 1, %(office)s, case when n %% 2 = 0 then %(person)s::uuid end, '',
    'action', current_date + (n %% 60)::int - 20, '', now() - n * interval '1 minute', 'bench', 'waiting', ''
from chosen
"""
_MAILBOX = """
insert into exchange_mailbox (
    id, body_id, area_id, address, certified, imap_host, imap_port, imap_security, smtp_host, smtp_port,
    smtp_security, user_name, folder, after_storing, stored_folder, writes, active, created_at, last_uid,
    last_error)
values (gen_random_uuid(), %s, %s, 'protocollo@pec.bench.example', true, 'localhost', 993, 'tls', 'localhost',
    465, 'tls', 'bench', 'INBOX', 'keep', 'Crinale', '60/2013', false, now(), 0, '')
returning id
"""


def bench(*, seconds: float) -> dict[str, object]:
    """Measure within so many seconds, set-up included; about ten minutes reach the million."""
    begin = time.monotonic()
    with throw_away_node(dataclasses.replace(PLAN, bodies=PLAN.bodies[:1])) as node:
        (register,) = crowd.registers(node)
        rows = crowd.fill(node.owner_url, [register], until=begin + seconds * _LOAD_UNTIL, each=MOST_ROWS)
        waiting = _let_wait(node, register, many=min(MOST_WAITING, max(rows // 2, 1)))
        crowd.settle(node.owner_url, "exchange_mail", "protocol_assignment")
        pages = _pages(node, register, rows)
        each = max(0.5, (begin + seconds - time.monotonic()) / len(pages))
        found = {name: _measure(page, seconds=each) for name, page in pages.items()}
    return {
        "page_p95_ms": max(one.percentile(95) for one in found.values()),
        "limit_ms": LIMIT_MS,
        "slowest": max(found, key=lambda name: found[name].percentile(95)),
        **{f"{name}_p95_ms": one.percentile(95) for name, one in found.items()},
        "requests": sum(one.count for one in found.values()),
        "rows": rows,
        "waiting": waiting,
        "seconds": round(time.monotonic() - begin, 1),
    }


def _let_wait(node: ThrowAwayNode, register: dict[str, Any], *, many: int) -> int:
    from crinale.spine.identity import queries as people
    from crinale.spine.tenancy import queries as tenancy

    clerk = people.person_by_username(PLAN.bodies[0].clerk_username)
    office = tenancy.offices(area_id=register["area"])[0]
    with psycopg.connect(node.owner_url, autocommit=True) as owner:
        found = owner.execute(_MAILBOX, [register["body"], register["area"]]).fetchone()
        values = {
            **register,
            "mailbox": found[0] if found else None,
            "many": many // 2,
            "year": crowd.YEAR,
            "office": office.id,
            "person": clerk.id if clerk else None,
            "words": crowd.WORDS,
            "last": crowd.LAST,
        }
        return sum(owner.execute(statement, values).rowcount for statement in (_MAILS, _ASSIGNED))


def _pages(node: ThrowAwayNode, register: dict[str, Any], rows: int) -> dict[str, Callable[[], str]]:
    """Name the pages that are asked, each with what gives its next address."""
    from django.urls import reverse

    chance = random.Random(1)  # noqa: S311  the same addresses in every run
    with psycopg.connect(node.owner_url) as owner:
        some = [
            str(found[0])
            for found in owner.execute(
                "select id from protocol_registration where register_id = %s and number %% 997 = 1 limit 500",
                [register["register"]],
            )
        ]
        mails = [str(found[0]) for found in owner.execute("select id from exchange_mail limit 500")]

    def at(name: str, *, query: str = "", args: Callable[[], list[str]] = list) -> Callable[[], str]:
        return lambda: reverse(f"protocol_office:{name}", args=args()) + query

    def search() -> str:
        words = "+".join(chance.sample(crowd.WORDS, 2))
        return f"{reverse('protocol_office:search')}?q={words}"

    def name_of() -> str:
        wanted = f"{chance.choice(crowd.FIRST)}+{chance.choice(crowd.LAST)}"
        return f"{reverse('protocol_office:search')}?q={wanted}"

    def deep() -> str:
        number = chance.randint(2, max(2, rows))
        return f"{reverse('protocol_office:registrations')}?before={crowd.YEAR}-{number}"

    boxes = (
        "to_register",
        "mails",
        "to_assign",
        "mine",
        "office",
        "waiting_confirmation",
        "refused",
        "incidents",
    )
    return {
        **{f"queue_{box}": at("queue", query=f"?box={box}") for box in boxes},
        "register": at("registrations"),
        "register_deep": deep,
        "search_words": search,
        "search_name": name_of,
        "registration": at("registration", args=lambda: [chance.choice(some)]),
        "mail": at("mail", args=lambda: [chance.choice(mails)]),
        "counter": at("counter"),
        "outgoing": at("outgoing"),
        "dossiers": at("dossiers"),
        "daily": at("daily"),
        "address_book": at("address_book"),
        "figures": at("figures"),
    }


def _measure(page: Callable[[], str], *, seconds: float) -> Measurement:
    browser = _signed_in()

    def ask() -> None:
        address = page()
        answer = browser.get(address)
        if answer.status_code != 200:
            message = f"{address} answered {answer.status_code}"
            raise RuntimeError(message)
        for _piece in answer:
            pass

    ask()
    return repeat(ask, seconds=seconds)


def _signed_in() -> Client:
    from django.test import Client
    from django.urls import reverse

    browser = Client(HTTP_HOST="localhost")
    answer = browser.post(
        reverse("staff_access:sign_in"),
        {"username": PLAN.bodies[0].clerk_username, "password": PASSWORD},
    )
    if answer.status_code != 302:
        message = f"the sign-in answered {answer.status_code}"
        raise RuntimeError(message)
    return browser
