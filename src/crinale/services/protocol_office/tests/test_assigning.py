"""What arrives and has no office yet finds a clerk, also when the system registered it by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.services.protocol_office.tests.desks import text_of
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.services.protocol_office.tests.desks import Desks

BOX = "/protocollo/?box=to_assign"


def page_of(registration_id: UUID) -> str:
    return f"/protocollo/registrazioni/{registration_id}"


@pytest.fixture
def registered(desks: Desks) -> UUID:
    """What Sassetta registered by itself."""
    desks.pair.send()
    desks.pair.run()
    (received,) = desks.pair.received()
    assert received.registration_id is not None
    return received.registration_id


def test_what_the_system_registered_waits_to_be_assigned(desks: Desks, registered: UUID) -> None:
    browser = desks.at(desks.sassetta, role="protocol_clerk")
    queue = text_of(browser.get(BOX))
    assert "Da assegnare" in queue
    assert page_of(registered) in queue
    assert "Comune di Massa Marittima" in queue
    page = text_of(browser.get(page_of(registered)))
    assert "Assegnalo a un ufficio" in page
    assert "Il mittente ha il tuo numero." in page
    form = {"office": str(desks.sassetta.office_id), "note": ""}
    assert browser.post(f"{page_of(registered)}/assegna", form).status_code == 302
    assert page_of(registered) not in text_of(browser.get(BOX))
    page = text_of(browser.get(page_of(registered)))
    assert "È in carico a: Ufficio tecnico." in page
    assert "Assegnalo a un ufficio" not in page


def test_who_may_not_assign_is_not_told_to(desks: Desks, registered: UUID) -> None:
    reader = desks.at(desks.sassetta, role="reader")
    page = text_of(reader.get(page_of(registered)))
    assert "Assegnalo a un ufficio" in page
    assert f"{page_of(registered)}/assegna" not in page


def test_the_box_counts_what_came_by_hand_too_and_nothing_else(desks: Desks) -> None:
    with scope(desks.massa.body_id):
        by_hand = desks.massa.receive()
        desks.massa.send()
    browser = desks.at(desks.massa)
    queue = text_of(browser.get("/protocollo/"))
    assert queue.count('<span class="box-count">1</span>') == 1
    assert page_of(by_hand.id) in text_of(browser.get(BOX))
    act = {"act_type": "Decreto", "act_number": "1", "act_date": "2020-08-03", "reason": "Errore"}
    browser.post(f"{page_of(by_hand.id)}/annulla", act)
    assert page_of(by_hand.id) not in text_of(browser.get(BOX))


def test_the_box_goes_page_by_page_with_the_same_questions(desks: Desks) -> None:
    browser = desks.at(desks.massa)
    browser.get(BOX)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            browser.get(BOX)
        return len(asked)

    with scope(desks.massa.body_id):
        made = [desks.massa.receive()]
    few = questions()
    with scope(desks.massa.body_id):
        made += [desks.massa.receive() for _ in range(26)]
    assert questions() == few
    first = text_of(browser.get(BOX))
    (older,) = {part for part in first.split('"') if "before=" in part}
    second = text_of(browser.get(older.replace("&amp;", "&")))
    assert [page_of(one.id) in first for one in made] == [False, False, *([True] * 25)]
    assert [page_of(one.id) in second for one in made] == [True, True, *([False] * 25)]


def test_a_sender_that_wants_no_number_is_not_said_to_have_it(desks: Desks) -> None:
    desks.pair.send(confirm=False)
    desks.pair.run()
    (received,) = desks.pair.received()
    assert received.registration_id is not None
    page = text_of(desks.at(desks.sassetta).get(page_of(received.registration_id)))
    assert "Il mittente non ha chiesto il tuo numero." in page
    assert "Il mittente ha il tuo numero." not in page
