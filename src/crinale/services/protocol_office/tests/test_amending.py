"""What is done to a registration that stands: correct, link, annul with the act, print, send another way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.services.protocol_office.tests.desks import ROOT, file, text_of
from crinale.spine.exchange import actions as exchange
from crinale.spine.protocol.queries import PartyData
from crinale.spine.protocol.tests.town import citizen
from crinale.spine.protocol.views import EnclosureData
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.services.protocol_office.tests.desks import Desks

MOST_QUESTIONS = 26


def address(registration_id: UUID, more: str = "") -> str:
    return f"/protocollo/registrazioni/{registration_id}{more}"


def arrived(desks: Desks, **changes: Any) -> Any:
    with scope(desks.massa.body_id):
        return desks.massa.receive(**changes)


def test_a_channel_is_corrected_and_both_values_stay_visible(desks: Desks) -> None:
    one, clerk = arrived(desks), desks.at(desks.massa, role="protocol_clerk")
    form = {"channel": "post", "reason": "Arrivato per posta", "senders.0.email": "giulia@example.it"}
    answer = clerk.post(address(one.id, "/correggi"), form)
    assert answer.status_code == 302
    page = text_of(clerk.get(answer.url))
    assert "A mano</s>" in page
    assert "Posta</strong>" in page
    assert "Arrivato per posta" in page
    assert "giulia@example.it" in page
    found = desks.registration(desks.massa, one.id)
    assert found.channel == "post"
    assert len(found.corrections) == 2  # the values that were not touched are no corrections


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "id_reason"),
        ({"senders.0.email": "senza chiocciola"}, "id_senders.0.email"),
        ({"arrived_at": "2999-01-01T10:00"}, "id_arrived_at"),
    ],
)
def test_a_correction_that_cannot_be_names_its_field(
    desks: Desks, changes: dict[str, str], field: str
) -> None:
    one = arrived(desks)
    form = {"channel": "post", "reason": "Arrivato per posta", **changes}
    answer = desks.at(desks.massa).post(address(one.id, "/correggi"), form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in text_of(answer)
    assert desks.registration(desks.massa, one.id).corrections == ()


def test_what_the_law_forbids_is_not_on_the_form_and_not_taken_from_it(desks: Desks) -> None:
    one, clerk = arrived(desks), desks.at(desks.massa)
    page = text_of(clerk.get(address(one.id, "/correggi")))
    assert 'name="subject"' not in page
    assert "art. 54" in page
    clerk.post(address(one.id, "/correggi"), {"subject": "Un altro", "channel": "post", "reason": "x"})
    assert desks.registration(desks.massa, one.id).subject == one.subject


def test_one_of_many_recipients_is_corrected_by_its_place(desks: Desks) -> None:
    people = [citizen("Anna", f"Rossi {number}") for number in range(12)]
    with scope(desks.massa.body_id):
        one = desks.massa.send(recipients=people)
    clerk = desks.at(desks.massa)
    page = text_of(clerk.get(address(one.id, "/correggi?party=recipients.11")))
    assert 'name="recipients.11.email"' in page
    assert 'name="channel"' not in page
    assert clerk.get(address(one.id, "/correggi?party=recipients.12")).status_code == 404
    assert clerk.get(address(one.id, "/correggi?party=recipients.-1")).status_code == 404


def test_registrations_are_linked_shown_as_a_thread_and_unlinked(desks: Desks) -> None:
    first, second = arrived(desks), arrived(desks, subject="Integrazione della domanda di contributo")
    clerk = desks.at(desks.massa, role="records_manager")
    form = {"number": f"{first.number}/{first.year}", "relation": "integration", "reason": "Completa"}
    assert clerk.post(address(second.id, "/collega"), {**form, "number": "999/2020"}).status_code == 422
    assert clerk.post(address(second.id, "/collega"), form).status_code == 302
    page = text_of(clerk.get(address(first.id)))
    assert f"Integra {first.number_text}/{first.year}" in page
    assert second.subject in page
    page = text_of(clerk.get(address(second.id)))
    (away,) = {part for part in page.split('"') if part.endswith("/togli")}
    assert clerk.post(away, {"reason": ""}).status_code == 422
    assert clerk.post(away, {"reason": "Era un'altra"}).status_code == 302
    page = text_of(clerk.get(address(second.id)))
    assert "Era un&#x27;altra" in page  # that it was there stays visible
    assert "È da sola" in page
    strange = away.replace(str(second.id), str(first.id))
    assert clerk.get(strange).status_code in {200, 302, 404}


def test_the_act_of_an_annulment_is_kept_and_can_be_read(desks: Desks) -> None:
    one, clerk = arrived(desks), desks.at(desks.massa)
    act = {"act_type": "Determinazione", "act_number": "45", "act_date": "2020-08-03", "reason": "Errata"}
    refused = clerk.post(address(one.id, "/annulla"), {**act, "reason": "", "primary": file("atto.txt")})
    assert refused.status_code == 422
    (kept,) = re.findall(r'name="primary_kept" value="([^"]*)"', text_of(refused))
    answer = clerk.post(address(one.id, "/annulla"), {**act, "primary_kept": kept})
    assert answer.status_code == 302
    assert "atto.txt" in text_of(clerk.get(answer.url))
    read = clerk.get(address(one.id, "/atto"))
    assert read.getvalue() == b"Si chiede il parere in oggetto."
    assert clerk.get(address(arrived(desks).id, "/atto")).status_code == 404


def test_label_and_receipt_are_printed(desks: Desks) -> None:
    one, clerk = arrived(desks), desks.at(desks.massa, role="protocol_clerk")
    for more in ("/etichetta.pdf", "/etichetta.pdf?posizione=24", "/ricevuta.pdf"):
        answer = clerk.get(address(one.id, more))
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF-")
    wrong = clerk.get(address(one.id, "/etichetta.pdf?posizione=25"))
    assert wrong.status_code == 422
    assert "Scegli una posizione da 1 a 24." in text_of(wrong)
    with scope(desks.massa.body_id):
        sent = desks.massa.send()
    assert clerk.get(address(sent.id, "/ricevuta.pdf")).status_code == 404


def test_after_a_registration_the_next_one_begins_with_what_they_share(desks: Desks) -> None:
    one, clerk = arrived(desks), desks.at(desks.massa)
    page = text_of(clerk.get(address(one.id, "/fatto?channel=post&office=&kind=legal_person")))
    assert 'href="/protocollo/nuovo/arrivo?channel=post&amp;kind=legal_person"' in page
    assert "autofocus" in page


def test_a_deferred_registration_shows_its_act(desks: Desks) -> None:
    from datetime import timedelta

    from crinale.kernel import clock

    one = arrived(
        desks,
        arrived_at=clock.now() - timedelta(days=3),
        deferred_act="Provvedimento n. 7",
        deferred_reason="Troppi bandi",
    )
    page = text_of(desks.at(desks.massa).get(address(one.id)))
    assert "Provvedimento n. 7" in page
    assert "Troppi bandi" in page


def test_a_mailing_has_a_line_for_each_recipient_page_by_page(desks: Desks) -> None:
    people = [citizen("Anna", f"Rossi {number}") for number in range(120)]
    with scope(desks.massa.body_id):
        one = desks.massa.send(recipients=people)
    clerk = desks.at(desks.massa)
    with CaptureQueriesContext(connection) as asked:
        page = text_of(clerk.get(address(one.id)))
    assert len(asked) <= MOST_QUESTIONS
    assert len(page.encode()) < 100_000
    assert "Anna Rossi 9" in page
    assert "Anna Rossi 11<" not in page
    with CaptureQueriesContext(connection) as asked:
        page = text_of(clerk.get(address(one.id, "/destinatari?after=50")))
    assert len(asked) <= MOST_QUESTIONS
    assert page.count("<tr>") == 51
    assert "Anna Rossi 50" in page
    assert "after=100" in page


def test_what_went_another_way_goes_by_the_exchange_once(desks: Desks) -> None:
    clerk = desks.at(desks.massa)
    with scope(desks.massa.body_id):
        view = exchange.register_and_send(
            actor=ROOT,
            area_id=desks.massa.area_id,
            subject="Trasmissione del verbale della conferenza",
            classification="6.10",
            recipients=[desks.pair.party(desks.sassetta)],
            documents=[EnclosureData(desks.massa.document_id)],
            ways={0: "none"},
        )
    way, send = (address(view.id, f"/destinatari/0/{last}") for last in ("spedisci", "interopera"))
    assert send in text_of(clerk.get(way))
    assert "in viaggio per interoperabilità" in text_of(clerk.post(send, follow=True))
    desks.pair.run()
    assert desks.pair.sent(view.id).state == "registered"
    assert send not in text_of(clerk.get(way))
    assert "già passato da lì" in text_of(clerk.post(send, follow=True))
    assert clerk.post(address(view.id, "/destinatari/1/interopera")).status_code == 404
    assert desks.at(desks.massa, role="reader").post(send).status_code == 404


def test_what_could_not_be_sent_goes_by_mail_when_there_is_a_mailbox(desks: Desks) -> None:
    view = desks.pair.send(recipients=[PartyData(kind="legal_person", name="Edil Srl")])
    clerk = desks.at(desks.massa)
    assert "/destinatari/0/spedisci" in text_of(clerk.get(address(view.id)))
    answer = clerk.post(address(view.id, "/destinatari/0/spedisci"), {"address": "edil@pec.example"})
    assert answer.status_code == 422
    assert 'href="#id_address"' in text_of(answer)
    assert clerk.get(address(view.id, "/destinatari/7/spedisci")).status_code == 404
    late = clerk.post(address(view.id, "/inoltra"), follow=True)
    assert "Nessun altro destinatario" in text_of(late)
