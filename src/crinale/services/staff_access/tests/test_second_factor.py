"""The second step at the sign-in, and a person's own page of what protects the account."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyotp
import pytest
from django.test import Client

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import PASSWORD, ROOT, text_of
from crinale.spine.identity import actions as identity
from crinale.spine.identity import queries as people

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crinale.services.protocol_office.tests.desks import Desks

_LATER = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def start() -> Iterator[datetime]:
    """A clock that stands still, with whole seconds."""
    begin = clock.now().replace(microsecond=0)
    with clock.frozen(begin):
        yield begin


def come_in(person: Any, **more: str) -> Any:
    browser = Client()
    browser.answer = browser.post(  # type: ignore[attr-defined]
        "/accedi", {"username": person.username, "password": PASSWORD, **more}
    )
    return browser


def enrol(browser: Any) -> tuple[str, Any]:
    """Add an application by its pages; return its secret and the page that answered."""
    page = text_of(browser.get("/sicurezza/applicazione"))
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found is not None
    secret = found[1].replace(" ", "")
    code = pyotp.TOTP(secret).at(clock.now())
    return secret, browser.post("/sicurezza/applicazione", {"name": "Telefono", "code": code})


def test_who_has_a_second_factor_is_not_in_before_showing_it(desks: Desks, start: datetime) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    secret, _ = enrol(come_in(person))
    with clock.frozen(start + _LATER):
        browser = come_in(person, next="/protocollo/registro")
        assert browser.answer.url == "/accedi/secondo-fattore?next=%2Fprotocollo%2Fregistro"
        assert browser.get("/protocollo/").url.startswith("/accedi")
        wrong = browser.post("/accedi/secondo-fattore", {"code": "000000"})
        assert wrong.status_code == 422
        assert 'id="error-summary"' in text_of(wrong)
        code = pyotp.TOTP(secret).at(clock.now())
        entered = browser.post("/accedi/secondo-fattore", {"code": code, "next": "/protocollo/registro"})
        assert entered.url == "/protocollo/registro"
        assert browser.get("/protocollo/registro").status_code == 200
        again = come_in(person)
        assert again.post("/accedi/secondo-fattore", {"code": code}).status_code == 422


def test_the_second_step_is_not_for_ever(desks: Desks, start: datetime) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    secret, _ = enrol(come_in(person))
    browser = come_in(person)
    with clock.frozen(start + timedelta(minutes=11)):
        code = pyotp.TOTP(secret).at(clock.now())
        answer = browser.post("/accedi/secondo-fattore", {"code": code})
        assert answer.url == "/accedi?why=late"
        assert "ricomincia" in text_of(browser.get(answer.url))


def test_the_first_factor_comes_with_codes_that_are_shown_once(desks: Desks, start: datetime) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    browser = come_in(person)
    _, page = enrol(browser)
    codes = re.findall(r"<li><code>([a-z0-9-]+)</code>", text_of(page))
    assert len(codes) == 10
    assert codes[0] not in text_of(browser.get("/sicurezza"))
    with clock.frozen(start + _LATER):
        other = come_in(person)
        asked = text_of(other.get("/accedi/secondo-fattore?with=recovery"))
        assert "Codice di recupero" in asked
        assert other.post("/accedi/secondo-fattore?with=recovery", {"code": codes[0]}).url == "/"
        assert "9 codici" in text_of(other.get("/sicurezza"))


def test_a_body_asks_for_a_second_factor_from_its_day(desks: Desks, start: datetime) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    tomorrow = clock.today() + timedelta(days=1)
    identity.set_sign_in_policy(actor=ROOT, body_id=desks.massa.body_id, second_factor_from=tomorrow)
    assert come_in(person).get("/protocollo/").status_code == 200
    with clock.frozen(start + timedelta(days=1)):
        browser = come_in(person)
        assert browser.get("/protocollo/").url == "/sicurezza?next=%2Fprotocollo%2F&why=required"
        page = text_of(browser.get("/sicurezza?why=required"))
        assert "Comune di Massa Marittima chiede" in page
        assert browser.get("/assenze").status_code == 302
        enrol(browser)
        assert browser.get("/protocollo/").status_code == 200, "who has just set it up has shown it"
        (factor,) = people.factors(person.id)
        refused = browser.post(f"/sicurezza/togli/{factor.id}", follow=True)
        assert "aggiungine un altro" in text_of(refused)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/sicurezza/applicazione"),
        ("post", "/sicurezza/codici"),
        ("post", "/sicurezza/sessioni"),
        ("get", "/sicurezza/passkey"),
    ],
)
def test_nothing_is_changed_without_proving_again_who_one_is(
    desks: Desks, start: datetime, method: str, address: str
) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    browser = come_in(person)
    with clock.frozen(start + timedelta(minutes=11)):
        answer = getattr(browser, method)(address)
        assert answer.url.startswith("/sicurezza/conferma?next=%2Fsicurezza")
        assert browser.post("/sicurezza/conferma", {"password": "sbagliata"}).status_code == 422
        proved = browser.post("/sicurezza/conferma", {"password": PASSWORD, "next": address})
        assert proved.url == address
        assert getattr(browser, method)(address, headers={"host": "localhost"}).status_code in {200, 302, 409}
        assert browser.get("/sicurezza/applicazione").status_code == 200


def test_a_secret_stays_the_same_while_its_page_is_open(desks: Desks) -> None:
    browser = come_in(desks.person(desks.massa, password=PASSWORD))
    first, second = (text_of(browser.get("/sicurezza/applicazione")) for _ in range(2))
    secrets = [re.findall(r'class="secret">([A-Z2-7 ]+)<', page) for page in (first, second)]
    assert secrets[0] == secrets[1]
    refused = browser.post("/sicurezza/applicazione", {"name": "Telefono", "code": "1"})
    assert refused.status_code == 422
    assert secrets[0][0] in text_of(refused)


def test_other_sessions_end_and_this_one_goes_on(desks: Desks) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    here, there = come_in(person), come_in(person)
    assert there.get("/protocollo/").status_code == 200
    assert here.post("/sicurezza/sessioni").url == "/sicurezza"
    assert there.get("/protocollo/").url.startswith("/accedi")
    assert here.get("/protocollo/").status_code == 200


def test_a_factor_is_removed_after_a_question(desks: Desks) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    browser = come_in(person)
    enrol(browser)
    (factor,) = people.factors(person.id)
    assert "password da sola" in text_of(browser.get(f"/sicurezza/togli/{factor.id}"))
    browser.post(f"/sicurezza/togli/{factor.id}")
    assert people.factors(person.id) == []
    assert browser.get(f"/sicurezza/togli/{factor.id}").status_code == 404


def test_passkeys_need_a_safe_origin(desks: Desks) -> None:
    browser = come_in(desks.person(desks.massa, password=PASSWORD))
    assert "/sicurezza/passkey" not in text_of(browser.get("/sicurezza"))
    assert browser.get("/sicurezza/passkey").status_code == 404
    page = text_of(browser.get("/sicurezza/passkey", headers={"host": "localhost"}))
    assert "passkey-options" in page
    refused = browser.post(
        "/sicurezza/passkey", {"name": "Chiave", "passkey": "{}"}, headers={"host": "localhost"}
    )
    assert refused.status_code == 422
    assert "non ha risposto" in text_of(refused)


def test_an_absence_lets_a_colleague_stand_in(desks: Desks) -> None:
    person, colleague = (desks.person(desks.massa, password=PASSWORD) for _ in range(2))
    stranger = desks.person(desks.sassetta)
    browser = come_in(person)
    page = text_of(browser.get("/assenze"))
    assert colleague.name in page
    assert stranger.name not in page
    today = clock.today().isoformat()
    days = {"valid_from": today, "valid_to": today, "reason": "holiday"}
    refused = browser.post("/assenze", {**days, "substitute": str(stranger.id)})
    assert refused.status_code == 422
    backwards = {**days, "valid_to": "2020-01-01", "substitute": str(colleague.id)}
    refused = browser.post("/assenze", backwards)
    assert 'href="#id_valid_to"' in text_of(refused)
    browser.post("/assenze", {**days, "substitute": str(colleague.id)})
    assert people.actor_for_person(colleague.id).stands_in_for == {person.id}
    assert person.name in text_of(come_in(colleague).get("/assenze"))
    (absence,) = people.absences(person_id=person.id)
    assert come_in(colleague).post(f"/assenze/{absence.id}/termina").status_code == 404
    browser.post(f"/assenze/{absence.id}/termina")
    assert people.absences(person_id=person.id) == []


def test_the_header_says_for_which_body_one_works(desks: Desks) -> None:
    page = text_of(desks.at(desks.massa).get("/protocollo/"))
    header = page.partition("</header>")[0]
    assert re.search(r"Stai lavorando per</span>\s*<strong>Comune di Massa Marittima</strong>", header)
