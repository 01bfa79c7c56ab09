"""A frozen day is read on a page: its rows, its seal, its way to preservation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crinale.connectors.deposit_folder.fake import FakeDeposit
from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import text_of
from crinale.spine import jobs
from crinale.spine.audit import queries as audit
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol import queries as protocol_queries
from crinale.spine.protocol.jobs import bring_to_preservation
from crinale.spine.protocol.ports import deposit
from crinale.spine.protocol.tests.town import SYSTEM, citizen
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.services.protocol_office.tests.desks import Desks

SECRET = "Provvedimento disciplinare da non leggere in giro"
DAY = date(2026, 11, 24)
PAGE = f"/protocollo/giornalieri/{DAY.isoformat()}"


@pytest.fixture
def service() -> Iterator[FakeDeposit]:
    with deposit.replaced(made := FakeDeposit()):
        yield made


@pytest.fixture(autouse=True)
def next_morning(desks: Desks) -> Iterator[None]:
    """The day is over: an ordinary and a confidential document were registered, one was annulled."""
    with clock.frozen(datetime(2026, 11, 24, 9, tzinfo=UTC)), scope(desks.massa.body_id):
        one = desks.massa.receive(
            subject="Lavori sulla strada di Niccioleta", sender=citizen("Elsa", "Corti")
        )
        desks.massa.receive(subject=SECRET, confidential=True, sender=citizen("Ugo", "Nascosto"))
        protocol.annul(actor=SYSTEM, registration_id=one.id, act="Decreto 1", reason="Doppione")
    with clock.frozen(datetime(2026, 11, 25, 6, tzinfo=UTC)):
        with scope(desks.massa.body_id):
            protocol.freeze_daily_register(area_id=desks.massa.area_id, day=DAY)
        yield


def _tick(desks: Desks, times: int = 1) -> None:
    for _time in range(times):
        with scope(desks.massa.body_id):
            bring_to_preservation()
        jobs.drain()


def test_the_rows_of_a_day_are_read_on_its_page_and_the_reading_is_noted(desks: Desks) -> None:
    head = desks.at(desks.massa)
    text = text_of(head.get(PAGE))
    for words in ("0000001", "Lavori sulla strada di Niccioleta", "Corti", SECRET, "Decreto 1", "Doppione"):
        assert words in text
    assert PAGE in text_of(head.get("/protocollo/giornalieri"))
    with scope(desks.massa.body_id):
        day = protocol_queries.daily_register(actor=SYSTEM, area_id=desks.massa.area_id, day=DAY)
        assert [one.what for one in audit.accesses(actor=SYSTEM, object_id=day.id)] == ["daily_register"]


def test_what_is_confidential_is_not_on_the_page_of_a_reader(desks: Desks) -> None:
    text = text_of(desks.at(desks.massa, role="reader").get(PAGE))
    assert "Lavori sulla strada di Niccioleta" in text
    assert SECRET not in text
    assert "Nascosto" not in text


def test_a_day_of_many_rows_goes_on_where_it_stopped(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crinale.services.protocol_office.queries.days._ROWS", 1)
    head = desks.at(desks.massa)
    first = text_of(head.get(PAGE))
    assert SECRET not in first
    assert f"{PAGE}?after=1" in first
    assert SECRET in text_of(head.get(f"{PAGE}?after=1"))
    assert head.get(f"{PAGE}?after=x").status_code == 200


def test_the_manifest_and_the_report_are_downloaded_when_there_are_any(
    desks: Desks, service: FakeDeposit
) -> None:
    head = desks.at(desks.massa)
    assert b"RegistroGiornaliero" in head.get(f"{PAGE}/manifest").getvalue()
    assert head.get(f"{PAGE}/report").status_code == 404
    _tick(desks, 2)
    assert b"RapportoDiVersamento" in head.get(f"{PAGE}/report").getvalue()
    assert f"{PAGE}/report" in text_of(head.get(PAGE))
    assert service.packages


def test_a_refused_day_says_why_and_is_delivered_again_by_a_clerk(desks: Desks, service: FakeDeposit) -> None:
    service.refuses = ("Formato non concordato",)
    _tick(desks)
    clerk, reader = (desks.at(desks.massa, role=role) for role in ("protocol_clerk", "reader"))
    assert "Formato non concordato" in text_of(clerk.get(PAGE))
    assert f"{PAGE}/riversa" in text_of(clerk.get(PAGE))
    assert f"{PAGE}/riversa" not in text_of(reader.get(PAGE))
    assert reader.post(f"{PAGE}/riversa").status_code == 404
    service.refuses = ()
    assert clerk.post(f"{PAGE}/riversa", follow=True).status_code == 200
    jobs.drain()
    _tick(desks)
    assert "Formato non concordato" not in text_of(clerk.get(PAGE))
    answer: Any = clerk.post(f"{PAGE}/riversa", follow=True)
    assert answer.status_code == 200
    assert len(service.packages) == 1


def test_a_late_day_says_so_in_the_list_and_on_its_page(desks: Desks, service: FakeDeposit) -> None:
    service.away = True
    head = desks.at(desks.massa)
    assert "next-bad" not in text_of(head.get(PAGE))
    with clock.frozen(clock.now() + timedelta(days=1)):
        head = desks.at(desks.massa)
        assert "state-bad" in text_of(head.get("/protocollo/giornalieri"))
        assert "next-bad" in text_of(head.get(PAGE))


@pytest.mark.parametrize("address", ["ieri", "2026-11-25", "2026-11-24/zip", "2026-11-24/riversa"])
def test_other_days_and_files_are_not_there(desks: Desks, address: str) -> None:
    assert desks.at(desks.massa).get(f"/protocollo/giornalieri/{address}").status_code in (404, 405)
    assert desks.at(desks.sassetta).get(PAGE).status_code == 404
