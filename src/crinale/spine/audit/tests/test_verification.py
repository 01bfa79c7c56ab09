"""What the system promises: one flipped byte is found, wherever it is, and the report says where."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connection, transaction

from crinale.kernel import clock
from crinale.spine import audit
from crinale.spine.audit import actions, overdue, ports, queries, sealing, verification
from crinale.spine.audit.checking import NotTheOwner
from crinale.spine.audit.models import Batch, BatchTimestamp
from crinale.spine.audit.tests.conftest import ANNA, KeyTurned
from crinale.spine.tenancy import no_scope, scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from uuid import UUID

    from crinale.config.testing.databases import TestDatabase
    from crinale.spine.audit.verification import VerifyReport


@pytest.fixture
def verify(as_owner: Callable[[], AbstractContextManager[None]]) -> Callable[[], VerifyReport]:
    """Verify as the owner."""

    def run() -> VerifyReport:
        with as_owner():
            return queries.verify()

    return run


@pytest.fixture
def sealed(fresh_database: TestDatabase, turn: Callable[..., None], seal: Callable[[], int]) -> None:
    """Three batches of facts, two each, and one fact that is not sealed yet."""
    for doors in (("a", "b"), ("c", "d"), ("e", "f")):
        turn(*doors)
        assert seal() == 1
    turn("g")


def tamper(database: TestDatabase, statement: str) -> None:
    """Change what may not be changed, as somebody could who has the owner's password."""
    tables = ("audit_fact", "audit_batch")
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        for table in tables:
            owner.execute(f"alter table {table} disable trigger user".encode())
        assert owner.execute(statement.encode()).rowcount == 1
        for table in tables:
            owner.execute(f"alter table {table} enable trigger user".encode())


def flipped(column: str) -> str:
    return f"set_byte({column}, 0, get_byte({column}, 0) # 1)"


@pytest.mark.usefixtures("sealed")
def test_what_was_written_verifies(verify: Callable[[], VerifyReport]) -> None:
    report = verify()
    assert report.ok
    assert (report.facts, report.unsealed, report.batches) == (6, 1, 3)
    assert report.sections[0].checked == 7
    with no_scope():
        assert report.head == bytes(Batch.objects.get(number=3).link).hex()


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "'key.lost'"),
        ("payload", """'{"door": "C", "times": 1}'"""),
        ("payload", """'{"door": "c", "times": 2}'"""),
        ("at", "at + interval '1 microsecond'"),
        ("actor_name", "'Anna Nero'"),
        ("actor_kind", "'system'"),
        ("actor_id", "gen_random_uuid()"),
        ("service", "''"),
        ("subject_id", "null"),
        ("body_id", "null"),
        ("txid", "txid + 1"),
        ("leaf", flipped("leaf")),
        ("parts", flipped("parts")),
    ],
)
def test_a_changed_fact_is_named_with_its_column(
    fresh_database: TestDatabase, verify: Callable[[], VerifyReport], column: str, value: str
) -> None:
    tamper(fresh_database, f"update audit_fact set {column} = {value} where payload ->> 'door' = 'c'")
    report = verify()
    assert not report.ok
    (finding,) = report.findings
    assert finding.where.startswith("fact 3 (key.")
    assert "batch 2" in finding.where
    assert finding.what == f"column {column}: not as it was written"


@pytest.mark.usefixtures("sealed")
def test_whoever_rewrites_a_fact_with_its_digests_is_found_by_the_batch(
    fresh_database: TestDatabase, verify: Callable[[], VerifyReport], as_owner: Callable[..., Any]
) -> None:
    tamper(
        fresh_database,
        "update audit_fact f set payload = g.payload, leaf = g.leaf, parts = g.parts"
        " from audit_fact g where f.id = 3 and g.id = 4",
    )
    (finding,) = verify().findings
    assert finding.where.startswith("fact 3 ")
    assert "batch 2" in finding.where


