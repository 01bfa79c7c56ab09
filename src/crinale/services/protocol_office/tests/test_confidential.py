"""Whoever may not see confidential documents reads the same pages whether or not there are any."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import text_of
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.tests.town import SYSTEM, citizen
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from datetime import date

    from crinale.services.protocol_office.tests.desks import Desks
    from crinale.spine.protocol.tests.town import Town

BOXES = ("to_register", "to_assign", "waiting_confirmation", "refused", "incidents")
SECRET = "Provvedimento disciplinare da non leggere in giro"


def trouble_of_every_kind(desks: Desks, **changes: Any) -> None:
    """Something in every box: registered there by itself, refused there, failed, under way, waiting."""
    pair = desks.pair
    pair.send(**changes)
    pair.run()
    pair.wire.retouch = lambda xml: xml.replace(b"parere.txt", b"paRere.txt")
    pair.send(**changes)
    pair.run()
    pair.wire.retouch = bytes
    pair.send(**changes)
    desks.unanswered()
    pair.by_clerk()
    pair.send(**changes)
    pair.run()
    from crinale.spine.tenancy.models import Area

    Area.objects.filter(id=pair.sassetta.area_id).update(registers_incoming="automatic")


def queue_of(browser: Any) -> list[str]:
    pages = [text_of(browser.get("/protocollo/", {"box": box})) for box in BOXES]
    return [re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page) for page in pages]


def test_the_queue_of_a_reader_has_no_trace_of_confidential_documents(desks: Desks) -> None:
    with clock.frozen(clock.now()):
        trouble_of_every_kind(desks)
        towns = (desks.massa, desks.sassetta)
        readers = [desks.at(town, role="reader") for town in towns]
        heads = [desks.at(town) for town in towns]
        before = [queue_of(browser) for browser in readers]
        heads_before = [queue_of(browser) for browser in heads]
        trouble_of_every_kind(desks, confidential=True, subject=SECRET)
        assert [queue_of(browser) for browser in readers] == before
        for browser, former in zip(heads, heads_before, strict=True):
            now = queue_of(browser)
            assert now != former
            assert SECRET in "".join(now)


def test_pages_and_files_of_a_confidential_exchange_are_not_found(desks: Desks) -> None:
    desks.pair.by_clerk()
    view = desks.pair.send(confidential=True, subject=SECRET)
    desks.pair.run()
    (received,) = desks.pair.received()
    sent = desks.pair.sent(view.id)
    cases: list[tuple[Town, list[str]]] = [
        (
            desks.massa,
            [f"/protocollo/messaggi/{sent.id}/disservizio", f"/protocollo/registrazioni/{view.id}"],
        ),
        (
            desks.sassetta,
            [
                f"/protocollo/arrivi/{received.id}",
                f"/protocollo/arrivi/{received.id}/documenti/0",
                f"/protocollo/messaggi/{received.id}/disservizio",
            ],
        ),
    ]
    for town, addresses in cases:
        message = sent if town is desks.massa else received
        story = desks.pair.story(town, message.id)
        proofs = [f"/protocollo/prove/{wire.id}" for step in story for wire in step.envelopes]
        assert proofs
        reader, head = desks.at(town, role="reader"), desks.at(town)
        for address in (*addresses, *proofs):
            assert reader.get(address).status_code == 404
            answer = head.get(address)
            assert answer.status_code == 200
            assert answer.getvalue() if answer.streaming else answer.content


def test_the_clerk_who_decides_reads_what_waits(desks: Desks) -> None:
    desks.pair.by_clerk()
    desks.pair.send(confidential=True, subject=SECRET)
    desks.pair.run()
    (received,) = desks.pair.received()
    clerk = desks.at(desks.sassetta, role="protocol_clerk")
    assert SECRET in text_of(clerk.get("/protocollo/", {"box": "to_register"}))
    page = f"/protocollo/arrivi/{received.id}"
    assert SECRET in text_of(clerk.get(page))
    answer = clerk.post(page, {"do": "refuse", "reason": "Non di competenza"})
    assert clerk.get(answer.url).status_code == 200


@pytest.fixture
def frozen(desks: Desks) -> date:
    """A frozen day with an ordinary and a confidential registration, and the annulment of both."""
    day = clock.today()
    with scope(desks.massa.body_id):
        for subject, confidential in (("Lavori sulla strada di Niccioleta", False), (SECRET, True)):
            one = desks.massa.receive(
                subject=subject, confidential=confidential, sender=citizen("Elsa", f"Corti{confidential:d}")
            )
            protocol.annul(
                actor=SYSTEM, registration_id=one.id, act="Decreto 1", reason=f"Riguarda: {subject}"
            )
    with clock.frozen(clock.now() + timedelta(days=1)), scope(desks.massa.body_id):
        protocol.freeze_daily_register(area_id=desks.massa.area_id, day=day)
    return day


def test_the_file_of_a_day_is_given_without_confidential_content(desks: Desks, frozen: date) -> None:
    address = f"/protocollo/giornalieri/{frozen.isoformat()}/json"
    whole = desks.at(desks.massa).get(address)
    data = whole.getvalue()
    assert SECRET in data.decode()
    for role in ("reader", "protocol_clerk"):
        answer = desks.at(desks.massa, role=role).get(address)
        text = answer.getvalue().decode()
        assert SECRET not in text
        assert "Corti1" not in text
        assert "Lavori sulla strada di Niccioleta" in text
        assert "Riguarda: Lavori" in text
        assert "Corti0" in text
        extract = json.loads(text)
        assert [line["number"] for line in extract["registrations"]] == [1, 2]
        assert extract["extract_of"] == whole.headers["ETag"].strip('"')
        assert answer.headers["ETag"] != whole.headers["ETag"]
        assert "-estratto.json" in answer.headers["Content-Disposition"]


def test_a_day_without_confidential_content_is_given_as_it_was_frozen(desks: Desks) -> None:
    day = clock.today()
    with scope(desks.massa.body_id):
        desks.massa.receive()
    with clock.frozen(clock.now() + timedelta(days=1)), scope(desks.massa.body_id):
        protocol.freeze_daily_register(area_id=desks.massa.area_id, day=day)
    address = f"/protocollo/giornalieri/{day.isoformat()}/json"
    whole, read = (desks.at(desks.massa, role=role).get(address) for role in ("records_manager", "reader"))
    assert read.getvalue() == whole.getvalue()
    assert read.headers["ETag"] == whole.headers["ETag"]


def test_who_is_charged_with_a_confidential_document_finds_it_by_a_word(desks: Desks) -> None:
    town = desks.massa
    with scope(town.body_id):
        mine = town.receive(subject=SECRET, confidential=True)
        town.receive(subject=f"Altro {SECRET.lower()}", confidential=True)
    person = desks.person(town, role="protocol_clerk")
    with scope(town.body_id):
        protocol.assign(actor=SYSTEM, registration_id=mine.id, office_id=town.office_id, person_id=person.id)
    browser = desks.sits(person, town)
    found = text_of(browser.get("/protocollo/cerca", {"q": "disciplinare"}))
    assert SECRET in found
    assert f"Altro {SECRET.lower()}" not in found
    stranger = desks.at(town, role="protocol_clerk")
    assert SECRET not in text_of(stranger.get("/protocollo/cerca", {"q": "disciplinare"}))
