"""Recipients from the address book, by groups, by a chosen way; links and duplicates of what leaves."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from crinale.services.protocol_office.tests.desks import file, outgoing_form, text_of
from crinale.services.protocol_office.tests.test_sending import OUTGOING, hidden
from crinale.spine.protocol.actions import address_book
from crinale.spine.protocol.models import Registration
from crinale.spine.protocol.queries import PartyData
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.services.protocol_office.tests.desks import Desks


@pytest.fixture
def clerk(desks: Desks) -> Any:
    return desks.at(desks.massa, role="protocol_clerk")


@pytest.fixture
def schools(desks: Desks) -> UUID:
    """A group of twelve schools."""
    with scope(desks.massa.body_id):
        ids = [
            address_book.add_correspondent(
                actor=SYSTEM, party=PartyData(kind="legal_person", name=f"Scuola {number:02}")
            ).id
            for number in range(12)
        ]
        group = address_book.open_group(actor=SYSTEM, area_id=desks.massa.area_id, name="Scuole")
        address_book.change_members(actor=SYSTEM, group_id=group, add=ids)
    return group


def recipients(desks: Desks) -> list[str]:
    with scope(desks.massa.body_id):
        parties = Registration.objects.get().parties.filter(role="recipient").order_by("position")
        return [PartyData.from_json(party.data).display_name for party in parties]


def picked(clerk: Any, text: str, name: str) -> str:
    """Choose somebody of the address book, as the buttons without scripts do; return his token."""
    page = text_of(clerk.post(OUTGOING, outgoing_form(do="search", q=text)))
    (do,) = re.findall(rf'value="(pick:[^"]*)"[^>]*>{name}<', page)
    (token,) = hidden(clerk.post(OUTGOING, outgoing_form(do=do)), "recipient")
    return token


@pytest.mark.usefixtures("schools")
def test_a_recipient_comes_from_the_address_book(desks: Desks, clerk: Any) -> None:
    token = picked(clerk, "scuola 03", "Scuola 03")
    answer = clerk.post(OUTGOING, outgoing_form(recipient=token, primary=file()))
    assert answer.status_code == 302
    assert recipients(desks) == ["Scuola 03"]


def test_a_group_gets_one_registration_and_each_member_a_line(
    desks: Desks, clerk: Any, schools: UUID
) -> None:
    token = picked(clerk, "scuola 03", "Scuola 03")
    form = outgoing_form(recipient=token, add_group=str(schools))
    page = clerk.post(OUTGOING, {**form, "do": "group"})
    (group,) = hidden(page, "group")
    assert group == str(schools)
    answer = clerk.post(OUTGOING, {**form, "do": "send", "group": group, "primary": file()})
    assert answer.status_code == 302
    names = recipients(desks)
    assert names[0] == "Scuola 03"  # who was chosen comes first, and is not repeated
    assert sorted(names) == [f"Scuola {number:02}" for number in range(12)]
    made = text_of(clerk.get(answer.url))
    assert made.count('<th scope="row">') == 10
    assert "Tutti i 12 destinatari" in made


def test_a_group_of_another_body_is_not_taken(desks: Desks, schools: UUID) -> None:
    stranger = desks.at(desks.sassetta)
    page = text_of(stranger.post(OUTGOING, outgoing_form(do="group", add_group=str(schools))))
    assert "Scuole" not in page
    answer = stranger.post(OUTGOING, outgoing_form(do="send", group=str(schools), primary=file()))
    assert answer.status_code == 422


@pytest.mark.usefixtures("schools")
def test_a_way_that_cannot_be_is_told_at_the_recipients(desks: Desks, clerk: Any) -> None:
    token = picked(clerk, "scuola 03", "Scuola 03")
    form = outgoing_form(recipient=token, way="mail", primary=file())
    refused = clerk.post(OUTGOING, form)
    assert refused.status_code == 422
    assert 'href="#id_recipients"' in text_of(refused)
    assert re.search(r'<option value="mail" selected>', text_of(refused))
    assert clerk.post(OUTGOING, {**form, "way": "none", "primary": file()}).status_code == 302


@pytest.mark.usefixtures("schools")
def test_earlier_registrations_are_linked_and_duplicates_asked_about(desks: Desks, clerk: Any) -> None:
    token = picked(clerk, "scuola 03", "Scuola 03")
    assert clerk.post(OUTGOING, outgoing_form(recipient=token, primary=file())).status_code == 302
    with scope(desks.massa.body_id):
        first = Registration.objects.get()
    form = outgoing_form(
        recipient=token, links=f"{first.number}/{first.year}", relation="resent", primary=file()
    )
    warned = clerk.post(OUTGOING, form)
    assert warned.status_code == 422
    assert "ha lo stesso file" in text_of(warned)
    (said,) = re.findall(r'name="another"[^>]* value="([^"]*)"', text_of(warned))
    answer = clerk.post(OUTGOING, {**form, "another": unescape(said), "primary": file()})
    assert answer.status_code == 302
    assert "Ripete l&#x27;invio di" in text_of(clerk.get(answer.url))