@pytest.mark.usefixtures("sealed")
def test_an_unsealed_fact_is_checked_too(
    fresh_database: TestDatabase, verify: Callable[[], VerifyReport]
) -> None:
    tamper(fresh_database, "update audit_fact set service = 'x' where payload ->> 'door' = 'g'")
    (finding,) = verify().findings
    assert finding.where == "fact 7 (key.turned, not yet sealed)"
    assert finding.what.startswith("column service")


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize(
    "column",
    [
        "previous",
        "root",
        "link",
        "entries",
        "fact_count",
        "through_txid",
        "floor_id",
        "max_fact_id",
        "sealed_at",
    ],
)
def test_a_changed_batch_is_named(
    fresh_database: TestDatabase, verify: Callable[[], VerifyReport], column: str
) -> None:
    value = {
        "sealed_at": "sealed_at + interval '1 microsecond'",
        **dict.fromkeys(("fact_count", "through_txid", "floor_id", "max_fact_id"), f"{column} + 1"),
    }.get(column, flipped(column))
    tamper(fresh_database, f"update audit_batch set {column} = {value} where number = 2")
    report = verify()
    assert not report.ok
    assert report.findings[0].where == "batch 2"
    assert all("batch 2" in finding.where or finding.where == "batch 3" for finding in report.findings[:2])


@pytest.mark.usefixtures("sealed")
def test_a_removed_fact_and_a_removed_batch_are_missed(
    fresh_database: TestDatabase, verify: Callable[[], VerifyReport]
) -> None:
    tamper(fresh_database, "delete from audit_fact where id = 4")
    (finding,) = verify().findings
    assert finding.where == "fact 4 (batch 2)"
    tamper(fresh_database, "delete from audit_batch where number = 2")
    whats = [finding.what for finding in verify().findings]
    assert any("batch 2 should come here" in what for what in whats)


@pytest.mark.usefixtures("sealed")
def test_a_fact_slipped_in_among_the_sealed_ones_is_found(
    fresh_database: TestDatabase, verify: Callable[[], VerifyReport]
) -> None:
    tamper(
        fresh_database,
        "with gone as (delete from audit_fact where id = 1) insert into audit_fact overriding system value"
        " select 0, body_id, txid, at, kind, actor_kind, actor_id, actor_name, service, subject_id, payload,"
        " leaf, parts"
        " from audit_fact where id = 2",
    )
    found = {finding.where: finding.what for finding in verify().findings}
    assert "fact 1 (batch 1)" in found
    assert "no batch holds it" in found["fact 0 (key.turned)"]


def forged(*, entries: list[sealing.Entry], through_txid: int, floor_id: int, max_fact_id: int) -> None:
    """A batch with all its digests right, as somebody could insert who has the application's password."""
    last = Batch.objects.order_by("-number").first()
    assert last is not None
    packed = sealing.pack(entries)
    said: dict[str, Any] = {
        "number": last.number + 1,
        "previous": bytes(last.link),
        "root": sealing.root_of(packed),
        "fact_count": len(entries),
        "through_txid": through_txid,
        "floor_id": floor_id,
        "max_fact_id": max_fact_id,
        "sealed_at": clock.now(),
    }
    Batch(**said, entries=packed, link=sealing.link(**said)).save(force_insert=True)


FAR = 2**62


@pytest.mark.usefixtures("sealed")
def test_an_empty_batch_that_stops_sealing_is_found(verify: Callable[[], VerifyReport]) -> None:
    forged(entries=[], through_txid=FAR, floor_id=0, max_fact_id=FAR)
    assert actions.seal() == 0, "sealing has stopped"
    whats = [finding.what for finding in verify().findings]
    assert whats == [
        "it holds no fact: sealing makes no such batch",
        "column max_fact_id: it is not the highest number among the sealed facts",
    ]


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize(("floor_id", "max_fact_id"), [(0, FAR), (FAR, 7)])
def test_a_batch_that_reaches_beyond_its_facts_is_found(
    fresh_database: TestDatabase, verify: Callable[[], VerifyReport], floor_id: int, max_fact_id: int
) -> None:
    with psycopg.connect(fresh_database.owner_url) as owner:
        (row,) = owner.execute("select id, txid, leaf from audit_fact where id = 7").fetchall()
    forged(entries=[sealing.Entry(*row)], through_txid=row[1] + 1, floor_id=floor_id, max_fact_id=max_fact_id)
    (finding,) = verify().findings
    assert finding.where == "batch 4"


@pytest.mark.usefixtures("sealed")
def test_facts_that_wait_too_long_are_a_fault(
    turn: Callable[..., None], seal: Callable[[], int], verify: Callable[[], VerifyReport]
) -> None:
    with clock.frozen(clock.now() + overdue.LONGEST_WAIT / 2):
        assert queries.overdue_since() is None
        turn("h")
    later = clock.now() + overdue.LONGEST_WAIT * 2
    with clock.frozen(later):
        (finding,) = verify().findings
        assert finding.where == "sealing"
        assert queries.overdue_since() is not None, "the application asks too, and sees no fact of a body"
        assert seal() == 1
        assert queries.overdue_since() is None
        assert verify().ok


