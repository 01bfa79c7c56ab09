"""Mail in front of a clerk: told in plain words, suggested right, registered once, never lost."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.services.protocol_office.queries import suggestions
from crinale.services.protocol_office.tests.desks import text_of
from crinale.services.protocol_office.tests.letters import INVOICE, PICTURE, arrives, pdf
from crinale.spine.exchange import queries as exchange
from crinale.spine.exchange.mail_values import EnvelopeSignature
from crinale.spine.exchange.rules.mail import message_id_for
from crinale.spine.exchange.tests.post import CITIZEN, MASSA, certified, mail, receipt
from crinale.spine.exchange.tests.post import file as mailed
from crinale.spine.protocol.actions import address_book as book
from crinale.spine.protocol.queries import PartyData
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.services.protocol_office.tests.desks import Desks

SUBJECT = "Segnalazione di una buca in via Norma, davanti alla scuola"
GIULIA = PartyData(
    kind="natural_person", first_name="Giulia", last_name="Fabbrì", email=CITIZEN, confirm=False
)


def arrived(desks: Desks, *, identifier: str = "opec1", **changes: Any) -> UUID:
    """A certified mail with two files, in the box of Massa Marittima."""
    said = {
        "subject": f"POSTA CERTIFICATA: Re: {SUBJECT}",
        "recipients": (MASSA,),
        "files": (mailed("segnalazione.pdf", pdf()), mailed("foto.png", PICTURE)),
        "message_id": f"{identifier}@example.it",
        "outer_message_id": f"{identifier}@pec.example.it",
        **changes,
    }
    return arrives(desks.massa, certified(identifier, **said))


def form_of(page: str) -> dict[str, Any]:
    """What a browser sends when the form is sent as it is."""
    part = page[page.index('id="register-form"') :]
    part = part[: part.index("</form>")]
    sent: dict[str, Any] = {"do": "register", "attached": []}
    for tag in re.findall(r"<input[^>]*>", part):
        name, value = (re.search(rf'{word}="([^"]*)"', tag) for word in ("name", "value"))
        ticked = "checked" in tag or not re.search(r'type="(radio|checkbox)"', tag)
        if name is None or not ticked:
            continue
        given = html.unescape(value[1]) if value else ""
        if name[1] == "attached":
            sent["attached"].append(given)
        else:
            sent[name[1]] = given
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', part, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else ""
    sent["subject"] = html.unescape(re.findall(r"<textarea[^>]*>\s*(.*?)</textarea>", part, re.DOTALL)[0])
    return sent


def made_by(answer: Any) -> UUID:
    """The registration to which an answer leads."""
    assert answer.status_code == 302, re.findall(
        r'class="error-summary".*?</div>', text_of(answer), re.DOTALL
    )
    return UUID(answer.url.rpartition("/")[2])


def known_sender(desks: Desks) -> None:
    with scope(desks.massa.body_id):
        desks.massa.receive(sender=GIULIA, subject="Richiesta di manutenzione", classification="6.10")


def test_a_mail_is_told_in_plain_words(desks: Desks) -> None:
    page = text_of(desks.at(desks.massa).get(f"/protocollo/posta/{arrived(desks)}"))
    assert f"Inviata da {CITIZEN} con posta certificata; la busta del gestore è integra" in page
    assert "Buongiorno, segnalo una buca." in page
    assert "foto.png" in page
    assert "/file/0/anteprima/1.png" in page  # the first file stands beside the form
    assert "/originale" in page


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"present": False}, "ma nessun gestore l"),
        ({"intact": False}, "è stata modificata dopo la firma"),
        ({"trusted": False}, "non è tra quelle considerate attendibili"),
    ],
)
def test_a_doubtful_envelope_is_told_and_nothing_is_sure(
    desks: Desks, fault: dict[str, bool], words: str
) -> None:
    known_sender(desks)
    sound = {"present": True, "intact": True, "trusted": True, "signer": "", "reason": ""}
    signature = EnvelopeSignature(**{**sound, **fault})  # type: ignore[arg-type]
    page = text_of(desks.at(desks.massa).get(f"/protocollo/posta/{arrived(desks, signature=signature)}"))
    assert words in page
    assert "premi Invio" not in page


def test_what_is_suggested_is_right_and_one_button_registers_it(desks: Desks) -> None:
    known_sender(desks)
    address = f"/protocollo/posta/{arrived(desks)}"
    browser = desks.at(desks.massa)
    page = text_of(browser.get(address))
    assert "in 1 documento precedente" in page
    assert "premi Invio" in page
    assert re.search(r'<button[^>]*accesskey="r"[^>]*autofocus', page)
    sent = form_of(page)
    assert (sent["subject"], sent["classification"]) == (SUBJECT, "6.10")
    answer = browser.post(address, sent)
    assert answer.status_code == 302
    made = desks.registration(desks.massa, made_by(answer))
    assert (made.subject, made.channel, made.senders[0].name) == (SUBJECT, "pec", "Giulia Fabbrì")
    assert [one.file_name for one in made.documents][:2] == ["segnalazione.pdf", "foto.png"]
    assert made.documents[-1].file_name.endswith(".eml")
    assert made.arrived_at is not None
    page = text_of(browser.get(address))
    assert answer.url in page
    assert 'id="register-form"' not in page
    again = browser.post(address, sent)  # the page was still open in another window
    assert again.status_code == 302
    assert "deciso nel frattempo" in text_of(browser.get(address))
    with scope(desks.massa.body_id):
        assert exchange.mail_counts(actor=SYSTEM, area_id=desks.massa.area_id).total == 0


def test_after_one_comes_the_next(desks: Desks) -> None:
    known_sender(desks)
    first, second = (
        arrived(desks),
        arrived(desks, identifier="opec2", subject="Richiesta di accesso agli atti"),
    )
    browser = desks.at(desks.massa)
    sent = form_of(text_of(browser.get(f"/protocollo/posta/{first}")))
    answer = browser.post(f"/protocollo/posta/{first}", {**sent, "do": "register_next"})
    assert answer.url == f"/protocollo/posta/{second}"
    assert "Registrato con il numero" in text_of(browser.get(answer.url))


def test_a_stranger_is_suggested_as_the_mail_says_or_written_by_hand(desks: Desks) -> None:
    mail_id = arrived(desks, sender_address="info@officina.example.com", sender_name="Officina Poggi snc")
    browser = desks.at(desks.massa)
    address = f"/protocollo/posta/{mail_id}"
    page = text_of(browser.get(address))
    assert "come dice il messaggio stesso" in page
    assert "premi Invio" not in page
    sent = {**form_of(page), "classification": "6.10"}
    missing = browser.post(address, {**sent, "sender": "hand", "hand-kind": "legal_person"})
    assert missing.status_code == 422
    assert html.escape(SUBJECT) in text_of(missing)
    wrong = text_of(browser.post(address, {**sent, "subject": ""}))
    assert form_of(wrong)["sender"]  # whoever was chosen is chosen still
    answer = browser.post(
        address,
        {**sent, "sender": "hand", "hand-kind": "legal_person", "hand-name": "Officina Poggi e figli"},
    )
    made = desks.registration(desks.massa, made_by(answer))
    assert made.senders[0].name == "Officina Poggi e figli"


def test_a_body_is_known_by_its_address_in_the_index(desks: Desks) -> None:
    desks.pair.list_area(desks.sassetta, emails=("protocollo@pec.sassetta.example.it",))
    mail_id = arrived(desks, sender_address="protocollo@pec.sassetta.example.it", sender_name="PEC Sassetta")
    page = text_of(desks.at(desks.massa).get(f"/protocollo/posta/{mail_id}"))
    assert "indice delle amministrazioni (IPA), con questo indirizzo" in page
    office = arrived(desks, identifier="opec3", sender_address="anagrafe@pec.sassetta.example.it")
    page = text_of(desks.at(desks.massa).get(f"/protocollo/posta/{office}"))
    assert "scrive dallo stesso dominio" in page


@pytest.mark.parametrize("same", ["file", "subject"])
def test_what_may_be_here_already_is_told_and_must_be_told_apart(desks: Desks, same: str) -> None:
    known_sender(desks)
    browser = desks.at(desks.massa)
    first = f"/protocollo/posta/{arrived(desks)}"
    browser.post(first, form_of(text_of(browser.get(first))))
    other = (
        {"subject": "Domanda di rimborso dei tributi locali"}
        if same == "file"
        else {"files": (mailed("altro.pdf", pdf(words="Altro.")),)}
    )
    address = f"/protocollo/posta/{arrived(desks, identifier='opec2', **other)}"
    page = text_of(browser.get(address))
    assert "premi Invio" not in page
    sent = {**form_of(page), "classification": "6.10"}
    assert browser.post(address, sent).status_code == 422
    token = re.search(r'name="another" value="([^"]*)"', page)
    assert token is not None
    assert browser.post(address, {**sent, "another": token[1]}).status_code == 302


@pytest.mark.parametrize(
    ("primary", "attached", "expected"),
    [
        ("mail", [], [".eml"]),
        ("0", [], ["segnalazione.pdf"]),
        ("1", ["0", "1"], ["foto.png", "segnalazione.pdf"]),
        ("mail", ["0"], [".eml", "segnalazione.pdf"]),
    ],
)
def test_the_clerk_chooses_what_is_registered(
    desks: Desks, primary: str, attached: list[str], expected: list[str]
) -> None:
    known_sender(desks)
    address, browser = f"/protocollo/posta/{arrived(desks)}", desks.at(desks.massa)
    sent = {**form_of(text_of(browser.get(address))), "primary": primary, "attached": attached}
    made = desks.registration(desks.massa, made_by(browser.post(address, sent)))
    names = [one.file_name for one in made.documents]
    assert len(names) == len(expected)
    assert all(name.endswith(end) for name, end in zip(names, expected, strict=True))


def test_a_mail_is_set_aside_with_a_reason_and_comes_back(desks: Desks) -> None:
    mail_id, browser = arrived(desks), desks.at(desks.massa)
    address = f"/protocollo/posta/{mail_id}"
    assert browser.post(address, {"do": "aside", "reason": " "}).status_code == 422
    assert browser.post(address, {"do": "aside", "reason": "Pubblicità"}).status_code == 302
    assert "Pubblicità" in text_of(browser.get(address))
    assert str(mail_id) in text_of(browser.get("/protocollo/posta/accantonata"))
    assert str(mail_id) not in text_of(browser.get("/protocollo/?box=mails"))


def test_a_receipt_of_an_unknown_message_is_noted(desks: Desks) -> None:
    from crinale.kernel.ids import new_id

    unknown = message_id_for(new_id(), "document", MASSA)
    mail_id, browser = arrives(desks.massa, receipt("acceptance", unknown)), desks.at(desks.massa)
    address = f"/protocollo/posta/{mail_id}"
    assert str(mail_id) in text_of(browser.get("/protocollo/?box=unmatched"))
    page = text_of(browser.get(address))
    assert "Ricevuta di accettazione" in page
    assert unknown in page
    assert 'id="register-form"' not in page
    browser.post(address, {"do": "aside", "reason": "Inviata dalla webmail del gestore"})
    assert "Inviata dalla webmail" in text_of(browser.get(address))
    assert "box=unmatched" not in text_of(browser.get("/protocollo/"))


def test_a_reader_sees_neither_the_mail_nor_that_it_waits(desks: Desks) -> None:
    mail_id, reader = arrived(desks), desks.at(desks.massa, role="reader")
    for address in ("", "/originale", "/file/0", "/file/0/anteprima", "/file/0/anteprima/1.png"):
        assert reader.get(f"/protocollo/posta/{mail_id}{address}").status_code == 404
    queue = reader.get("/protocollo/")
    assert queue.status_code in {302, 404} or "box=mails" not in text_of(queue)


def test_confidential_documents_suggest_nothing_to_who_may_not_see_them(desks: Desks) -> None:
    secret = {"sender": GIULIA, "confidential": True, "classification": "6.10"}
    with scope(desks.massa.body_id):
        desks.massa.receive(subject=SUBJECT, **secret)
    clerk = desks.at(desks.massa, role="protocol_clerk")
    page = text_of(clerk.get(f"/protocollo/posta/{arrived(desks)}"))
    assert "documento precedente" not in page
    assert 'name="another"' not in page


def test_the_page_of_a_mail_asks_a_fixed_number_of_questions(desks: Desks) -> None:
    def questions(mail_id: UUID) -> int:
        browser.get(f"/protocollo/posta/{mail_id}")
        with CaptureQueriesContext(connection) as asked:
            page = browser.get(f"/protocollo/posta/{mail_id}")
        assert len(page.content) < 100_000
        return len(asked)

    browser = desks.at(desks.massa)
    known_sender(desks)
    few = questions(arrived(desks))
    with scope(desks.massa.body_id):
        for number in range(6):
            desks.massa.receive(sender=GIULIA, subject=f"Richiesta numero {number} sulla strada comunale")
    files = tuple(mailed(f"{n}.xml", INVOICE + b" " * n) for n in range(12))
    many = questions(arrived(desks, identifier="opec9", files=files, text="parole " * 50_000))
    assert many <= few + 1  # what is similar is looked for once more, or once less, by its words
    assert few <= 28


@pytest.mark.parametrize("box", ["mails", "to_assign", "to_register", "assigned_me", "waiting_confirmation"])
def test_every_box_of_the_queue_asks_few_questions(desks: Desks, box: str) -> None:
    arrived(desks)
    with scope(desks.massa.body_id):
        for _ in range(3):
            desks.massa.receive()
    desks.pair.send()
    browser = desks.at(desks.massa)
    browser.get("/protocollo/", {"box": box})
    with CaptureQueriesContext(connection) as asked:
        page = text_of(browser.get("/protocollo/", {"box": box, "sort": "oldest"}))
    assert len(asked) <= 13
    assert page.count('class="list-number"') in {0, 1, 3}
    assert ('aria-current="true">Prima chi aspetta da più tempo' in page) is ('class="list"' in page)


def test_a_list_of_mail_goes_page_by_page_from_either_end(desks: Desks) -> None:
    letters = [
        mail(subject=f"Lettera {n:02d}", message_id=f"{n}@x", outer_message_id=f"{n}@x") for n in range(30)
    ]
    arrives(desks.massa, *letters)
    browser = desks.at(desks.massa)
    for sort, ends in (("newest", ("Lettera 29", "Lettera 00")), ("oldest", ("Lettera 00", "Lettera 29"))):
        first = text_of(browser.get("/protocollo/", {"box": "mails", "sort": sort}))
        (older,) = [part for part in first.split('"') if "before=" in part]
        second = text_of(browser.get("/protocollo/" + html.unescape(older).partition("/protocollo/")[2]))
        assert ends[0] in first
        assert ends[1] in second
        assert first.count('class="list-number"') + second.count('class="list-number"') == 30
        assert "Posta elettronica" in first


@pytest.mark.parametrize(
    ("subject", "plain", "number"),
    [
        ("Re: R: FW: Buca", "Buca", ""),
        ("POSTA CERTIFICATA: Prot. n. 123/2026 - Buca", "Prot. n. 123/2026 - Buca", "123/2026"),
        ("ANOMALIA MESSAGGIO: [SPAM] I: protocollo generale n° 45", "protocollo generale n° 45", "45"),
        ("Relazione: la buca", "Relazione: la buca", ""),
        ("Re:", "", ""),
    ],
)
def test_a_subject_is_freed_from_what_programs_write_before_it(subject: str, plain: str, number: str) -> None:
    assert suggestions.plain_subject(subject) == plain
    assert suggestions.their_number(subject) == number


def test_who_writes_under_two_names_is_offered_under_both(desks: Desks) -> None:
    other = PartyData(kind="legal_person", name="Comitato di via Norma", email=CITIZEN, confirm=False)
    with scope(desks.massa.body_id):
        for party in (GIULIA, other, other):
            desks.massa.receive(sender=party)
        book.add_correspondent(actor=SYSTEM, party=other)
        found = exchange.waiting_mails(actor=SYSTEM, area_id=desks.massa.area_id)
    assert found == ([], None)
    page = text_of(desks.at(desks.massa).get(f"/protocollo/posta/{arrived(desks)}"))
    assert page.index("Comitato di via Norma") < page.index("in 1 documento precedente")
    assert "nella rubrica, con questo indirizzo" in page
