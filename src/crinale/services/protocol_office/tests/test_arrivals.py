"""What arrived waits for a clerk, who registers it or refuses it; what came by hand is registered at once."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from crinale.kernel import clock, ids
from crinale.kernel.errors import Invalid
from crinale.services.protocol_office.queries.channels import channel_words
from crinale.services.protocol_office.tests.desks import ROOT, file, text_of
from crinale.services.protocol_office.web.forms.composing import PAPER_CHANNELS
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.models import Registration
from crinale.spine.protocol.queries import EnclosureData, PartyData
from crinale.spine.tenancy import scope
from crinale.ui.sentences import sentence

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


ARRIVAL = "/protocollo/nuovo/arrivo"
EMERGENCY = "/protocollo/emergenza"


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


def shown(browser: Any, answer: Any) -> str:
    """The page of the registration that was made; first comes the one with its label and receipt."""
    assert answer.status_code == 302
    made, _slash, _query = answer.url.partition("/fatto")
    return text_of(browser.get(made))


def test_a_document_that_came_by_hand_gets_a_number(desks: Desks) -> None:
    browser = desks.at(desks.massa, role="protocol_clerk")
    answer = browser.post("/protocollo/nuovo/arrivo", arrival(office=str(desks.massa.office_id)))
    page = shown(browser, answer)
    for words in ("0000001/", "Giulia Fabbrì", "77/A", "istanza.txt", "Ufficio tecnico", "A mano"):
        assert words in page


@pytest.mark.parametrize("channel", [name for name, _label in PAPER_CHANNELS])
def test_every_channel_on_the_page_can_be_registered(desks: Desks, channel: str) -> None:
    browser = desks.at(desks.massa)
    answer = browser.post(ARRIVAL, arrival(channel=channel))
    with translation.override("it"):
        words = channel_words(channel)
    assert words != channel
    assert f"<dd>{words}</dd>" in shown(browser, answer)


def test_an_unknown_channel_is_refused_without_names_of_the_code(desks: Desks) -> None:
    with scope(desks.massa.body_id), pytest.raises(Invalid) as refused:
        protocol.register_incoming(
            actor=ROOT,
            area_id=desks.massa.area_id,
            subject="Istanza di accesso agli atti del procedimento edilizio",
            classification="6.10",
            sender=PartyData(kind="natural_person", first_name="Giulia", last_name="Fabbrì"),
            documents=[EnclosureData(document_id=desks.massa.document_id)],
            channel="piccione",
        )
    assert refused.value.field == "channel"
    with translation.override("it"):
        assert sentence(refused.value.remedy) == "Scegli come ha viaggiato il documento."


def chosen_body(browser: Any, page: str = ARRIVAL, **changes: Any) -> dict[str, str]:
    """Choose Sassetta from the index, as the button without scripts does."""
    answer = browser.post(page, arrival(do="add:AAAA002", **changes))
    assert answer.status_code == 200
    (token,) = re.findall(r'<input type="hidden" name="correspondent" value="([^"]*)"', text_of(answer))
    return {"correspondent": unescape(token)}


def sender_of(town: Any) -> PartyData:
    with scope(town.body_id):
        party = Registration.objects.get().parties.get(role="sender")
        return PartyData.from_json(party.data)


def test_a_body_of_the_index_is_the_sender_of_a_paper(desks: Desks) -> None:
    browser = desks.at(desks.massa, role="protocol_clerk")
    found = text_of(browser.post(ARRIVAL, arrival(do="search", q="comune")))
    assert 'value="add:AAAA002"' in found
    assert "Giulia" in found  # what was written by hand stays
    sender = chosen_body(browser)
    answer = browser.post(ARRIVAL, arrival(**sender, name="", last_name="", email="non è un indirizzo"))
    assert "Comune di Sassetta" in shown(browser, answer)
    party = sender_of(desks.massa)
    assert (party.kind, party.ipa_code, party.aoo_code) == ("administration", "c_i454", "AAAA002")


def test_a_chosen_body_can_be_removed_and_what_was_written_is_there(desks: Desks) -> None:
    browser = desks.at(desks.massa)
    sender = chosen_body(browser)
    chosen = text_of(browser.post(ARRIVAL, arrival(do="search", **sender)))
    (key,) = re.findall(r'value="(drop:[^"]*)"', chosen)
    page = text_of(browser.post(ARRIVAL, arrival(do=unescape(key), **sender)))
    assert 'name="correspondent"' not in page
    assert 'value="Giulia"' in page
    changed = browser.post(ARRIVAL, arrival(correspondent=sender["correspondent"][:-3] + "xyz", name=""))
    assert changed.status_code == 422


def test_the_part_for_htmx_chooses_and_announces_a_body(desks: Desks) -> None:
    browser = desks.at(desks.massa)
    found = text_of(browser.get("/protocollo/nuovo/uscita/indice", {"q": "sasse", "for": "correspondent"}))
    (address,) = set(re.findall(r'hx-post="([^"]+)" hx-target="#id_correspondent"', found))
    form = arrival(do="add:AAAA002", kind="legal_person", primary="")
    part = text_of(browser.post(address, form))
    assert "<html" not in part
    assert 'name="correspondent"' in part
    assert 'data-announce="Aggiunto: Comune di Sassetta"' in part
    assert '<input type="hidden" name="kind" value="legal_person"' in part
    assert "data-focus" in part  # the button that had the focus is gone


def test_a_body_that_is_not_in_the_index_is_written_by_hand(desks: Desks) -> None:
    browser = desks.at(desks.massa)
    body = {"kind": "administration", "name": "Istituto comprensivo di Gavorrano", "last_name": ""}
    for wrong in ({**body}, {**body, "ipa_code": "non va"}, {"ipa_code": "istsc_gric80900a"}):
        answer = browser.post(ARRIVAL, arrival(**wrong))
        assert answer.status_code == 422
        assert 'href="#id_ipa_code"' in text_of(answer)
    assert browser.post(ARRIVAL, arrival(**body, ipa_code="istsc_gric80900a")).status_code == 302
    party = sender_of(desks.massa)
    assert (party.kind, party.ipa_code) == ("administration", "istsc_gric80900a")


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
    with clock.frozen(clock.now().astimezone(clock.ROME).replace(hour=11, minute=30)):
        _a_paper_emergency(desks)


def _a_paper_emergency(desks: Desks) -> None:
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
    answer = browser.post(enter, {**line, "confidential": "on", "primary": file("istanza.txt")})
    assert answer.status_code == 302
    entered = text_of(browser.get(answer.url))
    assert "Registro di emergenza" in entered
    assert "· riservat" in entered
    assert browser.post(enter, {**line, "primary": file(), "token": str(ids.new_id())}).status_code == 422


def emergency(desks: Desks, browser: Any, *, lasted: timedelta, lines: int = 1) -> tuple[str, Any]:
    """Open an emergency that is over, close it; return the page of the emergencies and when it began."""
    now = clock.now().astimezone(clock.ROME).replace(second=0, microsecond=0)
    start = now - lasted
    opened = {
        "cause": "Guasto della rete",
        "authorisation": "Responsabile, provvedimento n. 3",
        "started_at": f"{start:%Y-%m-%dT%H:%M}",
    }
    assert browser.post(EMERGENCY, opened).status_code == 302
    close = next(part for part in text_of(browser.get(EMERGENCY)).split('"') if part.endswith("/chiudi"))
    day = clock.legal_day(start + timedelta(hours=26))
    totals = {f"total_{day:%Y-%m-%d}": str(lines)}
    assert browser.post(close, {"restored_at": f"{now:%Y-%m-%dT%H:%M}", **totals}).status_code == 302
    return text_of(browser.get(EMERGENCY)), start


def test_the_act_for_a_long_emergency_is_noted_after_it_was_closed(desks: Desks) -> None:
    browser = desks.at(desks.massa)
    page, start = emergency(desks, browser, lasted=timedelta(days=2))
    (extend,) = {part for part in page.split('"') if part.endswith("/proroga")}
    (enter,) = {part for part in page.split('"') if part.endswith("/registra")}
    at = start + timedelta(hours=26)
    line = arrival(direction="incoming", number="1", entered_on_paper_at=f"{at:%Y-%m-%dT%H:%M}", primary="")
    refused = browser.post(enter, {**line, "primary": file()})
    assert refused.status_code == 422
    assert "proroga prima" in text_of(refused)
    act = {
        "act": "Provvedimento n. 4 del dirigente",
        "valid_from": f"{start + timedelta(hours=12):%Y-%m-%dT%H:%M}",
        "valid_to": f"{start + timedelta(days=3):%Y-%m-%dT%H:%M}",
    }
    assert browser.post(extend, act).status_code == 302
    page = text_of(browser.get(EMERGENCY))
    assert extend not in page  # nothing more is lacking
    assert "Provvedimento n. 4 del dirigente" in page
    sender = chosen_body(browser, enter)
    answer = browser.post(enter, {**line, **sender, "primary": file()})
    assert answer.status_code == 302
    assert sender_of(desks.massa).aoo_code == "AAAA002"


def test_no_act_is_asked_for_when_nothing_is_left_to_enter(desks: Desks) -> None:
    page, _start = emergency(desks, desks.at(desks.massa), lasted=timedelta(days=2), lines=0)
    assert "/proroga" not in page
