"""Presets: made from a form or a registration, used, closed; never from a confidential document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from crinale.services.protocol_office.tests.desks import text_of
from crinale.services.protocol_office.tests.test_sending import hidden
from crinale.spine.protocol.tests.town import citizen
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.services.protocol_office.tests.desks import Desks

PRESETS = "/protocollo/modelli"


@pytest.fixture
def clerk(desks: Desks) -> Any:
    return desks.at(desks.massa, role="protocol_clerk")


def test_a_registration_becomes_a_preset_that_fills_a_new_document(desks: Desks, clerk: Any) -> None:
    with scope(desks.massa.body_id):
        one = desks.massa.send(subject="Convocazione del consiglio", recipients=[citizen("Anna", "Verdi")])
    page = text_of(clerk.get(f"/protocollo/registrazioni/{one.id}"))
    (link,) = re.findall(r'href="(/protocollo/modelli/nuovo[^"]*)"', page)
    form = clerk.get(link)
    assert "Convocazione del consiglio" in text_of(form)
    kept = {
        "name": "Convocazione",
        "direction": "outgoing",
        "subject": "Convocazione del consiglio comunale",
        "classification": "6.10",
        "recipient": hidden(form, "recipient"),
    }
    assert clerk.post(link, {**kept, "name": ""}).status_code == 422
    assert clerk.post(link, kept).status_code == 302
    again = clerk.post(link, kept)
    assert again.status_code == 422
    assert 'href="#id_name"' in text_of(again)
    (use,) = re.findall(r'href="(/protocollo/nuovo/uscita\?preset=[^"]*)"', text_of(clerk.get(PRESETS)))
    composed = text_of(clerk.get(use))
    assert "Convocazione del consiglio comunale" in composed
    assert "Anna Verdi" in composed
    assert re.search(r'<option value="6.10" selected>', composed)
    assert "Anna Verdi" not in text_of(clerk.get(use.replace("uscita", "arrivo")))  # of the other direction


def test_an_incoming_preset_fills_the_counter(desks: Desks, clerk: Any) -> None:
    form = {"name": "Fattura", "direction": "incoming", "subject": "Fattura del gestore idrico"}
    assert clerk.post(f"{PRESETS}/nuovo", form).status_code == 302
    page = text_of(clerk.get(PRESETS))
    (use,) = re.findall(r'href="(/protocollo/nuovo/arrivo\?preset=[^"]*)"', page)
    assert 'value="Fattura del gestore idrico"' in text_of(clerk.get(use))
    (close,) = re.findall(r'href="(/protocollo/modelli/[^"]*/chiudi)"', page)
    assert clerk.post(close).status_code == 302
    assert "Fattura" not in text_of(clerk.get(PRESETS))
    assert clerk.get(close).status_code == 404
    assert clerk.post(f"{PRESETS}/nuovo", form).status_code == 302  # the name is free again


def test_nothing_of_a_confidential_document_goes_into_a_preset(desks: Desks) -> None:
    with scope(desks.massa.body_id):
        one = desks.massa.receive(confidential=True, subject="Segnalazione riservata di illecito")
    manager = desks.at(desks.massa)
    assert "modelli/nuovo" not in text_of(manager.get(f"/protocollo/registrazioni/{one.id}"))
    page = text_of(manager.get(f"{PRESETS}/nuovo", {"registration": one.id}))
    assert "Segnalazione" not in page


def test_a_reader_uses_none_and_another_body_sees_none(desks: Desks, clerk: Any) -> None:
    clerk.post(f"{PRESETS}/nuovo", {"name": "Fattura", "direction": "incoming"})
    assert desks.at(desks.massa, role="reader").get(f"{PRESETS}/nuovo").status_code == 404
    assert "Fattura" not in text_of(desks.at(desks.sassetta).get(PRESETS))
