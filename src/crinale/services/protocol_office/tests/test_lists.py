"""Queue, register, search, daily registers: few questions to the database, pages that stay small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.services.protocol_office.queries import lists
from crinale.services.protocol_office.tests.desks import text_of
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.tests.town import citizen
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.services.protocol_office.tests.desks import Desks

MANY = 30


@pytest.fixture
def busy(desks: Desks) -> Desks:
    """A register with two pages."""
    with scope(desks.massa.body_id):
        for number in range(MANY - 2):
            desks.massa.send(subject=f"Richiesta di parere numero {number} sulla strada comunale")
        desks.massa.receive(subject="Istanza della signora Fabbrì per la concessione del suolo")
        desks.massa.send(subject="Atto riservato da non leggere in giro", confidential=True)
    return desks


@pytest.mark.parametrize(
    "box", ["", "to_register", "waiting_confirmation", "refused", "incidents", "unknown"]
)
def test_an_empty_box_says_what_to_do(desks: Desks, box: str) -> None:
    page = text_of(desks.at(desks.massa).get("/protocollo/", {"box": box}))
    assert 'class="empty"' in page
    assert "/protocollo/nuovo/uscita" in page


def test_the_register_goes_page_by_page(busy: Desks) -> None:
    browser = busy.at(busy.massa)
    first = text_of(browser.get("/protocollo/registro"))
    assert first.count('class="list-number"') == 25
    (older,) = [part for part in first.split('"') if "before=" in part]
    second = text_of(browser.get(older.replace("&amp;", "&")))
    assert second.count('class="list-number"') == MANY - 25
    assert "0000001/" in second
    incoming = text_of(browser.get("/protocollo/registro", {"direction": "incoming"}))
    assert incoming.count('class="list-number"') == 1


def test_an_empty_register_says_how_to_begin(desks: Desks) -> None:
    assert "0000001" in text_of(desks.at(desks.massa).get("/protocollo/registro"))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "concessione suolo"}, 1),
        ({"q": "Fabbrì", "direction": "incoming"}, 1),
        ({"q": "strada"}, 25),
        ({"q": "strada", "direction": "incoming"}, 0),
        ({"q": "strada", "year": "1999"}, 0),
        ({"q": "parola che non esiste"}, 0),
        ({"q": "", "direction": "incoming"}, 1),
    ],
)
def test_search_finds_words_names_and_filters(busy: Desks, asked: dict[str, str], found: int) -> None:
    page = text_of(busy.at(busy.massa).get("/protocollo/cerca", asked))
    assert page.count('class="list-number"') == found
    if not found:
        assert "Non è stato trovato niente" in page


def test_a_number_opens_its_registration(busy: Desks) -> None:
    answer = busy.at(busy.massa).get("/protocollo/cerca", {"q": f"3/{clock.today().year}"})
    assert answer.status_code == 302
    assert "0000003/" in text_of(busy.at(busy.massa).get(answer.url))


def test_search_goes_on_after_the_first_page(busy: Desks) -> None:
    browser = busy.at(busy.massa)
    first = text_of(browser.get("/protocollo/cerca", {"q": "strada"}))
    (older,) = [part for part in first.split('"') if "before=" in part]
    second = text_of(browser.get(older.replace("&amp;", "&")))
    assert second.count('class="list-number"') == MANY - 2 - 25


def test_a_year_is_found_behind_many_newer_hits(desks: Desks) -> None:
    year = clock.today().year
    with scope(desks.massa.body_id):
        one = desks.massa.send(subject="Avviso di gara che interessa")
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into search_entry"
                " (id, body_id, area_id, kind, year, number, title, names, restricted, occurred_at)"
                " select gen_random_uuid(), crinale_body(), %s, 'registration', %s, n, 'Avviso', '', false,"
                " make_timestamptz(%s, 1, 5, 0, 0, 0) + n * interval '1 minute'"
                " from generate_series(1, 600) as n",
                [desks.massa.area_id, year + 1, year + 1],
            )
    page = text_of(desks.at(desks.massa).get("/protocollo/cerca", {"q": "avviso", "year": str(year)}))
    assert f"/protocollo/registrazioni/{one.id}" in page
    assert "before=" not in page


def test_a_direction_behind_many_newer_hits_is_reached_by_going_on(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "_BATCH", 2)
    monkeypatch.setattr(lists, "_BATCHES", 2)
    with scope(desks.massa.body_id):
        wanted = desks.massa.receive(subject="Reclamo sulla strada comunale")
        for number in range(4):
            desks.massa.send(subject=f"Parere {number} sulla strada comunale")
    browser = desks.at(desks.massa)
    first = text_of(browser.get("/protocollo/cerca", {"q": "strada", "direction": "incoming"}))
    assert "Niente tra i risultati più recenti" in first
    assert "Non è stato trovato niente" not in first
    (older,) = [part for part in first.split('"') if "before=" in part]
    assert f"/protocollo/registrazioni/{wanted.id}" in text_of(browser.get(older.replace("&amp;", "&")))


@pytest.mark.parametrize("before", ["x", "1|2", "9999-99999999999999", "|", "2020-01-01|no"])
@pytest.mark.parametrize(
    "where", ["/protocollo/", "/protocollo/registro", "/protocollo/cerca", "/protocollo/giornalieri"]
)
def test_a_broken_place_in_a_list_is_the_beginning(desks: Desks, where: str, before: str) -> None:
    answer = desks.at(desks.massa).get(where, {"before": before, "q": "strada", "year": "²"})
    assert answer.status_code == 200


def test_a_confidential_subject_is_not_in_lists_of_who_may_not_see_it(busy: Desks) -> None:
    clerk, head = busy.at(busy.massa, role="protocol_clerk"), busy.at(busy.massa)
    for address in ("/protocollo/registro", "/protocollo/cerca?q=riservato"):
        assert "da non leggere in giro" not in text_of(clerk.get(address))
        assert "da non leggere in giro" in text_of(head.get(address))


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/protocollo/", 13),
        ("/protocollo/registro", 12),
        ("/protocollo/cerca?q=strada", 20),
        ("/protocollo/cerca?q=strada&direction=outgoing", 20),
        ("/protocollo/giornalieri", 9),
    ],
)
def test_a_list_asks_few_questions_and_stays_small(busy: Desks, address: str, most: int) -> None:
    browser = busy.at(busy.massa)
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        page = browser.get(address)
    assert len(asked) <= most
    assert len(page.content) < 100_000


def test_a_mailing_names_the_first_recipients_and_says_how_many_there_are(desks: Desks) -> None:
    browser = desks.at(desks.massa)

    def mailed(people: int) -> None:
        named = [citizen("Ada", f"Bianchi{n:02}") for n in range(people)]
        with scope(desks.massa.body_id):
            desks.massa.send(subject="Avviso agli utenti", recipients=named)

    def questions(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            browser.get(address)
        return len(asked)

    addresses = ("/protocollo/registro", "/protocollo/cerca?q=avviso")
    mailed(10)
    for address in addresses:
        assert " altri" not in text_of(browser.get(address)).split("<main")[1]
    few = [questions(address) for address in addresses]
    mailed(13)
    assert [questions(address) for address in addresses] == few
    for address in addresses:
        page = text_of(browser.get(address))
        assert "Ada Bianchi09 + 3 altri" in page
        assert "Bianchi10" not in page
    mailed(11)
    assert "Ada Bianchi09 + 1 altro" in text_of(browser.get("/protocollo/registro"))


def test_a_frozen_day_is_downloaded(busy: Desks) -> None:
    from datetime import timedelta

    day = clock.today()
    tomorrow = clock.now() + timedelta(days=1)
    with clock.frozen(tomorrow):
        with scope(busy.massa.body_id):
            protocol.freeze_daily_register(area_id=busy.massa.area_id, day=day)
        browser = busy.at(busy.massa)
        page = text_of(browser.get("/protocollo/giornalieri"))
        assert f"/protocollo/giornalieri/{day}/pdf" in page
        assert browser.get(f"/protocollo/giornalieri/{day}/pdf").getvalue().startswith(b"%PDF")
        assert browser.get(f"/protocollo/giornalieri/{day}/json").getvalue().startswith(b"{")
        for wrong in (f"{day}/exe", "2001-01-01/pdf", "ieri/pdf"):
            assert browser.get(f"/protocollo/giornalieri/{wrong}").status_code == 404
