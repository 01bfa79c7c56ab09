"""What the system promises about facts: they come with the change, stay as they are, and are their body's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from crinale.kernel import clock
from crinale.kernel.ids import new_id
from crinale.spine import audit
from crinale.spine.audit import facts, queries
from crinale.spine.audit.tests.conftest import ANNA, KeyTurned
from crinale.spine.identity import Actor, Forbidden
from crinale.spine.tenancy import ScopeMissing, no_scope, scope
from crinale.spine.tenancy import actions as tenancy

if TYPE_CHECKING:
    from collections.abc import Callable

    from crinale.config.testing.databases import TestDatabase

SYSTEM = Actor.system("tests")
NOW = datetime(2026, 11, 23, 12, 0, 0, 5, tzinfo=UTC)


@pytest.mark.django_db
def test_a_fact_tells_who_what_and_when(body_id: UUID, turn: Callable[..., None]) -> None:
    with clock.frozen(NOW):
        turn("città, «porta»")
    with scope(body_id):
        (found,) = queries.facts_about(body_id)
    assert (found.kind, found.at, found.actor_name, found.service) == (
        "key.turned",
        NOW,
        "Anna Neri",
        "protocol_office",
    )
    assert found.payload == {"door": "città, «porta»", "times": 1}


@pytest.mark.django_db
def test_another_body_sees_no_facts_and_nobody_sees_the_node_s(
    body_id: UUID, turn: Callable[..., None]
) -> None:
    other = tenancy.create_body(ipa_code="c_i451", name="Sassetta", kind="municipality")
    turn("north")
    with no_scope(), transaction.atomic():
        audit.write(KeyTurned(door="of the node"), actor=SYSTEM)
    with scope(other.id):
        assert queries.facts(actor=SYSTEM) == []
        assert queries.facts_about(body_id) == []
    with scope(body_id):
        assert [fact.payload["door"] for fact in queries.facts(actor=SYSTEM)] == ["north"]
    with no_scope(), connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_fact")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_a_fact_cannot_be_written_for_another_body(body_id: UUID) -> None:
    insert = (
        "insert into audit_fact (body_id, at, kind, actor_kind, actor_name, service, payload, leaf, parts)"
        " values (%s, now(), 'key.turned', 'staff', 'A', '', '{}', sha256('x'), '')"
    )
    for claimed in (new_id(), None):
        with scope(body_id), pytest.raises(DatabaseError, match="row-level"), transaction.atomic():
            connection.cursor().execute(insert, [claimed])


def test_without_a_transaction_there_is_no_fact(fresh_database: TestDatabase) -> None:
    with pytest.raises(audit.NotInTransaction):
        audit.write(KeyTurned(door="north"), actor=ANNA)


def test_a_fact_goes_with_its_change(
    fresh_database: TestDatabase, body_id: UUID, turn: Callable[..., None]
) -> None:
    def fail() -> None:
        with transaction.atomic():
            turn("north")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with scope(body_id):
        assert queries.facts(actor=SYSTEM) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "update audit_fact set kind = 'x.y'",
        "delete from audit_fact",
        "truncate audit_fact",
        "drop table audit_fact",
    ],
)
def test_the_application_cannot_touch_facts(body_id: UUID, turn: Callable[..., None], statement: str) -> None:
    turn("north")
    with scope(body_id), pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db
def test_reading_facts_needs_a_permission_and_pages(body_id: UUID, turn: Callable[..., None]) -> None:
    turn("a", "b", "c")
    with scope(body_id):
        with pytest.raises(Forbidden):
            queries.facts(actor=ANNA)
        newest = queries.facts(actor=SYSTEM, limit=2, kind="key.turned")
        rest = queries.facts(actor=SYSTEM, before=newest[-1].id)
    assert [fact.payload["door"] for fact in newest + rest] == ["c", "b", "a"]


@pytest.mark.django_db
def test_reads_of_personal_data_are_noted(body_id: UUID) -> None:
    seen = new_id()
    with pytest.raises(ScopeMissing):
        audit.access(actor=ANNA, what="registration", object_id=seen)
    with scope(body_id), clock.frozen(NOW):
        audit.access(actor=ANNA, what="registration", object_id=seen, reason="search")
        (found,) = queries.accesses(actor=SYSTEM, object_id=seen)
    assert (found.at, found.actor_name, found.what, found.reason) == (
        NOW,
        "Anna Neri",
        "registration",
        "search",
    )


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Part:
    day: date
    sum: Decimal


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (datetime(2026, 7, 1, 14, tzinfo=UTC).astimezone(clock.ROME), "2026-07-01T14:00:00.000000+00:00"),
        (Part(day=date(2026, 7, 1), sum=Decimal("1.50")), {"day": "2026-07-01", "sum": "1.50"}),
        ((Colour.RED, b"\x01\xff", None, True, 7), ["red", "01ff", None, True, 7]),
        ({"b": {2, 1}, 3: "x"}, {"b": [1, 2], "3": "x"}),
    ],
)
def test_values_have_one_spelling(value: Any, said: Any) -> None:
    assert facts.plain(value) == said


@pytest.mark.parametrize("value", [1.5, object(), {"a": [0.1]}])
def test_values_without_one_spelling_are_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        facts.plain(value)


@pytest.mark.parametrize("kind", ["turned", "Key.Turned", "key turned", "key.", "key.turned"])
def test_a_kind_is_subject_and_verb_and_one_class_s(kind: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        type("Another", (audit.Fact,), {"kind": kind})
    assert "key.turned" in facts.kinds()
