"""The staff of a body come in by its own sign-in: for that body, with the roles that they have here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyotp
import pytest
from django.test import Client

from crinale.connectors.oidc.client import OpenId
from crinale.connectors.oidc.tests.conftest import provider
from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import ROOT, text_of
from crinale.spine.identity import actions as identity
from crinale.spine.identity import queries as people
from crinale.spine.identity.ports import single_sign_on
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.connectors.oidc.tests.provider import FakeProvider
    from crinale.services.protocol_office.tests.desks import Desks
    from crinale.spine.identity.models import Person

__all__ = ["provider"]


@pytest.fixture
def anna(desks: Desks, provider: FakeProvider) -> Iterator[Person]:
    """She works for two bodies, of which the first has a sign-in of its own."""
    body = tenancy.body(desks.massa.body_id)
    assert body is not None
    person = identity.create_person(
        actor=ROOT, username="anna.neri", name="Anna Neri", email="Anna@comune.example"
    )
    for town in (desks.massa, desks.sassetta):
        identity.grant_role(actor=ROOT, person_id=person.id, body_id=town.body_id, role="records_manager")
    openid = OpenId([provider.settings(code=body.ipa_code, strong=frozenset({"mfa"}))])
    with single_sign_on.replaced(openid):
        yield person


def walk(provider: FakeProvider, *, code: str, following: str = "", **claims: Any) -> Any:
    """Leave from the sign-in page and come back; the browser has the answer of the return."""
    browser: Any = Client()
    query = {"next": following} if following else {}
    away = browser.get(f"/accedi/ente/{code}", query)
    brought = provider.consent(away.url, **claims)
    browser.answer = browser.get("/accedi/ritorno", brought)
    return browser


def ipa(desks: Desks) -> str:
    body = tenancy.body(desks.massa.body_id)
    assert body is not None
    return body.ipa_code


def test_a_link_leads_to_the_sign_in_of_the_body_and_back_to_work(
    desks: Desks, anna: Person, provider: FakeProvider
) -> None:
    page = text_of(Client().get("/accedi?next=/protocollo/registro"))
    assert f'href="/accedi/ente/{ipa(desks)}?next=%2Fprotocollo%2Fregistro"' in page
    browser = walk(provider, code=ipa(desks), following="/protocollo/registro")
    assert browser.answer.url == "/protocollo/registro"
    assert anna.name in text_of(browser.get("/protocollo/registro"))


def test_a_provider_vouches_for_its_own_body_only(desks: Desks, anna: Person, provider: FakeProvider) -> None:
    browser = walk(provider, code=ipa(desks))
    assert browser.post("/scegli", {"area": str(desks.sassetta.area_id)}).status_code == 404
    assert "Comune di Sassetta" not in text_of(browser.get("/scegli"))


@pytest.mark.parametrize(
    "claims", [{"email": "bruno@comune.example"}, {"email": "anna@comune.example "}], ids=str
)
def test_who_holds_no_role_there_is_told_so(
    desks: Desks, anna: Person, provider: FakeProvider, claims: dict[str, Any]
) -> None:
    for grant in people.grants(anna.id):
        if grant.body_id == desks.massa.body_id:
            identity.end_grant(actor=ROOT, grant_id=grant.id)
    browser = walk(provider, code=ipa(desks), **claims)
    assert browser.answer.status_code == 502
    assert "non hai alcun ruolo" in text_of(browser.answer)
    assert browser.get("/protocollo/").status_code == 302


def test_two_people_with_one_address_are_nobody(desks: Desks, anna: Person, provider: FakeProvider) -> None:
    twin = identity.create_person(actor=ROOT, username="anna2", name="Anna", email="anna@comune.example")
    identity.grant_role(actor=ROOT, person_id=twin.id, body_id=desks.massa.body_id, role="reader")
    assert walk(provider, code=ipa(desks)).answer.status_code == 502


def test_what_did_not_leave_from_this_browser_does_not_arrive(
    desks: Desks, anna: Person, provider: FakeProvider
) -> None:
    browser: Any = Client()
    away = browser.get(f"/accedi/ente/{ipa(desks)}")
    brought = provider.consent(away.url)
    for stranger, answer in (
        (Client(), brought),
        (browser, {**brought, "state": "another"}),
        (browser, brought),  # the wrong answer before it used up the departure
    ):
        page = stranger.get("/accedi/ritorno", answer)
        assert page.status_code == 502
        assert "ricomincia dalla pagina di accesso" in text_of(page)
    refused: Any = Client()
    state = provider.consent(refused.get(f"/accedi/ente/{ipa(desks)}").url)["state"]
    declined = refused.get("/accedi/ritorno", {"error": "access_denied", "state": state})
    assert declined.status_code == 502


def test_a_provider_that_is_down_leaves_the_password(
    desks: Desks, anna: Person, provider: FakeProvider
) -> None:
    provider.status = 503
    page = Client().get(f"/accedi/ente/{ipa(desks)}")
    assert page.status_code == 502
    assert "non risponde" in text_of(page)
    assert 'name="password"' in text_of(page)


def test_a_second_factor_is_owed_unless_it_was_shown_there(
    desks: Desks, anna: Person, provider: FakeProvider
) -> None:
    actor = people.actor_for_person(anna.id)
    prepared = identity.prepare_authenticator(actor=actor)
    code = pyotp.TOTP(prepared.secret).at(clock.now())
    identity.add_authenticator(actor=actor, sealed=prepared.sealed, code=code, name="Telefono")
    weak = walk(provider, code=ipa(desks))
    assert weak.answer.url.startswith("/accedi/secondo-fattore")
    assert weak.get("/protocollo/").url.startswith("/accedi")
    strong = walk(provider, code=ipa(desks), acr="mfa")
    assert strong.get("/protocollo/").status_code == 200


def test_an_unknown_body_has_no_sign_in_of_its_own(desks: Desks, anna: Person) -> None:
    assert Client().get("/accedi/ente/c_x").status_code == 404


def test_without_a_provider_there_is_no_link(desks: Desks) -> None:
    page = text_of(Client().get("/accedi"))
    assert "/accedi/ente/" not in page
