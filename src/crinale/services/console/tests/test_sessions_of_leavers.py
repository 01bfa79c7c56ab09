"""Who works here no more is signed out at his next request, wherever he was signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import PASSWORD, ROOT, text_of
from crinale.spine.identity import actions as identity
from crinale.spine.identity import rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from crinale.services.console.tests.halls import Halls


@pytest.fixture
def worker(halls: Halls) -> Any:
    """A person with a password and one role."""
    return halls.desks.person(halls.massa, role="reader", password=PASSWORD)


def come_in(person: Any) -> Any:
    browser: Any = Client()
    answer = browser.post("/accedi", {"username": person.username, "password": PASSWORD})
    assert answer.status_code == 302, text_of(answer)
    assert browser.get("/protocollo/").status_code == 200
    return browser


def assert_out(browser: Any) -> None:
    for address in ("/protocollo/", "/console/preferenze", "/scegli"):
        assert browser.get(address).url.startswith("/accedi"), address


def by_leaving(halls: Halls, person: Any, where: str) -> None:
    answer = halls.at(halls.massa).post(
        reverse("console:leave", args=[person.id]), {"on": f"{clock.today()}", "where": where}
    )
    assert answer.status_code == 302, text_of(answer)


def by_ending_the_role(halls: Halls, person: Any) -> None:
    (grant,) = person.grants.all()
    answer = halls.at(halls.massa).post(reverse("console:end_grant", args=[person.id, grant.id]), {"on": ""})
    assert answer.status_code == 302, text_of(answer)


@pytest.mark.parametrize(
    "end",
    [
        lambda halls, person: by_leaving(halls, person, "node"),
        lambda halls, person: by_leaving(halls, person, "body"),
        by_ending_the_role,
        lambda _halls, person: identity.deactivate_person(actor=ROOT, person_id=person.id),
    ],
    ids=["leaves the node", "leaves the body", "loses the last role", "account closed"],
)
def test_every_open_session_of_who_leaves_ends_at_once(
    halls: Halls, worker: Any, end: Callable[[Halls, Any], None]
) -> None:
    office, home = come_in(worker), come_in(worker)
    end(halls, worker)
    assert_out(office)
    assert_out(home)


def test_who_is_signed_out_is_told_why(halls: Halls, worker: Any) -> None:
    browser = come_in(worker)
    by_ending_the_role(halls, worker)
    answer = browser.get("/protocollo/", follow=True)
    assert "La sessione è stata chiusa" in text_of(answer)


def test_a_session_ends_by_itself_on_the_day_that_was_announced(halls: Halls, worker: Any) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    eve = rules.start_of_day(tomorrow) - timedelta(minutes=5)
    with clock.frozen(eve):
        browser = come_in(worker)
        (grant,) = worker.grants.all()
        identity.end_grant(actor=ROOT, grant_id=grant.id, on=tomorrow)
        assert browser.get("/protocollo/").status_code == 200
    with clock.frozen(eve + timedelta(minutes=6)):
        assert_out(browser)


def test_a_new_role_or_a_reopened_account_does_not_bring_a_session_back(halls: Halls, worker: Any) -> None:
    unused, used = come_in(worker), come_in(worker)
    by_leaving(halls, worker, "node")
    assert_out(used)
    identity.reactivate_person(actor=ROOT, person_id=worker.id)
    identity.grant_role(actor=ROOT, person_id=worker.id, body_id=halls.massa.body_id, role="reader")
    assert_out(used)
    assert_out(unused)
    come_in(worker)


def test_who_still_holds_a_role_elsewhere_stays_signed_in(halls: Halls) -> None:
    person = halls.desks.person(halls.massa, halls.sassetta, role="reader", password=PASSWORD)
    browser: Any = Client()
    browser.post("/accedi", {"username": person.username, "password": PASSWORD})
    browser.post("/scegli", {"area": str(halls.massa.area_id)})
    grant = person.grants.get(body_id=halls.massa.body_id)
    identity.end_grant(actor=ROOT, grant_id=grant.id)
    assert browser.get("/protocollo/").url.startswith("/scegli")
    assert browser.post("/scegli", {"area": str(halls.massa.area_id)}).status_code == 404


def test_who_never_held_a_role_may_come_in_and_is_told_so(halls: Halls) -> None:
    person = halls.desks.person(password=PASSWORD)
    browser: Any = Client()
    browser.post("/accedi", {"username": person.username, "password": PASSWORD})
    assert "Oggi non hai" in text_of(browser.get("/scegli"))
