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
