"""The counter: senders found by typing, headings with their reason, duplicates, scans, links, deferrals."""

from __future__ import annotations

import os
import re
import time
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.services.protocol_office import scanning
from crinale.services.protocol_office.ports import scan_root
from crinale.services.protocol_office.tests.desks import file, text_of
from crinale.services.protocol_office.tests.test_arrivals import ARRIVAL, arrival, shown
from crinale.spine.protocol.actions import address_book
from crinale.spine.protocol.models import Registration
from crinale.spine.protocol.queries import PartyData
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.tenancy import queries as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crinale.services.protocol_office.tests.desks import Desks
    from crinale.spine.tenancy.queries import AreaRef

MOST_QUESTIONS = 30
ROSSI = PartyData(kind="natural_person", first_name="Mario", last_name="Rossi", email="rossi@example.it")
EDIL = PartyData(kind="legal_person", name="Edil Maremma Srl", email="edil@pec.example")


@pytest.fixture
def known(desks: Desks) -> None:
    with scope(desks.massa.body_id):
        for party in (ROSSI, EDIL):
            address_book.add_correspondent(actor=SYSTEM, party=party)


def chosen(answer: Any) -> list[str]:
    found = re.findall(r'<input type="hidden" name="correspondent" value="([^"]*)"', text_of(answer))
    return [unescape(token) for token in found]


def by_hand(**changes: Any) -> dict[str, Any]:
    """A form on which nobody is written by hand."""
    return arrival(name="", last_name="", **changes)


@pytest.mark.usefixtures("known")
def test_enter_chooses_the_only_one_who_answers_and_registers_when_nobody_is_looked_for(desks: Desks) -> None:
    clerk = desks.at(desks.massa, role="protocol_clerk")
    page = clerk.post(ARRIVAL, by_hand(do="next", q="ross"))
    assert page.status_code == 200
    (token,) = chosen(page)
    with scope(desks.massa.body_id):
        assert Registration.objects.count() == 0  # looking is not registering
    again = clerk.post(ARRIVAL, by_hand(do="next", q="maremma", correspondent=token))
    assert len(chosen(again)) == 2
    made = clerk.post(ARRIVAL, by_hand(do="next", correspondent=chosen(again)))
    page = shown(clerk, made)
    assert "Mario Rossi" in page
    assert "Edil Maremma Srl" in page


@pytest.mark.usefixtures("known")
def test_several_who_answer_are_offered_and_nobody_opens_the_form_by_hand(desks: Desks) -> None:
    clerk = desks.at(desks.massa)
    page = text_of(clerk.post(ARRIVAL, by_hand(do="next", q="ma")))
    assert page.count('value="pick:') == 2
    none = text_of(clerk.post(ARRIVAL, by_hand(do="next", q="zzzzz")))
    assert "scrivi qui il mittente" in none
    assert '<details class="more" open><summary>Scrivi il mittente a mano' in none
    found = text_of(clerk.get("/protocollo/nuovo/arrivo/mittenti?q=mar"))
    assert "<html" not in found
    assert "Mario Rossi" in found


@pytest.mark.usefixtures("known")
def test_the_heading_of_earlier_documents_is_filled_in_with_its_reason(desks: Desks) -> None:
    with scope(desks.massa.body_id):
        for number in range(3):
            desks.massa.receive(sender=ROSSI, subject=f"Domanda di contributo numero {number}")
        desks.massa.receive(sender=ROSSI, classification="1.6", subject="Altro argomento")
    clerk = desks.at(desks.massa)
    with CaptureQueriesContext(connection) as asked:
        page = text_of(clerk.post(ARRIVAL, by_hand(do="next", q="ross", classification="", subject="")))
    assert len(asked) <= MOST_QUESTIONS
    assert re.search(r'<option value="6.10" selected>', page)
    assert "così 3 degli ultimi 4 documenti di Mario Rossi." in page
    assert 'value="subject:Domanda di contributo numero 2" accesskey="' in page
    kept = text_of(clerk.post(ARRIVAL, by_hand(do="next", q="ross", classification="1.6")))
    assert re.search(r'<option value="1.6" selected>', kept)  # what a person chose stays
    assert 'value="classify:6.10"' in kept
    used = text_of(clerk.post(ARRIVAL, by_hand(do="classify:6.10", classification="1.6")))
    assert re.search(r'<option value="6.10" selected>', used)


