"""Presets: made from a form or a registration, used, closed; never from a confidential document."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from crinale.kernel import clock
from crinale.services.protocol_office.models import Preset
from crinale.services.protocol_office.tests.desks import Desks, text_of
from crinale.services.protocol_office.tests.test_sending import hidden
from crinale.spine.protocol.tests.town import citizen
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.spine.exchange.tests.pair import Pair

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


def test_a_name_that_somebody_else_is_just_taking_is_refused_like_one_that_is_taken(
    committed_pair: Pair,
) -> None:
    desks = Desks(committed_pair)
    clerk = desks.at(desks.massa, role="protocol_clerk")

    def save() -> Any:
        try:
            return clerk.post(f"{PRESETS}/nuovo", {"name": "Fattura", "direction": "incoming"})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        with scope(desks.massa.body_id), transaction.atomic():
            Preset(
                area=desks.massa.area_id,
                name="Fattura",
                direction="incoming",
                content={},
                made_at=clock.now(),
                made_by_name="Un collega",
            ).save(force_insert=True)
            second = elsewhere.submit(save)
            waits_for_a_lock(second)
        answer = second.result(20)
    assert answer.status_code == 422
    assert 'href="#id_name"' in text_of(answer)
    assert "name" in answer.context["form"].errors


def waits_for_a_lock(work: Any) -> None:
    """Return when somebody waits for what this connection holds."""
    until = time.monotonic() + 20
    while time.monotonic() < until and not work.done():
        with connection.cursor() as cursor:
            cursor.execute(
                "select exists (select from pg_locks"
                " where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone() == (True,):
                return
        time.sleep(0.02)
    pytest.fail("nobody waited for the name")
