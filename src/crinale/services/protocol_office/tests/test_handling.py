"""What waits for a person or his office, and what he does with it, on the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import ROOT, text_of
from crinale.spine.identity import actions as identity
from crinale.spine.identity.models import Grant
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.services.protocol_office.tests.desks import Desks

MINE, OFFICE = "/protocollo/?box=assigned_me", "/protocollo/?box=assigned_office"


@pytest.fixture
def registered(desks: Desks) -> UUID:
    with scope(desks.massa.body_id):
        return desks.massa.receive().id


def worker(desks: Desks, *, role: str = "reader") -> tuple[Any, UUID]:
    """A browser of somebody who works in the office of Massa, and who he is."""
    browser = desks.at(desks.massa, role=role)
    grant = Grant.objects.order_by("created_at", "id").last()
    assert grant is not None
    Grant.objects.filter(id=grant.id).update(office_id=desks.massa.office_id)
    return browser, grant.person_id


def page_of(registration_id: UUID) -> str:
    return f"/protocollo/registrazioni/{registration_id}"


def give(desks: Desks, registration_id: UUID, **asked: Any) -> None:
    form = {"office": str(desks.massa.office_id), "note": "", "deadline": "", **asked}
    answer = desks.at(desks.massa, role="protocol_clerk").post(f"{page_of(registration_id)}/assegna", form)
    assert answer.status_code == 302, text_of(answer)


def step(desks: Desks, registration_id: UUID, word: str, place: int = -1) -> str:
    one = desks.registration(desks.massa, registration_id).assignments[place]
    return f"{page_of(registration_id)}/assegnazioni/{one.id}/{word}"


def test_a_member_takes_what_waits_for_his_office_and_concludes_it(desks: Desks, registered: UUID) -> None:
    member, _person = worker(desks)
    give(desks, registered, note="Rispondere presto", deadline=f"{clock.today() + timedelta(days=2)}")
    queue = text_of(member.get(OFFICE))
    assert page_of(registered) in queue
    assert "Rispondere presto" in queue
    assert page_of(registered) not in text_of(member.get(MINE))
    assert member.get(step(desks, registered, "prendi")).status_code == 302
    answer = member.post(step(desks, registered, "prendi"), follow=True)
    assert "Lo hai preso in carico." in text_of(answer)
    answer = member.post(step(desks, registered, "concludi"), {"note": "Risposto al cittadino"}, follow=True)
    page = text_of(answer)
    assert "Concluso (Ufficio tecnico)" in page
    assert "Risposto al cittadino" in page
    assert page_of(registered) not in text_of(member.get(OFFICE))


def test_the_second_who_takes_charge_is_told_who_was_first(desks: Desks, registered: UUID) -> None:
    first, _person = worker(desks)
    second, _other = worker(desks)
    give(desks, registered)
    address = step(desks, registered, "prendi")
    first.post(address)
    page = text_of(second.post(address, follow=True))
    assert "Persona 1 lo ha già preso in carico." in page


def test_a_late_document_is_counted_as_late(desks: Desks, registered: UUID) -> None:
    give(desks, registered, deadline=f"{clock.today()}")
    with clock.frozen(clock.now() + timedelta(days=2)):
        member, _person = worker(desks)
        queue = text_of(member.get(OFFICE))
    assert "1 in ritardo" in queue
    assert "In ritardo" in queue


def test_people_and_offices_get_it_together(desks: Desks, registered: UUID) -> None:
    other = tenancy.create_office(area_id=desks.massa.area_id, code="RAG", name="Ragioneria")
    browser, person = worker(desks)
    value = f"{desks.massa.office_id}:{person}"
    page = text_of(desks.at(desks.massa).get(f"{page_of(registered)}/assegna"))
    assert value in page
    give(desks, registered, office=value, also=[str(other.id)], knowledge=[str(desks.massa.office_id)])
    assert page_of(registered) in text_of(browser.get(MINE))
    assert "Da leggere" in text_of(browser.get(OFFICE))
    page = text_of(browser.get(page_of(registered)))
    assert "Ragioneria" in page
    answer = browser.post(step(desks, registered, "concludi"), follow=True)
    assert "Presa visione registrata." in text_of(answer)


def test_a_refusal_wants_its_reason_and_goes_back_to_the_desk(desks: Desks, registered: UUID) -> None:
    member, _person = worker(desks)
    give(desks, registered)
    address = step(desks, registered, "rifiuta")
    answer = member.post(address, {"reason": ""})
    assert answer.status_code == 422
    assert 'id="error-summary"' in text_of(answer)
    member.post(address, {"reason": "Riguarda la ragioneria"})
    clerk = desks.at(desks.massa, role="protocol_clerk")
    assert page_of(registered) in text_of(clerk.get("/protocollo/?box=to_assign"))
    assert "Riguarda la ragioneria" in text_of(clerk.get(page_of(registered)))


def test_who_forwards_a_confidential_document_goes_back_to_the_queue(desks: Desks) -> None:
    other = tenancy.create_office(area_id=desks.massa.area_id, code="RAG", name="Ragioneria")
    member, _person = worker(desks)
    with scope(desks.massa.body_id):
        secret = desks.massa.receive(confidential=True).id
    head = desks.at(desks.massa)
    assert member.get(page_of(secret)).status_code == 404
    head.post(f"{page_of(secret)}/assegna", {"office": str(desks.massa.office_id), "note": ""})
    assert member.get(page_of(secret)).status_code == 200
    answer = member.post(step(desks, secret, "inoltra"), {"office": str(other.id), "reason": "Bilancio"})
    assert answer.url == page_of(secret)
    head.post(f"{page_of(secret)}/assegna", {"office": str(desks.massa.office_id), "note": ""})
    answer = member.post(step(desks, secret, "rifiuta"), {"reason": "Non è nostro"})
    assert member.get(answer.url).status_code == 200


def test_strangers_find_no_step_and_assignees_do_not_take_back(desks: Desks, registered: UUID) -> None:
    member, _person = worker(desks)
    stranger = desks.at(desks.massa, role="reader")
    give(desks, registered)
    for word in ("prendi", "concludi", "inoltra", "rifiuta", "ritira"):
        assert stranger.get(step(desks, registered, word)).status_code == 404
        assert stranger.post(step(desks, registered, word), {"reason": "x"}).status_code == 404
    assert member.get(step(desks, registered, "ritira")).status_code == 404
    assert member.get(step(desks, registered, "altro")).status_code == 404
    assert "Prendi in carico" not in text_of(stranger.get(page_of(registered)))
    head = desks.at(desks.massa)
    head.post(step(desks, registered, "ritira"), {"reason": "Errore"})
    assert "Ritirato (Ufficio tecnico)" in text_of(head.get(page_of(registered)))


def test_nobody_chosen_is_an_error_at_its_field(desks: Desks, registered: UUID) -> None:
    answer = desks.at(desks.massa).post(f"{page_of(registered)}/assegna", {"note": "Da tenere"})
    assert answer.status_code == 422
    assert "Da tenere" in text_of(answer)
    assert "Scegli un ufficio" in text_of(answer)


def test_a_person_who_left_is_not_offered(desks: Desks, registered: UUID) -> None:
    _browser, person = worker(desks)
    identity.deactivate_person(actor=ROOT, person_id=person)
    page = text_of(desks.at(desks.massa).get(f"{page_of(registered)}/assegna"))
    assert f"{desks.massa.office_id}:{person}" not in page
