from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine import jobs
from crinale.spine.protocol import actions, queries
from crinale.spine.protocol.jobs import freeze_when_due
from crinale.spine.protocol.models import DailyRegister
from crinale.spine.protocol.queries.registers import overdue_days
from crinale.spine.protocol.rules.daily import day_end, days_to_freeze, due_on
from crinale.spine.protocol.tests.town import SYSTEM, Town
from crinale.spine.records import queries as records


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC)


def _content(document_id: object) -> bytes:
    with records.open_document(actor=SYSTEM, document_id=document_id) as stream:  # type: ignore[arg-type]
        return stream.read()


def test_a_day_is_due_by_the_next_working_day() -> None:
    friday, christmas_eve = date(2026, 11, 20), date(2026, 12, 24)
    assert due_on(friday) == date(2026, 11, 23)
    assert due_on(christmas_eve) == date(2026, 12, 28)
    assert due_on(date(2026, 10, 8), patron_day="10-09") == date(2026, 10, 12)


def test_every_day_that_is_over_is_frozen_also_the_empty_ones() -> None:
    days = list(days_to_freeze(opened_on=date(2026, 2, 27), last_frozen=None, today=date(2026, 3, 2)))
    assert days == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert list(days_to_freeze(opened_on=days[0], last_frozen=days[-1], today=date(2026, 3, 2))) == []


def test_a_legal_day_ends_at_midnight_in_rome_also_when_the_clocks_change() -> None:
    assert day_end(date(2026, 3, 28)) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert day_end(date(2026, 3, 29)) == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_the_frozen_day_holds_its_registrations_and_its_annulments(town: Town) -> None:
    day = clock.today()
    with clock.frozen(_noon(day)):
        first, second = town.send(seal=True), town.receive(confidential=True)
        actions.annul(actor=SYSTEM, registration_id=first.id, act="Determina 1", reason="Doppione")
    with clock.frozen(_noon(day + timedelta(days=1))):
        frozen = actions.freeze_daily_register(area_id=town.area_id, day=day)
    data = _content(frozen.json_document_id)
    assert hashlib.sha256(data).hexdigest() == frozen.sha256
    read = json.loads(data)
    assert (read["count"], read["first_number"], read["last_number"]) == (2, first.number, second.number)
    assert [one["digest"] for one in read["registrations"]] == [first.digest, second.digest]
    assert [(one["number"], one["act"]) for one in read["annulments"]] == [(first.number, "Determina 1")]
    pdf = _content(frozen.pdf_document_id)
    assert pdf.startswith(b"%PDF-")
    assert b"pdfaid" in pdf
    assert (frozen.registrations, frozen.first_number, frozen.last_number) == (2, 1, 2)


def test_a_frozen_day_stays_as_it_is(town: Town) -> None:
    day = clock.today()
    with clock.frozen(_noon(day + timedelta(days=1))):
        frozen = actions.freeze_daily_register(area_id=town.area_id, day=day)
        assert frozen.registrations == 0
        assert json.loads(_content(frozen.json_document_id))["registrations"] == []
        assert actions.freeze_daily_register(area_id=town.area_id, day=day) == frozen
        head = town.clerk("records_manager")
        assert queries.daily_register(actor=head, area_id=town.area_id, day=day) == frozen
        for statement in (
            "update protocol_dailyregister set sha256 = ''",
            "delete from protocol_dailyregister",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_nothing_enters_a_day_after_it_was_frozen(town: Town) -> None:
    day = clock.today()
    before_midnight = day_end(day) - timedelta(milliseconds=1)
    with clock.frozen(day_end(day)):
        actions.freeze_daily_register(area_id=town.area_id, day=day)
    with clock.frozen(before_midnight):  # a transaction that began late, or a clock that lags
        late = town.send()
        annulled = actions.annul(actor=SYSTEM, registration_id=late.id, act="Determina 2", reason="Errore")
    assert late.identifier.date == day + timedelta(days=1)
    assert annulled.annulment is not None
    assert clock.legal_day(annulled.annulment.at) == day + timedelta(days=1)


def test_the_last_day_of_the_year_closes_the_year(town: Town) -> None:
    day = date(clock.today().year, 12, 31)
    with clock.frozen(day_end(day)):
        actions.freeze_daily_register(area_id=town.area_id, day=day)
    with (
        clock.frozen(day_end(day) - timedelta(seconds=1)),
        pytest.raises(actions.YearEnded),
        transaction.atomic(),
    ):
        town.send()
    with clock.frozen(day_end(day)):
        assert town.send().year == day.year + 1


def test_a_register_that_moved_to_another_node_gives_no_number(town: Town) -> None:
    before = town.send()
    mark = "insert into protocol_departure select id, %s from protocol_register where area_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(mark, [clock.now(), town.area_id])
    with pytest.raises(actions.RegisterMoved), transaction.atomic():
        town.send()
    with (
        clock.frozen(_noon(date(clock.today().year + 1, 1, 7))),
        pytest.raises(actions.RegisterMoved),
        transaction.atomic(),
    ):
        town.send()
    with connection.cursor() as cursor:
        cursor.execute("update protocol_departure set returned_at = %s", [clock.now()])
    assert town.send().number == before.number + 1


def test_a_day_that_is_not_over_or_of_another_body_is_not_frozen(town: Town, other_town: Town) -> None:
    for day in (clock.today(), clock.today() - timedelta(days=1)):
        with pytest.raises(Invalid):
            actions.freeze_daily_register(area_id=town.area_id, day=day)
    with clock.frozen(_noon(clock.today() + timedelta(days=1))), pytest.raises(NotVisible):
        actions.freeze_daily_register(area_id=other_town.area_id, day=clock.today() - timedelta(days=1))


def test_days_are_frozen_by_themselves_also_those_missed(town: Town) -> None:
    today = clock.today()
    assert not actions.days_are_due()
    with clock.frozen(_noon(today + timedelta(days=9))):
        assert overdue_days() > 0
        freeze_when_due()
        jobs.drain()
        assert overdue_days() == 0
        assert not actions.days_are_due()
    assert list(DailyRegister.objects.order_by("day").values_list("day", flat=True)) == [
        today + timedelta(days=passed) for passed in range(9)
    ]
