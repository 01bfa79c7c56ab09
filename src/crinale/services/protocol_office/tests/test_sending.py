"""A clerk composes, registers and sends a document."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from crinale.kernel import clock
from crinale.services.protocol_office.jobs import forget_submissions
from crinale.services.protocol_office.models import Submission
from crinale.services.protocol_office.queries import Findings
from crinale.services.protocol_office.tests.desks import Desks, file, outgoing_form, text_of
from crinale.spine.protocol.models import Registration
from crinale.spine.records.signatures.tests.made_files import pdf
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.spine.exchange.tests.pair import Pair

OUTGOING = "/protocollo/nuovo/uscita"


def hidden(answer: Any, name: str) -> list[str]:
    """The values of the hidden inputs of a page."""
    found = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', text_of(answer))
    return [unescape(value) for value in found]


def with_recipient(browser: Any, **changes: Any) -> dict[str, Any]:
    """Add Sassetta from the index, as the button without scripts does, and return the form to send."""
    page = browser.post(OUTGOING, outgoing_form(do="add:AAAA002", **changes))
    (recipient,) = hidden(page, "recipient")
    key = re.search(r'name="confirm" value="([^"]*)"', text_of(page))
    assert key is not None
    return outgoing_form(recipient=recipient, confirm=unescape(key[1]), **changes)


@pytest.fixture
def clerk(desks: Desks) -> Any:
    return desks.at(desks.massa, role="protocol_clerk")


def test_a_document_is_registered_sent_and_its_number_comes_back(desks: Desks, clerk: Any) -> None:
    form = with_recipient(clerk)
    answer = clerk.post(
        OUTGOING, {**form, "primary": file(), "attachments": [file("a.txt", b"uno"), file("b.txt", b"due")]}
    )
    assert answer.status_code == 302
    desks.pair.run()
    page = text_of(clerk.get(answer.url))
    assert "0000001/" in page
    assert "lettera.txt" in page
    assert "a.txt" in page
    (received,) = desks.pair.received()
    assert received.state == "registered"
    assert received.recipient_identifier is not None
    assert f"{received.recipient_identifier.number_text}/{received.recipient_identifier.year}" in page


def test_sending_the_same_form_twice_registers_once(desks: Desks, clerk: Any) -> None:
    form = with_recipient(clerk)
    first = clerk.post(OUTGOING, {**form, "primary": file()})
    again = clerk.post(OUTGOING, {**form, "primary": file()})
    assert first.url == again.url
    with scope(desks.massa.body_id):
        assert Registration.objects.count() == 1
        assert Submission.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": ""}, "id_subject"),
        ({"subject": "aaaaaaaa"}, "id_subject"),
        ({"classification": ""}, "id_classification"),
        ({"classification": "99.99"}, "id_classification"),
        ({"reply_to": "quarantadue"}, "id_reply_to"),
        ({"reply_to": "42/2020"}, "id_reply_to"),
        ({"recipient": []}, "id_recipients"),
    ],
)
def test_an_error_names_the_field_and_keeps_text_and_files(
    desks: Desks, clerk: Any, changes: dict[str, Any], field: str
) -> None:
    form = {**with_recipient(clerk), **changes}
    answer = clerk.post(OUTGOING, {**form, "primary": file("perizia.txt")})
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'href="#{field}"' in page
    assert 'id="error-summary"' in page
    assert "autofocus" in page
    assert "perizia.txt" in page
    assert form["subject"] in page
    (kept,) = hidden(answer, "primary_kept")
    with scope(desks.massa.body_id):
        assert Registration.objects.count() == 0
    put_right = clerk.post(OUTGOING, {**with_recipient(clerk), "token": form["token"], "primary_kept": kept})
    assert put_right.status_code == 302


def test_without_a_file_the_page_asks_for_it(clerk: Any) -> None:
    answer = clerk.post(OUTGOING, with_recipient(clerk))
    assert answer.status_code == 422
    assert 'href="#id_documents"' in text_of(answer)


def test_an_empty_file_is_refused_by_name(clerk: Any) -> None:
    answer = clerk.post(OUTGOING, {**with_recipient(clerk), "primary": file("vuoto.txt", b"")})
    assert answer.status_code == 422
    assert "vuoto.txt" in text_of(answer)


def errors_at_documents(page: str) -> list[str]:
    """The errors at the field of the documents, which the summary on top repeats."""
    part = page.split('id="id_documents_error"')[1].split("</div>", maxsplit=1)[0]
    return [unescape(error) for error in re.findall(r'<p class="field-error">([^<]*)</p>', part)]


REJECTED = [
    "vuoto.txt: il file è vuoto: sceglilo di nuovo.",
    "nullo.txt: il file è vuoto: sceglilo di nuovo.",
]


@pytest.mark.parametrize(
    ("address", "action"),
    [
        (OUTGOING, "send"),
        (OUTGOING, "search"),
        (OUTGOING, "add:AAAA002"),
        ("/protocollo/nuovo/arrivo", "register"),
        ("/protocollo/nuovo/arrivo", "search"),
        ("/protocollo/nuovo/interno", "drop-file:x"),
    ],
)
def test_every_rejected_file_is_named_whatever_the_button(clerk: Any, address: str, action: str) -> None:
    bad = [file("vuoto.txt", b""), file("nullo.txt", b"")]
    answer = clerk.post(address, outgoing_form(do=action, primary=file(), attachments=bad))
    page = text_of(answer)
    assert answer.status_code == 422
    assert errors_at_documents(page) == REJECTED
    summary = unescape(page.split('id="error-summary"')[1].split("</ul>")[0])
    assert all(error in summary for error in REJECTED)
    assert "lettera.txt" in page  # the good one is kept


def test_a_rejected_attachment_does_not_hide_that_the_primary_document_is_missing(clerk: Any) -> None:
    answer = clerk.post(OUTGOING, {**with_recipient(clerk), "attachments": file("vuoto.txt", b"")})
    assert len(errors_at_documents(text_of(answer))) == 2
    answer = clerk.post(OUTGOING, {**with_recipient(clerk), "primary": file("vuoto.txt", b"")})
    assert len(errors_at_documents(text_of(answer))) == 1  # one thing to put right is said once


def test_files_chosen_too_long_ago_are_named(desks: Desks, clerk: Any, monkeypatch: Any) -> None:
    kept = clerk.post(OUTGOING, outgoing_form(do="search", primary=file(), attachments=file("a.txt", b"1")))
    tokens = {name: hidden(kept, name) for name in ("primary_kept", "attachment_kept")}
    fresh = clerk.post(OUTGOING, outgoing_form(do="search", primary=file("nuova.txt")))
    form = {**with_recipient(clerk), **tokens}
    monkeypatch.setattr("crinale.services.protocol_office.web.uploads._HOURS", -1)
    page = text_of(clerk.post(OUTGOING, form))
    said = errors_at_documents(page)
    assert [error.split(" ")[0] for error in said] == ["lettera.txt", "a.txt"]
    part = text_of(clerk.post("/protocollo/nuovo/documenti", tokens))
    assert f'data-announce="{" ".join(said)}"' in unescape(part)
    monkeypatch.undo()
    broken = {"primary_kept": hidden(fresh, "primary_kept")[0], "attachment_kept": "abc"}
    answer = clerk.post(OUTGOING, {**with_recipient(clerk), **broken})
    assert answer.status_code == 422  # an attachment is never left out without a word
    assert len(errors_at_documents(text_of(answer))) == 1


def test_a_file_that_takes_the_place_of_one_chosen_too_long_ago_is_enough(clerk: Any) -> None:
    answer = clerk.post(OUTGOING, {**with_recipient(clerk), "primary_kept": "abc", "primary": file()})
    assert answer.status_code == 302


def test_more_attachments_than_a_document_has_are_named(clerk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("crinale.services.protocol_office.web.uploads._LIMIT", 1)
    files = [file("a.txt", b"uno"), file("b.txt", b"due")]
    page = text_of(clerk.post(OUTGOING, outgoing_form(do="search", primary=file(), attachments=files)))
    assert ["b.txt:" in error for error in errors_at_documents(page)] == [True]


def test_what_htmx_draws_announces_what_went_wrong(clerk: Any) -> None:
    bad = [file("vuoto.txt", b""), file("b.txt", b"due"), file("nullo.txt", b"")]
    part = clerk.post("/protocollo/nuovo/documenti", {"attachments": bad})
    expected = " ".join((*REJECTED, "Conservato: b.txt."))
    assert f'data-announce="{expected}"' in unescape(text_of(part))
    hand = {"hand-kind": "legal_person", "hand-name": "Rossi Srl", "hand-tax_code": "123"}
    part = clerk.post("/protocollo/nuovo/uscita/destinatari", outgoing_form(do="hand", **hand))
    announced = re.search(r'data-announce="([^"]*)"', text_of(part))
    assert announced is not None
    assert unescape(announced[1]).startswith("Codice fiscale")
    assert "undici cifre" in announced[1]


def test_a_kept_file_is_good_only_for_who_uploaded_it(desks: Desks, clerk: Any) -> None:
    page = clerk.post(OUTGOING, {**outgoing_form(do="search"), "primary": file()})
    (kept,) = hidden(page, "primary_kept")
    colleague = desks.at(desks.massa, role="protocol_clerk")
    answer = colleague.post(OUTGOING, {**with_recipient(colleague), "primary_kept": kept})
    assert answer.status_code == 422
    assert hidden(answer, "primary_kept") == []


def test_a_changed_recipient_token_is_left_out(clerk: Any) -> None:
    form = with_recipient(clerk)
    answer = clerk.post(OUTGOING, {**form, "recipient": form["recipient"][:-3] + "xyz", "primary": file()})
    assert answer.status_code == 422
    assert 'href="#id_recipients"' in text_of(answer)


def test_a_person_is_added_by_hand_and_registered(desks: Desks, clerk: Any) -> None:
    hand = {
        "hand-kind": "natural_person",
        "hand-name": "Giulia",
        "hand-last_name": "Fabbrì",
        "hand-tax_code": "",
    }
    page = clerk.post(OUTGOING, outgoing_form(do="hand", **hand))
    (recipient,) = hidden(page, "recipient")
    answer = clerk.post(OUTGOING, outgoing_form(recipient=recipient, primary=file()))
    assert answer.status_code == 302
    with scope(desks.massa.body_id):
        assert Registration.objects.get().parties.get(role="recipient").name == "Giulia Fabbrì"


def test_a_wrong_tax_code_is_told_at_its_field(clerk: Any) -> None:
    hand = {"hand-kind": "legal_person", "hand-name": "Rossi Srl", "hand-tax_code": "123"}
    page = text_of(clerk.post(OUTGOING, outgoing_form(do="hand", **hand)))
    assert 'id="id_hand-tax_code_error"' in page
    assert 'href="#id_hand-tax_code"' in page  # in the summary on top
    assert "Rossi Srl" in page


def test_recipients_are_removed_with_a_button(clerk: Any) -> None:
    form = with_recipient(clerk)
    page = clerk.post(OUTGOING, {**form, "do": f"drop:{form['confirm']}"})
    assert hidden(page, "recipient") == []


def test_the_index_answers_while_one_types(clerk: Any) -> None:
    page = text_of(clerk.get("/protocollo/nuovo/uscita/indice", {"q": "sasse"}))
    assert "Comune di Sassetta" in page
    assert "<html" not in page
    assert "add:AAAA002" in page
    assert "zzz" in text_of(clerk.get("/protocollo/nuovo/uscita/indice", {"q": "zzz"}))


def test_the_parts_for_htmx_do_what_the_whole_page_does(clerk: Any) -> None:
    part = clerk.post("/protocollo/nuovo/uscita/destinatari", outgoing_form(do="add:AAAA002"))
    assert len(hidden(part, "recipient")) == 1
    assert "<html" not in text_of(part)
    part = clerk.post("/protocollo/nuovo/documenti", {"primary": file("relazione.txt")})
    assert len(hidden(part, "primary_kept")) == 1
    assert "relazione.txt" in text_of(part)
    part = clerk.post("/protocollo/nuovo/documenti", {"primary": file("vuoto.txt", b"")})
    assert "vuoto.txt" in text_of(part)
    assert hidden(part, "primary_kept") == []


@pytest.mark.parametrize(("subject", "warns"), [("Breve", True), ("x" * 40, False), ("y" * 400, True)])
def test_the_length_of_a_subject_is_advised(clerk: Any, subject: str, warns: bool) -> None:
    page = text_of(clerk.get("/protocollo/nuovo/uscita/oggetto", {"subject": subject}))
    assert str(len(subject)) in page
    assert ("advice-warn" in page) is warns


def test_an_answer_takes_over_the_sender(desks: Desks, clerk: Any) -> None:
    desks.pair.send()
    desks.pair.run()
    (received,) = desks.pair.received()
    there = desks.at(desks.sassetta)
    page = there.get(OUTGOING, {"reply_to": received.registration_id})
    assert len(hidden(page, "recipient")) == 1
    assert "Comune di Massa Marittima" in text_of(page)
    form = outgoing_form(recipient=hidden(page, "recipient")[0], reply_to="1/2026", primary=file())
    year = received.recipient_identifier.year if received.recipient_identifier else 0
    answer = there.post(OUTGOING, {**form, "reply_to": f"1/{year}"})
    assert answer.status_code == 302
    assert f"0000001/{year}" in text_of(there.get(answer.url))


def test_who_may_not_register_finds_no_page(desks: Desks) -> None:
    reader = desks.at(desks.massa, role="reader")
    assert reader.get(OUTGOING).status_code == 404
    assert reader.post(OUTGOING, outgoing_form()).status_code == 404
    assert reverse("protocol_office:outgoing") not in text_of(reader.get("/protocollo/"))


def test_two_copies_of_a_form_at_the_same_moment_register_once(committed_pair: Pair) -> None:
    desks = Desks(committed_pair)
    browsers = [desks.at(desks.massa, role="protocol_clerk")]
    form = with_recipient(browsers[0])
    page = browsers[0].post(OUTGOING, {**form, "do": "search", "primary": file()})
    (kept,) = hidden(page, "primary_kept")
    double = Client()
    double.cookies = browsers[0].cookies
    browsers.append(double)
    start = threading.Barrier(len(browsers))

    def press(browser: Any) -> str:
        try:
            start.wait(10)
            return str(browser.post(OUTGOING, {**form, "primary_kept": kept}).url)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(browsers)) as clicks:
        first, second = clicks.map(press, browsers)
    assert first == second
    with scope(desks.massa.body_id):
        assert Registration.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("tagliato.pdf", pdf()[:-20], "Il PDF è troncato: manca la fine."),
        (
            "rotto.p7m",
            b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80 rotto",
            "Il file firmato è danneggiato",
        ),
    ],
)
def test_a_damaged_file_is_told_before_it_is_sent_and_afterwards(
    desks: Desks, clerk: Any, name: str, content: bytes, words: str
) -> None:
    kept = clerk.post("/protocollo/nuovo/documenti", {"primary": file(name, content)})
    assert "Controllalo prima di inviarlo." in text_of(kept)
    assert words in text_of(kept)
    (token,) = hidden(kept, "primary_kept")
    again = clerk.post(OUTGOING, outgoing_form(do="search", primary_kept=token))
    assert words in text_of(again)  # also when the page comes back
    answer = clerk.post(OUTGOING, {**with_recipient(clerk), "primary_kept": token})
    assert answer.status_code == 302  # the clerk decides
    assert words in text_of(clerk.get(answer.url))


def test_a_whole_file_is_not_suspected(clerk: Any) -> None:
    kept = text_of(clerk.post("/protocollo/nuovo/documenti", {"primary": file("intero.pdf", pdf())}))
    assert "Controllalo" not in kept
    assert "· PDF" in kept


def test_a_signed_file_is_said_to_be_whole() -> None:
    checks = {"FirmatoDigitalmente": True, "MarcaturaTemporale": False}
    with translation.override("it"):
        assert Findings.of({"Verifica": checks}).marks == "firmato digitalmente, integro"
        damaged = Findings.of({"Verifica": checks, "Rilievi": ["nobody signed it"]})
        assert (damaged.marks, damaged.sentences) == ("", ["Non lo ha firmato nessuno."])


def test_forms_acted_upon_are_forgotten_after_a_month(desks: Desks, clerk: Any) -> None:
    assert clerk.post(OUTGOING, {**with_recipient(clerk), "primary": file()}).status_code == 302
    for days, left in ((29, 1), (31, 0)):
        with clock.frozen(clock.now() + timedelta(days=days)):
            forget_submissions()
        with scope(desks.massa.body_id):
            assert Submission.objects.count() == left
            assert Registration.objects.count() == 1