@pytest.mark.usefixtures("sealed")
def test_a_forged_batch_does_not_hide_that_facts_wait() -> None:
    forged(entries=[], through_txid=FAR, floor_id=0, max_fact_id=FAR)
    forged(entries=[sealing.Entry(FAR, FAR, bytes(32))], through_txid=FAR, floor_id=0, max_fact_id=FAR)
    with clock.frozen(clock.now() + overdue.LONGEST_WAIT * 2):
        assert queries.overdue_since() is not None


def test_the_facts_of_a_body_that_arrived_do_not_wait_since_they_were_written(
    fresh_database: TestDatabase, turn: Callable[..., None], body_id: UUID
) -> None:
    with scope(body_id), transaction.atomic():
        with clock.frozen(clock.now() - overdue.LONGEST_WAIT * 9):
            audit.write(KeyTurned(door="there"), actor=ANNA)
        audit.write(KeyTurned(door="here"), actor=ANNA)
    assert queries.overdue_since() is None


def test_the_application_may_not_verify(fresh_database: TestDatabase) -> None:
    with pytest.raises(NotTheOwner):
        queries.verify()


def test_other_packages_add_their_checks(
    fresh_database: TestDatabase, verify: Callable[[], VerifyReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "_verifiers", {})

    def blobs(section: audit.Section) -> None:
        section.checked += 2
        section.fault("blob 00ff", "its bytes do not agree with its name")

    audit.register_verifier("blobs", blobs)
    report = verify()
    assert not report.ok
    assert [(section.name, section.checked, section.broken) for section in report.sections][1:] == [
        ("blobs", 2, 1)
    ]


def test_facts_of_open_transactions_wait_and_none_is_lost(
    seal: Callable[[], int],
    fresh_database: TestDatabase,
    body_id: UUID,
    turn: Callable[..., None],
    verify: Callable[[], VerifyReport],
) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with scope(body_id), transaction.atomic():
                audit.write(KeyTurned(door="slow"), actor=ANNA)
                inside.set()
                go_on.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert inside.wait(10)
    turn("quick")
    assert actions.seal() == 0, "an older transaction is still open"
    go_on.set()
    thread.join()
    assert seal() == 1
    assert actions.seal() == 0
    report = verify()
    assert (report.ok, report.facts, report.unsealed, report.batches) == (True, 2, 0, 1)


def test_many_facts_make_several_batches(
    seal: Callable[[], int],
    fresh_database: TestDatabase,
    turn: Callable[..., None],
    verify: Callable[[], VerifyReport],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(actions, "FACTS_PER_BATCH", 400)
    turn(*(str(number) for number in range(1001)))
    assert seal() == 3
    report = verify()
    assert (report.ok, report.facts, report.unsealed, report.batches) == (True, 1001, 0, 3)


def test_a_dump_restored_into_a_new_cluster_goes_on(
    seal: Callable[[], int],
    fresh_database: TestDatabase,
    turn: Callable[..., None],
    verify: Callable[[], VerifyReport],
) -> None:
    ahead = 1_000_000_000

    def as_if_written_later(query: str) -> None:
        tamper(fresh_database, query)

    turn("old")
    as_if_written_later(f"update audit_fact set txid = {ahead} where id = 1")
    turn("old, not sealed")
    as_if_written_later(f"update audit_fact set txid = {ahead + 5} where id = 2")
    with psycopg.connect(fresh_database.owner_url) as owner:
        (leaf,) = owner.execute("select leaf from audit_fact where id = 1").fetchone() or (b"",)
    actions._append(None, [sealing.Entry(1, ahead, leaf)], through_txid=ahead + 1, floor_id=0)
    turn("new")
    seal()
    turn("newer")
    assert queries.overdue_since() is None
    while (report := verify()).unsealed:
        seal()
    assert (report.findings, report.facts) == ([], 4)
    assert actions.seal() == 0


@pytest.mark.usefixtures("sealed")
def test_an_authority_stamps_each_batch_once() -> None:
    class Authority:
        def stamp(self, digest: bytes) -> bytes:
            return b"token of " + digest

    assert actions.stamp_batches() == 0, "no authority is bound"
    with ports.timestamp_authority.replaced(Authority()):
        assert [actions.stamp_batches() for _ in range(2)] == [3, 0]
    stamp = BatchTimestamp.objects.select_related("batch").get(batch_id=3)
    assert bytes(stamp.token) == b"token of " + bytes(stamp.batch.link)
