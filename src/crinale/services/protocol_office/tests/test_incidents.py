"""An exchange that does not go on: what happened, whom to call, what was agreed, how it ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from crinale.services.protocol_office.tests.desks import Desks
    from crinale.spine.exchange.queries import MessageRow

HOUR = timedelta(hours=1)


@pytest.fixture
def failed(desks: Desks) -> Iterator[UUID]:
    """A message of Massa Marittima whose attempts were used up; it was sent twenty hours ago."""
    start = clock.now()
    desks.pair.wire.fail(*["timeout"] * 20)
    view = desks.pair.send()
    desks.pair.run()
    for hours in (2.1, 6.2, 14.3):
        with clock.frozen(start + hours * HOUR):
            desks.pair.tick()
    desks.pair.wire.failures.clear()
    with clock.frozen(start + 20.1 * HOUR):
        message = desks.pair.sent(view.id)
        assert message.state == "failed"
        yield message.id


def address(message_id: UUID) -> str:
    return f"/protocollo/messaggi/{message_id}/disservizio"


def test_the_queue_leads_to_what_happened_and_whom_to_call(desks: Desks, failed: UUID) -> None:
    browser = desks.at(desks.massa)
    assert address(failed) in text_of(browser.get("/protocollo/", {"box": "incidents"}))
    page = text_of(browser.get(address(failed)))
    for words in (
        "Ogni tentativo di consegna a Comune di Sassetta è fallito.",
        "non ha risposto in tempo",
        "di là non è arrivato",
        "protocollo@comune.example.it",
        "0566 1",
        "ancora niente",
    ):
        assert words in page
    message = desks.pair.sent(desks.registration_of(desks.massa, failed))
    assert address(failed) in text_of(browser.get(f"/protocollo/registrazioni/{message.registration_id}"))


def test_what_was_agreed_is_written_down_and_the_incident_closed(desks: Desks, failed: UUID) -> None:
    browser = desks.at(desks.massa)
    assert browser.post(address(failed), {"do": "workaround", "workaround": ""}).status_code == 422
    agreed = {"do": "workaround", "workaround": "Inviare per PEC", "restore_expected_at": "2020-01-01T09:00"}
    assert browser.post(address(failed), agreed).status_code == 302
    page = text_of(browser.get(address(failed)))
    assert "Inviare per PEC" in page
    assert "è passato: chiedi di nuovo" in page
    assert browser.post(address(failed), {"do": "close", "note": ""}).status_code == 422
    assert browser.post(address(failed), {"do": "close", "note": "Mandato per PEC"}).status_code == 302
    page = text_of(browser.get(address(failed)))
    assert "Mandato per PEC" in page
    assert "Chiuso" in page
    again = browser.post(address(failed), {"do": "close", "note": "Di nuovo"})
    assert again.status_code == 302
    assert "nel frattempo" in text_of(browser.get(again.url))


def test_trying_again_ends_the_incident_by_itself(desks: Desks, failed: UUID) -> None:
    browser = desks.at(desks.massa)
    answer = browser.post(f"/protocollo/messaggi/{failed}/riprova", {"back": "incident"})
    assert answer.url == address(failed)
    desks.pair.run()
    page = text_of(browser.get(address(failed)))
    assert "È arrivata la risposta attesa." in page
    assert "/riprova" not in page


def test_who_may_not_handle_incidents_reads_them(desks: Desks, failed: UUID) -> None:
    clerk = desks.at(desks.massa, role="protocol_clerk")
    page = text_of(clerk.get(address(failed)))
    assert "Il responsabile della gestione documentale" in page
    assert 'name="note"' not in page
    assert clerk.post(address(failed), {"do": "close", "note": "Mio"}).status_code == 404
    reader = desks.at(desks.massa, role="reader")
    assert "/riprova" not in text_of(reader.get(address(failed)))


def test_a_late_confirmation_is_told_in_plain_words(desks: Desks) -> None:
    desks.pair.by_clerk()
    view = desks.pair.send()
    desks.pair.run()
    message = desks.pair.sent(view.id)
    with clock.frozen(clock.now() + timedelta(days=3, hours=1)):
        desks.pair.tick()
        page = text_of(desks.at(desks.massa).get(address(message.id)))
    assert "dopo tre giorni manca ancora il suo numero" in page


def test_each_box_says_since_when_its_oldest_waits(desks: Desks, failed: UUID) -> None:
    page = text_of(desks.at(desks.massa).get("/protocollo/"))
    assert "il più vecchio da 20 ore" in page
    assert page.count("il più vecchio da") == 1


@pytest.fixture
def untold(desks: Desks) -> MessageRow:
    """What Sassetta registered by itself; every attempt to tell Massa Marittima its number failed."""
    desks.pair.send()
    desks.unanswered(beforehand=1)
    (received,) = desks.pair.received()
    assert received.state == "registered"
    return received


def test_a_confirmation_that_never_arrived_is_not_over(desks: Desks, untold: MessageRow) -> None:
    browser = desks.at(desks.sassetta)
    queue = text_of(browser.get("/protocollo/", {"box": "incidents"}))
    assert address(untold.id) in queue
    assert "Risposta non consegnata" in queue
    page = text_of(browser.get(address(untold.id)))
    assert "Qui è registrato, ma Comune di Massa Marittima non risponde" in page
    assert "non ha risposto in tempo" in page
    assert "È finito" not in page
    assert "ha rifiutato" not in page
    registration = text_of(browser.get(f"/protocollo/registrazioni/{untold.registration_id}"))
    assert "Comune di Massa Marittima non conosce il tuo numero" in registration
    assert "Il mittente ha il tuo numero." not in registration


@pytest.mark.parametrize("where", ["registration", "incident"])
def test_a_clerk_orders_the_confirmation_again(desks: Desks, untold: MessageRow, where: str) -> None:
    browser = desks.at(desks.sassetta, role="protocol_clerk")
    registration = f"/protocollo/registrazioni/{untold.registration_id}"
    page = registration if where == "registration" else address(untold.id)
    retry = f"/protocollo/messaggi/{untold.id}/riprova"
    assert retry in text_of(browser.get(page))
    assert browser.post(retry).status_code == 302
    assert "È stato ordinato un nuovo tentativo" in text_of(browser.get(address(untold.id)))
    desks.pair.run()
    assert "Il mittente ha il tuo numero." in text_of(browser.get(registration))
    assert "È finito" in text_of(browser.get(address(untold.id)))
    assert retry not in text_of(browser.get(page))


def test_a_refusal_of_ours_that_never_arrived_is_ours(desks: Desks) -> None:
    desks.pair.by_clerk()
    desks.pair.send()
    desks.pair.run()
    (received,) = desks.pair.received()
    browser = desks.at(desks.sassetta)
    browser.post(f"/protocollo/arrivi/{received.id}", {"do": "refuse", "reason": "Non di competenza"})
    desks.unanswered()
    page = text_of(browser.get(address(received.id)))
    assert "Qui è stato rifiutato, ma Comune di Massa Marittima non risponde" in page
    assert "ha rifiutato il documento" not in page
    assert f"/protocollo/messaggi/{received.id}/riprova" in page


def test_an_annulment_that_nobody_took_note_of_is_not_over(desks: Desks) -> None:
    view = desks.pair.send()
    desks.pair.run()
    browser = desks.at(desks.massa)
    form = {"act_type": "Decreto", "act_number": "1", "act_date": "2020-08-03", "reason": "Errore"}
    registration = f"/protocollo/registrazioni/{view.id}"
    assert browser.post(f"{registration}/annulla", form).status_code == 302
    desks.unanswered()
    message = desks.pair.sent(view.id)
    page = text_of(browser.get(address(message.id)))
    assert "Qui è annullato, ma Comune di Sassetta non risponde" in page
    assert "È finito" not in page
    retry = f"/protocollo/messaggi/{message.id}/riprova"
    shown = text_of(browser.get(registration))
    assert "Non è stato possibile informare Comune di Sassetta" in shown
    assert retry in page
    assert retry in shown
    browser.post(retry)
    desks.pair.run()
    assert "Non è stato possibile informare" not in text_of(browser.get(registration))


def test_what_was_withdrawn_awaits_nothing(desks: Desks, failed: UUID) -> None:
    browser = desks.at(desks.massa)
    form = {"act_type": "Decreto", "act_number": "1", "act_date": "2020-08-03", "reason": "Errore"}
    registration = desks.registration_of(desks.massa, failed)
    browser.post(f"/protocollo/registrazioni/{registration}/annulla", form)
    page = text_of(browser.get(address(failed)))
    assert "annullato prima della consegna" in page
    assert "/riprova" not in page
