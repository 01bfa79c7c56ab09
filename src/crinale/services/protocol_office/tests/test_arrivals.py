"""What arrived waits for a clerk, who registers it or refuses it; what came by hand is registered at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crinale.kernel import ids
from crinale.services.protocol_office.tests.desks import file, text_of

if TYPE_CHECKING:
    from crinale.services.protocol_office.tests.desks import Desks
    from crinale.spine.exchange.queries import MessageRow


@pytest.fixture
def waiting(desks: Desks) -> MessageRow:
    """A document that waits in Sassetta."""
    desks.pair.by_clerk()
    desks.pair.send()
    desks.pair.run()
    (received,) = desks.pair.received()
    assert received.state == "to_register"
    return received


def test_the_queue_counts_what_waits_and_leads_to_it(desks: Desks, waiting: MessageRow) -> None:
    page = text_of(desks.at(desks.sassetta).get("/protocollo/"))
    assert f"/protocollo/arrivi/{waiting.id}" in page
    assert '<span class="box-count">1</span>' in page


def test_the_page_shows_what_the_segnatura_says(desks: Desks, waiting: MessageRow) -> None:
    browser = desks.at(desks.sassetta)
    page = text_of(browser.get(f"/protocollo/arrivi/{waiting.id}"))
    for words in ("Comune di Massa Marittima", "parere.txt", "Il sigillo è valido", "0000001/", "6.10"):
        assert words in page
    document = browser.get(f"/protocollo/arrivi/{waiting.id}/documenti/0")
    assert document.getvalue() == b"Parere AAAA001"
    assert browser.get(f"/protocollo/arrivi/{waiting.id}/documenti/1").status_code == 404


def test_registering_gives_the_sender_our_number(desks: Desks, waiting: MessageRow) -> None:
    browser = desks.at(desks.sassetta, role="protocol_clerk")
    form = {"do": "register", "classification": "6.10", "office": str(desks.sassetta.office_id)}
    answer = browser.post(f"/protocollo/arrivi/{waiting.id}", form)
    assert answer.status_code == 302
    page = text_of(browser.get(answer.url))
    assert "Ufficio tecnico" in page
    desks.pair.run()
    (received,) = desks.pair.received()
    assert received.state == "registered"
    again = browser.post(f"/protocollo/arrivi/{waiting.id}", form)
    assert again.status_code == 302
    assert "già deciso" in text_of(browser.get(again.url))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"do": "register", "classification": "", "office": ""}, "id_classification"),
        ({"do": "refuse", "reason": "  "}, "id_reason"),
    ],
)
def test_a_decision_without_its_reason_is_refused(
    desks: Desks, waiting: MessageRow, form: dict[str, str], field: str
) -> None:
    answer = desks.at(desks.sassetta).post(f"/protocollo/arrivi/{waiting.id}", form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in text_of(answer)
    assert desks.pair.received()[0].state == "to_register"


def test_a_reader_sees_and_does_not_decide(desks: Desks, waiting: MessageRow) -> None:
    browser = desks.at(desks.sassetta, role="reader")
    page = browser.get(f"/protocollo/arrivi/{waiting.id}")
    assert page.status_code == 200
    assert 'name="do"' not in text_of(page)
    form = {"do": "refuse", "reason": "No"}
    assert browser.post(f"/protocollo/arrivi/{waiting.id}", form).status_code == 404
    assert desks.pair.received()[0].state == "to_register"


def arrival(**changes: Any) -> dict[str, Any]:
    asked = {
        "do": "register",
        "token": str(ids.new_id()),
        "kind": "natural_person",
        "name": "Giulia",
        "last_name": "Fabbrì",
        "channel": "hand",
        "received_number": "77/A",
        "received_date": "2020-02-03",
        "subject": "Istanza di accesso agli atti del procedimento edilizio",
        "classification": "6.10",
        "primary": file("istanza.txt"),
    }
    return {**asked, **changes}


def test_a_document_that_came_by_hand_gets_a_number(desks: Desks) -> None:
    browser = desks.at(desks.massa, role="protocol_clerk")
    answer = browser.post("/protocollo/nuovo/arrivo", arrival(office=str(desks.massa.office_id)))
    assert answer.status_code == 302
    page = text_of(browser.get(answer.url))
    for words in ("0000001/", "Giulia Fabbrì", "77/A", "istanza.txt", "Ufficio tecnico", "A mano"):
        assert words in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "id_name"),
        ({"last_name": ""}, "id_last_name"),
        ({"tax_code": "RSSMRA80A01H501X"}, "id_tax_code"),
        ({"received_date": "boh"}, "id_received_date"),
        ({"primary": ""}, "id_documents"),
    ],
)
def test_an_error_on_an_arrival_keeps_what_was_typed(
    desks: Desks, changes: dict[str, Any], field: str
) -> None:
    answer = desks.at(desks.massa).post("/protocollo/nuovo/arrivo", arrival(**changes))
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'href="#{field}"' in page
    assert "Istanza di accesso agli atti" in page


def test_an_internal_document_goes_from_office_to_office(desks: Desks) -> None:
    from crinale.spine.tenancy import actions as tenancy

    other = tenancy.create_office(area_id=desks.massa.area_id, code="UFF2", name="Ufficio ragioneria")
    browser = desks.at(desks.massa)
    form = arrival(sender_office=str(desks.massa.office_id), office=str(other.id))
    answer = browser.post("/protocollo/nuovo/interno", form)
    assert answer.status_code == 302
    assert "Ufficio ragioneria" in text_of(browser.get(answer.url))
    same = browser.post("/protocollo/nuovo/interno", {**form, "office": str(desks.massa.office_id)})
    assert same.status_code == 422


def test_a_paper_emergency_is_opened_closed_and_entered(desks: Desks) -> None:
    from crinale.kernel import clock

    browser = desks.at(desks.massa)
    start = clock.now().astimezone(clock.ROME).replace(hour=0, minute=1)
    opened = {
        "cause": "Guasto della rete",
        "authorisation": "Responsabile, provvedimento n. 3",
        "started_at": f"{start:%Y-%m-%dT%H:%M}",
    }
    assert browser.post("/protocollo/emergenza", {**opened, "cause": ""}).status_code == 422
    assert browser.post("/protocollo/emergenza", opened).status_code == 302
    page = text_of(browser.get("/protocollo/emergenza"))
    assert "Guasto della rete" in page
    (close,) = {part for part in page.split('"') if part.endswith("/chiudi")}
    now = clock.now().astimezone(clock.ROME)
    closing = {"restored_at": f"{now:%Y-%m-%dT%H:%M}", f"total_{now:%Y-%m-%d}": "1"}
    assert browser.post(close, {**closing, "restored_at": ""}).status_code == 422
    assert browser.post(close, closing).status_code == 302
    page = text_of(browser.get("/protocollo/emergenza"))
    (enter,) = {part for part in page.split('"') if part.endswith("/registra")}
    line = arrival(direction="incoming", number="1", entered_on_paper_at=f"{start:%Y-%m-%dT%H:%M}")
    assert browser.post(enter, {**line, "number": "0"}).status_code == 422
    answer = browser.post(enter, {**line, "primary": file("istanza.txt")})
    assert answer.status_code == 302
    assert "Registro di emergenza" in text_of(browser.get(answer.url))
    assert browser.post(enter, {**line, "primary": file(), "token": str(ids.new_id())}).status_code == 422
