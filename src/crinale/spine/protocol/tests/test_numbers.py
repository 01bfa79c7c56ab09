"""Numbers without gaps, whatever happens to the transactions that take them. These tests commit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import connection, transaction

from crinale.spine.audit import Section
from crinale.spine.protocol import verification
from crinale.spine.protocol.models import Registration
from crinale.spine.protocol.tests.town import Town, build_town
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.config.testing.databases import TestDatabase


class GaveUp(Exception):
    """The transaction is given up on purpose."""


def _work(town: Town, worker: int) -> list[int]:
    """Register twenty documents; every third transaction is given up after it took its number."""
    kept = []
    try:
        with scope(town.body_id):
            for turn in range(20):
                try:
                    with transaction.atomic():
                        made = town.send(seal=turn % 5 == 0)
                        if (turn + worker) % 3 == 0:
                            raise GaveUp  # noqa: TRY301  a transaction ends by an exception
                except GaveUp:
                    continue
                kept.append(made.number)
    finally:
        connection.close()
    return kept


def test_threads_and_given_up_transactions_leave_no_gap(committed_town: Town) -> None:
    with ThreadPoolExecutor(6) as pool:
        kept = [
            number
            for numbers in pool.map(lambda one: _work(committed_town, one), range(6))
            for number in numbers
        ]
    assert sorted(kept) == list(range(1, len(kept) + 1))
    rows = Registration.objects.order_by("number").values_list("number", "registered_at")
    assert [number for number, _ in rows] == sorted(kept)
    instants = [at for _, at in rows]
    assert instants == sorted(instants)


def test_two_registers_do_not_wait_for_each_other(committed_town: Town) -> None:
    neighbour = build_town(code="AAAA009", ipa_code="c_x009", name="Comune vicino")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        committed_town.send()
        # The first register's counter is held; the neighbour registers and commits all the same.
        assert pool.submit(_one, neighbour).result(timeout=20) == 1


def _one(town: Town) -> int:
    try:
        with scope(town.body_id):
            return town.send().number
    finally:
        connection.close()


def test_a_row_of_another_register_cannot_be_counted(committed_town: Town) -> None:
    neighbour = build_town(code="AAAA009", ipa_code="c_x009", name="Comune vicino")
    with pytest.raises(psycopg.Error), connection.connection.cursor() as cursor:
        cursor.execute("select * from protocol_take_number(%s, 2026, now())", [neighbour.register_id])


def test_verification_names_the_row_that_somebody_changed(
    committed_town: Town, fresh_database: TestDatabase
) -> None:
    for _ in range(3):
        committed_town.send(seal=True)
    changed = Registration.objects.get(number=2)
    clean = Section(name="registrations")
    verification.verify_registrations(clean)
    assert (clean.checked, clean.findings) == (3, [])
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("alter table protocol_registration disable trigger crinale_keep_columns")
        owner.execute(
            "update protocol_registration set subject = 'Un altro oggetto' where id = %s", [changed.id]
        )
    found = Section(name="registrations")
    verification.verify_registrations(found)
    assert [(one.where, one.what) for one in found.findings] == [
        (
            f"registration 0000002/{changed.year} ({changed.id})",
            "its content is not the one that was registered",
        )
    ]
