"""Who searches the logs waits no longer where they are long: each question goes through an index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.spine.audit import queries
from crinale.spine.audit.queries import LogQuestion
from crinale.spine.identity import Actor
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from crinale.config.testing.databases import TestDatabase

    Log = Callable[..., list[Any]]

ROOT = Actor.system("tests")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = 40_000
A_LITTLE = ROWS // 10
LEFT_LONG_AGO = 99
# Two bodies, ten people each, a row a second; one person was here only in the first hundred seconds.
_SHARED = """
select (case n %% 2 when 0 then %(body)s else %(other)s end)::uuid as body,
    %(began)s + n * interval '1 second' as at, 'staff' as kind,
    ('00000000-0000-0000-0000-' || lpad((case when n > 100 then n %% 20 else 99 end)::text, 12, '0'))::uuid
        as person,
    ('00000000-0000-0000-0001-' || lpad((n %% 1000)::text, 12, '0'))::uuid as thing
from generate_series(1, %(rows)s) as n"""
_FACTS = f"""
insert into audit_fact
    (body_id, at, kind, actor_kind, actor_id, actor_name, service, subject_id, payload, leaf, parts)
select body, at, 'key.turned', kind, person, 'Anna', '', thing, '{{}}', sha256('x'), ''
from ({_SHARED}) as made"""
_ACCESSES = f"""
insert into audit_access (id, body_id, at, actor_kind, actor_id, actor_name, service, what, object_id, reason)
select gen_random_uuid(), body, at, kind, person, 'Anna', '', 'registration', thing, ''
from ({_SHARED}) as made"""


@pytest.fixture
def long_logs(fresh_database: TestDatabase) -> UUID:
    """Two bodies with long logs; the identifier of one of them."""
    body = tenancy.create_body(ipa_code="c_f032", name="Massa Marittima", kind="municipality").id
    other = tenancy.create_body(ipa_code="c_i457", name="Sassetta", kind="municipality").id
    values = {"body": body, "other": other, "began": BEGAN, "rows": ROWS}
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute(_FACTS, values)
        owner.execute(_ACCESSES, values)
        owner.execute("analyze audit_fact")
        owner.execute("analyze audit_access")
    return body


def person(number: int) -> UUID:
    return UUID(f"00000000-0000-0000-0000-{number:012}")


def thing(number: int) -> UUID:
    return UUID(f"00000000-0000-0000-0001-{number:012}")


def rows_touched(log: Log, question: LogQuestion, before: Any = None) -> int:
    """How many rows the database looked at to answer, as it says itself."""
    with CaptureQueriesContext(connection) as seen:
        assert log(actor=ROOT, question=question, before=before), "a question with an answer"
    statement = next(one["sql"] for one in reversed(seen.captured_queries) if "audit_" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("explain (analyze, format json, timing off) " + statement)
        (plan,) = cursor.fetchone()
    return _touched(plan[0]["Plan"])


def _touched(node: dict[str, Any]) -> int:
    below = node.get("Plans", [])
    if below:
        return sum(_touched(one) for one in below)
    return int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])


def second(number: int) -> datetime:
    return BEGAN + timedelta(seconds=number)


QUESTIONS = (
    LogQuestion(objects=(thing(4), thing(6))),
    LogQuestion(objects=(thing(4), thing(6)), since=second(600), until=second(1200)),
    LogQuestion(person_id=person(2)),
    LogQuestion(person_id=person(LEFT_LONG_AGO)),
    LogQuestion(person_id=person(2), since=second(600), until=second(1200)),
    LogQuestion(person_id=person(4), objects=(thing(4),)),
    LogQuestion(),
    LogQuestion(since=second(600), until=second(1200)),
    LogQuestion(since=second(ROWS - 600)),
)


@pytest.mark.parametrize("log", [queries.fact_log, queries.access_log])
def test_no_question_reads_more_than_a_little_of_a_long_log(long_logs: UUID, log: Log) -> None:
    with scope(long_logs):
        read = {question: rows_touched(log, question) for question in QUESTIONS}
    assert max(read.values()) <= A_LITTLE, read


@pytest.mark.parametrize("log", [queries.fact_log, queries.access_log])
def test_later_pages_go_on_where_the_last_one_ended(long_logs: UUID, log: Log) -> None:
    question = LogQuestion(person_id=person(2), since=second(600), until=second(2600))
    seen: list[Any] = []
    with scope(long_logs):
        while page := log(actor=ROOT, question=question, before=seen[-1].id if seen else None, limit=30):
            seen += page
        assert rows_touched(log, question, before=seen[29].id) <= A_LITTLE
    instants = [one.at for one in seen]
    assert instants == sorted(instants, reverse=True)
    assert len({one.id for one in seen}) == len(seen) == 100


@pytest.mark.django_db
def test_rows_written_at_once_are_paged_by_their_number(turn: Callable[..., None], body_id: UUID) -> None:
    turn(*(f"door {number}" for number in range(7)))
    with scope(body_id):
        question = LogQuestion(objects={body_id})
        whole = [one.id for one in queries.fact_log(actor=ROOT, question=question)]
        assert whole == sorted(whole, reverse=True)
        after = queries.fact_log(actor=ROOT, question=question, before=whole[2])
        assert [one.id for one in after] == whole[3:]
        assert queries.fact_log(actor=ROOT, question=question, before=max(whole) + 1) == []
