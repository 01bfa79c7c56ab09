"""The address book: found, added, changed, merged, closed, with the past kept; groups and their members."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.services.protocol_office.queries import rubric
from crinale.services.protocol_office.tests.desks import text_of
from crinale.spine.protocol.actions import address_book
from crinale.spine.protocol.queries import PartyData
from crinale.spine.protocol.tests.town import SYSTEM, citizen
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.services.protocol_office.tests.desks import Desks

BOOK = "/protocollo/rubrica"
MOST_QUESTIONS = 14


def known(desks: Desks, **party: Any) -> UUID:
    """Somebody in the address book of Massa Marittima."""
    with scope(desks.massa.body_id):
        made = address_book.add_correspondent(
            actor=SYSTEM, party=PartyData(kind="legal_person", **party), another=True
        )
    return made.id


def written(**changes: str) -> dict[str, str]:
    form = {"kind": "natural_person", "name": "Anna", "last_name": "Verdi", "email": "anna@example.it"}
    return {**form, **changes}


def test_a_person_is_added_found_and_changed_and_the_past_stays(desks: Desks) -> None:
    clerk = desks.at(desks.massa, role="protocol_clerk")
    answer = clerk.post(f"{BOOK}/nuovo", written())
    assert answer.status_code == 302
    assert "Anna Verdi" in text_of(clerk.get(BOOK, {"q": "verd"}))
    page = text_of(clerk.get(f"{answer.url}/modifica"))
    (version,) = re.findall(r'name="seen_version" value="([^"]*)"', page)
    changes = written(address="Via Roma 1", seen_version=version, reason="Trasferita")
    assert clerk.post(f"{answer.url}/modifica", changes).status_code == 302
    page = text_of(clerk.get(answer.url))
    assert "Via Roma 1" in page
    assert "Trasferita" in page
    assert page.count('<p class="what">Anna Verdi</p>') == 2
    stale = clerk.post(f"{answer.url}/modifica", {**changes, "address": "Via Po 2"})
    assert stale.status_code == 422
    assert "intanto" in text_of(stale)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "id_name"),
        ({"last_name": ""}, "id_last_name"),
        ({"tax_code": "VRDNNA80A41H501X"}, "id_tax_code"),
        ({"kind": "legal_person", "last_name": "", "tax_code": "01234567890"}, "id_tax_code"),
        ({"email": "senza chiocciola"}, "id_email"),
    ],
)
def test_an_error_names_its_field_and_keeps_what_was_typed(
    desks: Desks, changes: dict[str, str], field: str
) -> None:
    answer = desks.at(desks.massa).post(f"{BOOK}/nuovo", written(address="Via Roma 1", **changes))
    assert answer.status_code == 422
    assert f'href="#{field}"' in text_of(answer)
    assert "Via Roma 1" in text_of(answer)


def test_who_seems_to_be_there_is_shown_before_a_second_one_is_added(desks: Desks) -> None:
    clerk = desks.at(desks.massa)
    first = clerk.post(f"{BOOK}/nuovo", written())
    again = clerk.post(f"{BOOK}/nuovo", written())
    assert again.status_code == 422
    assert first.url in text_of(again)
    assert "stesso nome, stessa mail" in text_of(again)
    assert clerk.post(f"{BOOK}/nuovo", written(another="on")).status_code == 302


def test_two_who_are_one_are_merged_and_both_pasts_stay(desks: Desks) -> None:
    one = known(desks, name="Edil Maremma Srl", tax_code="01234567897")
    other = known(desks, name="Edil Maremma", tax_code="01234567897", email="vecchia@pec.example")
    clerk = desks.at(desks.massa)
    assert f"{BOOK}/{one}/unisci/{other}" in text_of(clerk.get(f"{BOOK}/{one}"))
    form = {"keep": str(one), "reason": "Stessa impresa"}
    assert clerk.post(f"{BOOK}/{one}/unisci/{other}", {**form, "reason": ""}).status_code == 422
    assert clerk.get(f"{BOOK}/{one}/unisci/{one}").status_code == 404
    answer = clerk.post(f"{BOOK}/{other}/unisci/{one}", form)
    assert answer.status_code == 302
    page = text_of(clerk.get(answer.url))
    assert "vecchia@pec.example" in page  # in its past
    absorbed = text_of(clerk.get(f"{BOOK}/{other}"))
    assert f'href="{BOOK}/{one}"' in absorbed
    assert clerk.get(f"{BOOK}/{other}/modifica").status_code == 404


def test_who_is_closed_leaves_the_list_and_stays_readable(desks: Desks) -> None:
    one, clerk = known(desks, name="Edil Maremma Srl"), desks.at(desks.massa)
    assert clerk.post(f"{BOOK}/{one}/chiudi", {"reason": ""}).status_code == 422
    assert clerk.post(f"{BOOK}/{one}/chiudi", {"reason": "Cessata"}).status_code == 302
    assert "Edil Maremma" not in text_of(clerk.get(BOOK))
    assert "Fuori uso" in text_of(clerk.get(f"{BOOK}/{one}"))


def test_the_sender_of_a_registration_goes_into_the_book_with_what_was_registered(desks: Desks) -> None:
    with scope(desks.massa.body_id):
        one = desks.massa.receive(sender=citizen("Elsa", "Bianchi"))
    clerk = desks.at(desks.massa)
    page = text_of(clerk.get(f"/protocollo/registrazioni/{one.id}"))
    (link,) = re.findall(rf'href="({BOOK}/nuovo[^"]*senders.0)"', page)
    form = text_of(clerk.get(link.replace("&amp;", "&")))
    assert 'value="Elsa"' in form
    assert 'value="Bianchi"' in form
    stranger = desks.at(desks.sassetta)
    assert "Elsa" not in text_of(stranger.get(link.replace("&amp;", "&")))


def test_a_body_of_the_index_is_shown_with_the_age_of_the_index(desks: Desks) -> None:
    page = text_of(desks.at(desks.massa).get(BOOK, {"q": "sassetta"}))
    assert "AAAA002" in page
    assert "indice delle amministrazioni</h2>" in page


def test_the_list_goes_on_page_by_page_in_few_questions(desks: Desks) -> None:
    with scope(desks.massa.body_id):
        for number in range(rubric.ROWS + 3):
            address_book.add_correspondent(
                actor=SYSTEM, party=PartyData(kind="legal_person", name=f"Scuola {number:02}")
            )
    clerk = desks.at(desks.massa)
    with CaptureQueriesContext(connection) as asked:
        page = text_of(clerk.get(BOOK))
    assert len(asked) <= MOST_QUESTIONS
    (older,) = re.findall(rf'href="({BOOK}[^"]*after=[^"]*)"', page)
    with CaptureQueriesContext(connection) as asked:
        rest = text_of(clerk.get(older.replace("&amp;", "&")))
    assert len(asked) <= MOST_QUESTIONS + 2
    assert "Scuola 39" in page
    assert "Scuola 40" not in page
    assert "Scuola 42" in rest
    assert "Scuola 39" not in rest


def test_a_group_is_opened_filled_renamed_and_closed(desks: Desks) -> None:
    one, clerk = known(desks, name="Edil Maremma Srl"), desks.at(desks.massa, role="protocol_clerk")
    opened = clerk.post(f"{BOOK}/gruppi", {"name": "Imprese edili"})
    assert opened.status_code == 302
    assert clerk.post(f"{BOOK}/gruppi", {"name": "Imprese edili"}).status_code == 422
    assert f'value="add:{one}"' in text_of(clerk.get(opened.url, {"q": "maremma"}))
    assert clerk.post(opened.url, {"do": f"add:{one}"}).status_code == 302
    assert "Edil Maremma Srl" in text_of(clerk.get(opened.url))
    assert clerk.post(opened.url, {"do": "remove", "member": str(one)}).status_code == 302
    assert "Edil Maremma Srl" not in text_of(clerk.get(opened.url))
    assert clerk.post(f"{opened.url}/rinomina", {"name": "Imprese"}).status_code == 302
    assert "Imprese" in text_of(clerk.get(f"{BOOK}/gruppi"))
    assert clerk.post(f"{opened.url}/chiudi").status_code == 302
    assert clerk.get(opened.url).status_code == 404


def test_a_reader_sees_the_book_and_changes_nothing(desks: Desks) -> None:
    one, reader = known(desks, name="Edil Maremma Srl"), desks.at(desks.massa, role="reader")
    page = text_of(reader.get(f"{BOOK}/{one}"))
    assert "Edil Maremma" in page
    assert "/modifica" not in page
    for more in ("/modifica", "/chiudi"):
        assert reader.get(f"{BOOK}/{one}{more}").status_code == 404
    assert reader.get(f"{BOOK}/nuovo").status_code == 404
    assert reader.post(f"{BOOK}/gruppi", {"name": "Mio"}).status_code == 404