def test_nothing_is_registered_under_a_heading_that_nobody_saw(desks: Desks) -> None:
    clerk = desks.at(desks.massa)
    with scope(desks.massa.body_id):
        for number in range(3):
            desks.massa.receive(sender=ROSSI, subject=f"Domanda di contributo numero {number}")
    form = arrival(email="rossi@example.it", classification="")
    page = clerk.post(ARRIVAL, form)
    assert page.status_code == 422
    assert 'href="#id_classification"' in text_of(page)
    assert re.search(r'<option value="6.10" selected>', text_of(page))


def test_a_duplicate_is_shown_and_registered_only_after_the_clerk_says_so(desks: Desks) -> None:
    clerk = desks.at(desks.massa)
    first = shown(clerk, clerk.post(ARRIVAL, arrival()))
    assert "0000001/" in first
    warned = clerk.post(ARRIVAL, arrival())
    page = text_of(warned)
    assert warned.status_code == 422
    assert "ha lo stesso file" in page
    assert 'href="#id_another"' in page
    (said,) = re.findall(r'name="another" accesskey="a" value="([^"]*)"', page)
    assert clerk.post(ARRIVAL, arrival(another="01234567-0123-0123-0123-012345678901")).status_code == 422
    assert clerk.post(ARRIVAL, arrival(another=said)).status_code == 302
    with scope(desks.massa.body_id):
        assert Registration.objects.count() == 2


def test_who_may_not_see_a_confidential_document_is_not_warned_of_it(desks: Desks) -> None:
    with scope(desks.massa.body_id):
        document = desks.massa.store(b"Si chiede il parere in oggetto.", name="riservata.txt")
        from crinale.spine.protocol.queries import EnclosureData

        desks.massa.receive(confidential=True, documents=[EnclosureData(document)])
    clerk = desks.at(desks.massa, role="protocol_clerk")
    assert clerk.post(ARRIVAL, arrival()).status_code == 302


def test_earlier_registrations_offices_and_a_deferral_are_registered(desks: Desks) -> None:
    with scope(desks.massa.body_id):
        before = desks.massa.receive()
    clerk = desks.at(desks.massa)
    days_ago = (clock.now() - timedelta(days=2)).astimezone(clock.ROME)
    form = arrival(
        links=f"{before.number}/{before.year}",
        relation="integration",
        addressed=[str(desks.massa.office_id)],
        arrived_at=f"{days_ago:%Y-%m-%dT%H:%M}",
        deferred_act="Provvedimento n. 7",
        deferred_reason="Scadenza del bando",
    )
    assert clerk.post(ARRIVAL, {**form, "links": "999/2020"}).status_code == 422
    late = clerk.post(ARRIVAL, {**form, "deferred_reason": "", "primary": file("b.txt", b"b")})
    assert 'href="#id_deferred_reason"' in text_of(late)
    page = shown(clerk, clerk.post(ARRIVAL, {**form, "primary": file("c.txt", b"c")}))
    assert f"Integra {before.number_text}/{before.year}" in page
    assert "Provvedimento n. 7" in page
    assert "Ufficio tecnico" in page


@pytest.fixture
def scanner(desks: Desks, tmp_path: Path) -> Iterator[Path]:
    """The folder of the scanner of Massa Marittima."""
    folder = tmp_path / desks.massa.code
    folder.mkdir()
    with scan_root.replaced(tmp_path):
        yield folder


def dropped(folder: Path, name: str | bytes, content: bytes = b"scansione", *, ago: int = 60) -> None:
    path = folder / os.fsdecode(name)
    path.write_bytes(content)
    os.utime(path, (time.time() - ago,) * 2)


