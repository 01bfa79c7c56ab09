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
from crinale.spine.protocol.actions import archive
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


def test_the_file_of_a_day_is_given_without_what_is_confidential(desks: Desks, frozen: date) -> None:
    page = f"/protocollo/giornalieri/{frozen.isoformat()}"
    whole = desks.at(desks.massa).get(f"{page}/json")
    data = whole.getvalue().decode()
    assert SECRET in data
    for role in ("reader", "protocol_clerk"):
        browser = desks.at(desks.massa, role=role)
        answer = browser.get(f"{page}/json")
        text = answer.getvalue().decode()
        for words in (SECRET, "Corti1", whole.headers["ETag"].strip('"')):
            assert words not in text
        for words in ("Lavori sulla strada di Niccioleta", "Riguarda: Lavori", "Corti0"):
            assert words in text
        extract = json.loads(text)
        assert [line["number"] for line in extract["registrations"]] == [1]
        assert [one["number"] for one in extract["annulments"]] == [1]
        assert (extract["count"], extract["first_number"], extract["last_number"]) == (1, 1, 1)
        assert extract["extract"] is True
        assert answer.headers["ETag"] != whole.headers["ETag"]
        assert "-estratto.json" in answer.headers["Content-Disposition"]
        for kind in ("pdf", "manifest", "report"):
            assert browser.get(f"{page}/{kind}").status_code == 404
            assert f"{page}/{kind}" not in text_of(browser.get(page))


def test_who_does_not_see_everything_gets_an_extract_of_every_day(desks: Desks) -> None:
    """Were it given only where something is missing, it would tell that something is."""
    day = clock.today()
    with scope(desks.massa.body_id):
        desks.massa.receive()
    with clock.frozen(clock.now() + timedelta(days=1)), scope(desks.massa.body_id):
        protocol.freeze_daily_register(area_id=desks.massa.area_id, day=day)
    answer = desks.at(desks.massa, role="reader").get(f"/protocollo/giornalieri/{day.isoformat()}/json")
    assert json.loads(answer.getvalue())["extract"] is True


def test_an_old_number_does_not_show_the_same_number_of_the_ordinary_register(desks: Desks) -> None:
    """An archive of older software may have ordinary registrations of the same numbers and year."""
    town, day = desks.massa, clock.today()
    with scope(town.body_id):
        town.receive(subject=SECRET, confidential=True)
        archived(town, number=1)
    with clock.frozen(clock.now() + timedelta(days=1)), scope(town.body_id):
        protocol.freeze_daily_register(area_id=town.area_id, day=day)
    browser = desks.at(town, role="reader")
    page = f"/protocollo/giornalieri/{day.isoformat()}"
    assert SECRET not in text_of(browser.get(page))
    assert SECRET not in browser.get(f"{page}/json").getvalue().decode()


def archived(town: Town, *, number: int) -> None:
    """Take one registration of this year over from older software."""
    opened = archive.open_archive(
        actor=SYSTEM,
        area_id=town.area_id,
        register_code="OLD",
        name="Vecchio protocollo",
        file_name="registro.csv",
        file_sha256="0" * 64,
    )
    line = archive.ArchivedRegistration(
        line=1,
        number=number,
        registered_at=clock.now(),
        direction="incoming",
        subject="Vecchia pratica",
        classification="6.10",
        senders=(citizen(),),
        recipients=(),
    )
    archive.take_over(actor=SYSTEM, archive=opened, batch=[line], store=lambda _file: None)  # type: ignore[arg-type,return-value]


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
