"""The page of a registration, its files, and what may still be done to it."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import text_of
from crinale.spine.audit.models import Access
from crinale.spine.protocol.tests.town import citizen
from crinale.spine.protocol.views import EnclosureData
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.services.protocol_office.tests.desks import Desks
    from crinale.spine.protocol.queries import RegistrationView


def address(registration_id: UUID, more: str = "") -> str:
    return f"/protocollo/registrazioni/{registration_id}{more}"


MOST_QUESTIONS = 20


@pytest.fixture
def sent(desks: Desks) -> UUID:
    """A document that Sassetta registered."""
    view = desks.pair.send()
    desks.pair.run()
    return view.id


def test_the_page_tells_the_state_the_data_the_seal_and_the_journey(desks: Desks, sent: UUID) -> None:
    page = text_of(desks.at(desks.massa).get(address(sent)))
    for words in (
        "0000001/",
        "Registrato dal destinatario",
        "Il sigillo è valido",
        "Comune di Sassetta",
        "6.10",
    ):
        assert words in page
    assert page.count("/protocollo/prove/") == 4
    assert len(page.encode()) < 100_000


def test_both_languages_are_complete_on_the_page(desks: Desks, sent: UUID) -> None:
    browser = desks.at(desks.massa)
    browser.post("/lingua", {"language": "en", "next": address(sent)})
    page = text_of(browser.get(address(sent)))
    assert '<html lang="en">' in page
    assert "Registered by the recipient" in page
    assert "Registrato dal destinatario" not in page


def test_a_document_is_an_attachment_that_browsers_do_not_interpret(desks: Desks, sent: UUID) -> None:
    (enclosed,) = desks.registration(desks.massa, sent).documents
    answer = desks.at(desks.massa).get(address(sent, f"/documenti/{enclosed.document_id}"))
    content = answer.getvalue()
    assert sha256(content).hexdigest() == enclosed.sha256
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{enclosed.file_name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-2", 206, slice(0, 3)),
        ("bytes=3-", 206, slice(3, None)),
        ("bytes=-4", 206, slice(-4, None)),
        ("bytes=0-99999", 206, slice(0, None)),
        ("bytes=99999-", 416, slice(0, 0)),
        ("bytes=5-1", 416, slice(0, 0)),
        ("rubbish", 200, slice(0, None)),
        ("", 200, slice(0, None)),
    ],
)
def test_a_part_of_a_document_can_be_asked(
    desks: Desks, sent: UUID, asked: str, status: int, expected: slice[Any, Any, Any]
) -> None:
    (enclosed,) = desks.registration(desks.massa, sent).documents
    browser, url = desks.at(desks.massa), address(sent, f"/documenti/{enclosed.document_id}")
    whole = browser.get(url).getvalue()
    answer = browser.get(url, headers={"range": asked} if asked else {})
    assert answer.status_code == status
    assert (b"".join(answer) if answer.streaming else answer.content) == whole[expected]


def test_reading_a_document_is_noted(desks: Desks, sent: UUID) -> None:
    (enclosed,) = desks.registration(desks.massa, sent).documents
    desks.at(desks.massa).get(address(sent, f"/documenti/{enclosed.document_id}")).getvalue()
    with scope(desks.massa.body_id):
        assert Access.objects.filter(object_id=enclosed.document_id).count() == 1


def test_a_document_of_another_registration_is_not_found_through_this_one(desks: Desks, sent: UUID) -> None:
    with scope(desks.massa.body_id):
        other = desks.massa.send(documents=[_enclosure(desks)])
    (theirs,) = other.documents
    assert desks.at(desks.massa).get(address(sent, f"/documenti/{theirs.document_id}")).status_code == 404


def _enclosure(desks: Desks) -> EnclosureData:
    return EnclosureData(desks.massa.store(b"altro contenuto", name="altro.txt"))


def _issued(desks: Desks, registration_id: UUID) -> str:
    mark = desks.registration(desks.massa, registration_id).segnatura
    assert mark is not None
    return mark.sha256


def test_segnatura_and_stamp_are_downloaded(desks: Desks, sent: UUID) -> None:
    browser = desks.at(desks.massa)
    xml = browser.get(address(sent, "/segnatura.xml"))
    assert xml.headers["Content-Type"] == "application/xml"
    assert sha256(xml.content).hexdigest() == _issued(desks, sent)
    stamp = browser.get(address(sent, "/segnatura.txt"))
    assert "AAAA001" in text_of(stamp)
    assert stamp.headers["Content-Disposition"].endswith('.txt"')
    assert browser.get(address(sent, "/segnatura.xml?origin=received")).status_code == 404


def test_the_recipient_has_the_senders_segnatura_too(desks: Desks, sent: UUID) -> None:
    (received,) = desks.pair.received()
    assert received.registration_id is not None
    browser = desks.at(desks.sassetta)
    ours = desks.at(desks.massa).get(address(sent, "/segnatura.xml")).content
    assert browser.get(address(received.registration_id, "/segnatura.xml?origin=received")).content == ours
    assert "Segnatura del mittente" in text_of(browser.get(address(received.registration_id)))


def test_the_evidence_is_downloaded(desks: Desks, sent: UUID) -> None:
    entry = next(one for one in desks.pair.story(desks.massa, desks.pair.sent(sent).id) if one.envelopes)
    answer = desks.at(desks.massa).get(f"/protocollo/prove/{entry.envelopes[0].id}")
    assert answer.getvalue().startswith(b"<forward>")
    assert answer.headers["Content-Disposition"].startswith("attachment")


ACT = {
    "act_type": "Determinazione",
    "act_number": "45",
    "act_date": "2020-08-03",
    "reason": "Destinatario errato",
}


def test_an_annulled_registration_stays_readable_with_its_act(desks: Desks, sent: UUID) -> None:
    browser = desks.at(desks.massa)
    before = text_of(browser.get(address(sent, "/annulla")))
    assert "Che cosa resterà visibile" in before
    assert "Comune di Sassetta" in before
    answer = browser.post(address(sent, "/annulla"), ACT)
    assert answer.status_code == 302
    page = text_of(browser.get(address(sent)))
    assert "Determinazione n. 45 del 03/08/2020" in page
    assert "Destinatario errato" in page
    assert "0000001/" in page
    assert browser.get(address(sent, "/annulla")).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"act_number": ""}, "id_act_number"),
        ({"act_date": ""}, "id_act_date"),
        ({"act_date": "2999-01-01"}, "id_act_date"),
        ({"reason": " "}, "id_reason"),
    ],
)
def test_an_annulment_without_its_act_is_refused(
    desks: Desks, sent: UUID, changes: dict[str, str], field: str
) -> None:
    answer = desks.at(desks.massa).post(address(sent, "/annulla"), {**ACT, **changes})
    assert answer.status_code == 422
    assert f'href="#{field}"' in text_of(answer)
    assert desks.registration(desks.massa, sent).annulment is None


def test_a_clerk_may_not_annul(desks: Desks, sent: UUID) -> None:
    browser = desks.at(desks.massa, role="protocol_clerk")
    assert browser.get(address(sent, "/annulla")).status_code == 404
    assert browser.post(address(sent, "/annulla"), ACT).status_code == 404
    assert "/annulla" not in text_of(browser.get(address(sent)))
    assert desks.registration(desks.massa, sent).annulment is None


def test_assignments_and_headings_keep_their_history(desks: Desks, sent: UUID) -> None:
    browser = desks.at(desks.massa)
    form = {"office": str(desks.massa.office_id), "note": "Per il parere"}
    assert browser.post(address(sent, "/assegna"), form).status_code == 302
    moved = {"classification": "1.1", "reason": "Era sbagliata"}
    assert browser.post(address(sent, "/riclassifica"), moved).status_code == 302
    page = text_of(browser.get(address(sent)))
    for words in ("Ufficio tecnico", "Per il parere", "6.10", "1.1", "Era sbagliata"):
        assert words in page
    assert browser.post(address(sent, "/assegna"), {"office": ""}).status_code == 422
    assert browser.post(address(sent, "/riclassifica"), moved).status_code == 422
    assert browser.post(address(sent, "/riclassifica"), {**moved, "reason": ""}).status_code == 422


def test_a_failed_delivery_offers_a_new_attempt(desks: Desks) -> None:
    desks.pair.wire.fail(*["connection"] * 20)
    view = desks.pair.send()
    desks.pair.run()
    browser = desks.at(desks.massa)
    assert "/riprova" in text_of(browser.get(address(view.id)))
    desks.pair.wire.failures.clear()
    message = desks.pair.sent(view.id)
    assert browser.post(f"/protocollo/messaggi/{message.id}/riprova").status_code == 302
    desks.pair.run()
    assert desks.pair.sent(view.id).state == "registered"
    assert browser.post(f"/protocollo/messaggi/{message.id}/riprova").status_code == 409


def refused(desks: Desks) -> RegistrationView:
    """A document that the clerk of Sassetta did not accept."""
    desks.pair.by_clerk()
    view = desks.pair.send()
    desks.pair.run()
    (received,) = desks.pair.received()
    there = desks.at(desks.sassetta)
    there.post(f"/protocollo/arrivi/{received.id}", {"do": "refuse", "reason": "Non di competenza"})
    desks.pair.run()
    return view


def test_an_annulled_document_asks_nothing_more_of_the_clerk(desks: Desks) -> None:
    view = refused(desks)
    browser = desks.at(desks.massa)
    assert address(view.id) in text_of(browser.get("/protocollo/", {"box": "refused"}))
    form = {"act_type": "Decreto", "act_number": "1", "act_date": "2020-08-03", "reason": "Errore"}
    assert browser.post(f"{address(view.id)}/annulla", form).status_code == 302
    assert address(view.id) not in text_of(browser.get("/protocollo/", {"box": "refused"}))


def test_a_refusal_is_read_and_noted(desks: Desks) -> None:
    view = refused(desks)
    browser = desks.at(desks.massa)
    page = text_of(browser.get(address(view.id)))
    assert "Non di competenza" in page
    assert "Anomalia 000" in page
    assert "Richiesta di parere" in text_of(browser.get("/protocollo/?box=refused"))
    browser.post(f"/protocollo/messaggi/{desks.pair.sent(view.id).id}/presa-visione")
    assert "Nessuno ha rifiutato niente" in text_of(browser.get("/protocollo/?box=refused"))


def test_the_page_asks_a_fixed_number_of_questions(desks: Desks, sent: UUID) -> None:
    browser = desks.at(desks.massa)
    with CaptureQueriesContext(connection) as asked:
        browser.get(address(sent))
    assert len(asked) <= MOST_QUESTIONS
    (received,) = desks.pair.received()
    assert received.registration_id is not None
    there = desks.at(desks.sassetta)
    with CaptureQueriesContext(connection) as asked:
        page = text_of(there.get(address(received.registration_id)))
    assert len(asked) <= MOST_QUESTIONS
    assert "dal sistema, in automatico" in page
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert browser.get(address(sent)).status_code == 302  # the session has ended


def mixed(desks: Desks) -> UUID:
    """A document for Sassetta, by the exchange, and for a citizen whom it does not reach."""
    view = desks.pair.send(recipients=[desks.pair.party(desks.sassetta), citizen("Paola", "Verdi")])
    return view.id


def test_recipients_that_the_exchange_does_not_reach_are_named(desks: Desks) -> None:
    registration_id = mixed(desks)
    desks.pair.run()
    page = text_of(desks.at(desks.massa).get(address(registration_id)))
    assert "Recapitalo agli altri destinatari" in page
    assert "La cooperazione non raggiunge Paola Verdi: invialo per PEC o per posta." in page
    assert "Tutti i destinatari lo hanno ricevuto" not in page
    assert "Niente da fare" not in page


def test_they_are_named_also_while_the_others_are_waited_for(desks: Desks) -> None:
    desks.pair.by_clerk()
    registration_id = mixed(desks)
    desks.pair.run()
    page = text_of(desks.at(desks.massa).get(address(registration_id)))
    assert "1 destinatario non ha ancora" in page
    assert "La cooperazione non raggiunge Paola Verdi" in page


def test_when_all_are_reached_nothing_is_left_to_do(desks: Desks, sent: UUID) -> None:
    page = text_of(desks.at(desks.massa).get(address(sent)))
    assert "Tutti i destinatari lo hanno ricevuto" in page
    assert "La cooperazione non raggiunge" not in page