def area_of(desks: Desks) -> AreaRef:
    found = tenancy.area(desks.massa.area_id)
    assert found is not None
    return found


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_a_scan_is_taken_registered_and_put_aside(desks: Desks, scanner: Path) -> None:
    dropped(scanner, "foglio 1.txt", b"primo", ago=120)
    dropped(scanner, "foglio 2.txt", b"secondo", ago=60)
    clerk = desks.at(desks.massa)
    page = text_of(clerk.get(ARRIVAL))
    first, second = re.findall(r'value="take:([^"]*)"', page)
    assert page.index("foglio 1.txt") < page.index("foglio 2.txt")
    page = clerk.post(ARRIVAL, arrival(do=f"take:{first}", primary=""))
    (kept,) = re.findall(r'name="primary_kept" value="([^"]*)"', text_of(page))
    assert names(scanner) == ["foglio 1.txt", "foglio 2.txt"]  # nothing is registered yet
    made = clerk.post(ARRIVAL, arrival(primary="", primary_kept=kept))
    assert "foglio 1.txt" in shown(clerk, made)
    assert names(scanner / "done") == ["foglio 1.txt"]
    assert (scanner / "foglio 2.txt").exists()
    gone = clerk.post(ARRIVAL, arrival(do=f"take:{first}", primary=""))
    assert "La scansione non c" in text_of(gone)
    assert second in text_of(gone)


def test_a_form_that_is_refused_leaves_the_scan_where_it_is(desks: Desks, scanner: Path) -> None:
    dropped(scanner, "foglio.txt")
    clerk = desks.at(desks.massa)
    (key,) = re.findall(r'value="take:([^"]*)"', text_of(clerk.get(ARRIVAL)))
    page = clerk.post(ARRIVAL, arrival(do=f"take:{key}", primary=""))
    (kept,) = re.findall(r'name="primary_kept" value="([^"]*)"', text_of(page))
    refused = clerk.post(ARRIVAL, arrival(primary="", primary_kept=kept, subject=""))
    assert refused.status_code == 422
    assert names(scanner) == ["foglio.txt"]


def test_hostile_names_and_things_that_are_no_files_do_no_harm(desks: Desks, scanner: Path) -> None:
    secret = scanner.parent / "segreto.txt"
    secret.write_text("chiave")
    (scanner / "collegamento.txt").symlink_to(secret)
    (scanner / "cartella").mkdir()
    os.mkfifo(scanner / "coda")
    dropped(scanner, ".nascosto")
    dropped(scanner, "vuoto.txt", b"")
    dropped(scanner, "appena.txt", ago=0)
    dropped(scanner, b"\xff\xfe\x1b[31m<script>alert(1).txt", b"uno")
    dropped(scanner, "\u202egnp.exe", b"due")
    area = area_of(desks)
    found = scanning.scans(area)
    assert len([one for one in found if one.whole]) == 2
    assert all(one.name.isprintable() and "<" not in one.name for one in found)
    clerk = desks.at(desks.massa)
    page = text_of(clerk.get(ARRIVAL))
    assert "<script>alert" not in page
    assert "collegamento.txt" not in page
    assert "sta arrivando" in page
    for one in (one for one in found if one.whole):
        answer = clerk.post(ARRIVAL, arrival(do=f"take:{one.key}", primary=""))
        assert 'name="primary_kept"' in text_of(answer)
    assert scanning.put_aside(area, [one.key for one in found]) == []
    assert len(names(scanner / "done")) == 4
    assert secret.exists()


def test_two_scans_of_one_name_both_stay_in_the_folder_of_what_is_done(desks: Desks, scanner: Path) -> None:
    area = area_of(desks)
    for content in (b"uno", b"due"):
        dropped(scanner, "scan.pdf", content)
        scanning.put_aside(area, [one.key for one in scanning.scans(area)])
    assert len(names(scanner / "done")) == 2


def test_without_a_folder_nothing_is_offered_and_none_is_made(desks: Desks, tmp_path: Path) -> None:
    with scan_root.replaced(tmp_path / "manca"):
        assert "Dallo scanner" not in text_of(desks.at(desks.massa).get(ARRIVAL))
    assert not (tmp_path / "manca").exists()


def test_the_scans_of_one_area_are_not_those_of_another(desks: Desks, scanner: Path) -> None:
    dropped(scanner, "foglio.txt")
    (one,) = scanning.scans(area_of(desks))
    there = desks.at(desks.sassetta)
    assert "foglio.txt" not in text_of(there.get(ARRIVAL))
    assert 'name="primary_kept"' not in text_of(
        there.post(ARRIVAL, arrival(do=f"take:{one.key}", primary=""))
    )
