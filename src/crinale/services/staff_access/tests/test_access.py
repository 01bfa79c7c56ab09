"""Coming in, choosing a body, going out; what every page says to the browser."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from django.test import Client

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import PASSWORD, text_of
from crinale.spine.identity import Actor
from crinale.spine.identity import actions as identity
from crinale.ui.templatetags.crinale_ui import clock_time

if TYPE_CHECKING:
    from crinale.services.protocol_office.tests.desks import Desks


def visitor(**asked: Any) -> Any:
    """A browser of somebody who is not signed in."""
    return Client(**asked)


def come_in(browser: Any, username: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/accedi", {"username": username, "password": password, **more})


def test_who_works_for_one_area_goes_straight_to_work(desks: Desks) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    browser = visitor()
    answer = browser.get("/protocollo/registro")
    assert answer.url == "/accedi?next=%2Fprotocollo%2Fregistro"
    entered = come_in(browser, person.username, next="/protocollo/registro")
    assert entered.url == "/protocollo/registro"
    page = text_of(browser.get("/protocollo/registro"))
    assert "Comune di Massa Marittima" in page
    assert person.name in page


def test_a_new_password_ends_what_began_with_the_old_one(desks: Desks) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    stolen = visitor()
    come_in(stolen, person.username)
    assert stolen.get("/protocollo/").status_code == 200
    identity.set_password(actor=Actor.system("tests"), person_id=person.id, password="un'altra, più lunga")
    assert stolen.get("/protocollo/").url.startswith("/accedi")
    own = visitor()
    come_in(own, person.username, "un'altra, più lunga")
    assert own.get("/protocollo/").status_code == 200


def test_union_staff_choose_the_body_and_may_change_it(desks: Desks) -> None:
    person = desks.person(desks.massa, desks.sassetta, password=PASSWORD)
    browser = visitor()
    come_in(browser, person.username)
    assert browser.get("/protocollo/").url == "/scegli?next=%2Fprotocollo%2F"
    page = text_of(browser.get("/scegli"))
    assert "Comune di Massa Marittima" in page
    assert "Comune di Sassetta" in page
    browser.post("/scegli", {"area": str(desks.sassetta.area_id)})
    assert "Comune di Sassetta" in text_of(browser.get("/protocollo/"))
    browser.post("/scegli", {"area": str(desks.massa.area_id)})
    assert "Comune di Massa Marittima" in text_of(browser.get("/protocollo/"))


def test_an_area_without_a_grant_cannot_be_chosen(desks: Desks) -> None:
    browser = desks.at(desks.massa)
    assert browser.post("/scegli", {"area": str(desks.sassetta.area_id)}).status_code == 404
    assert "Comune di Massa Marittima" in text_of(browser.get("/protocollo/"))


@pytest.mark.parametrize(
    ("username", "password"), [("", "x"), ("x", ""), ("nessuno", "x"), ("persona1", "sbagliata")]
)
def test_a_wrong_sign_in_says_so_and_lets_nobody_in(desks: Desks, username: str, password: str) -> None:
    desks.person(desks.massa, password=PASSWORD)
    browser = visitor()
    answer = come_in(browser, username, password)
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'id="error-summary"' in page
    assert password not in page or len(password) < 2
    assert browser.get("/protocollo/").status_code == 302


def test_too_many_attempts_are_told_how_long_to_wait(desks: Desks) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    with clock.frozen(clock.now()):
        for _ in range(4):
            come_in(visitor(), person.username, "sbagliata")
        page = text_of(come_in(visitor(), person.username))
        assert "aspetta" in page
        assert "secondi" in page


def test_a_session_ends_when_idle_and_after_a_working_day(desks: Desks) -> None:
    begin = clock.now()
    with clock.frozen(begin):
        browser = desks.at(desks.massa)
        assert browser.get("/protocollo/").status_code == 200
    with clock.frozen(begin + timedelta(minutes=29)):
        assert browser.get("/presente").status_code == 204
    with clock.frozen(begin + timedelta(minutes=58)):
        assert browser.get("/protocollo/").status_code == 200
    with clock.frozen(begin + timedelta(minutes=90)):
        assert "why=idle" in browser.get("/protocollo/").url
    with clock.frozen(begin):
        browser = desks.at(desks.massa)
    for minutes in range(0, 480, 25):
        with clock.frozen(begin + timedelta(minutes=minutes)):
            assert browser.get("/protocollo/").status_code == 200
    with clock.frozen(begin + timedelta(minutes=481)):
        answer = browser.get("/protocollo/")
        assert "why=long" in answer.url
        assert "otto ore" in text_of(browser.get(answer.url))


def test_signing_out_destroys_the_session(desks: Desks) -> None:
    browser = desks.at(desks.massa)
    before = dict(browser.cookies.items())
    assert browser.post("/esci").url == "/accedi?why=left"
    thief = visitor()
    for name, morsel in before.items():
        thief.cookies[name] = morsel.value
    assert thief.get("/protocollo/").status_code == 302
    assert browser.get("/esci").status_code == 405


def test_the_session_key_changes_at_sign_in(desks: Desks) -> None:
    from django.conf import settings

    person = desks.person(desks.massa, password=PASSWORD)
    browser = visitor()
    come_in(browser, person.username)
    first = browser.cookies[settings.SESSION_COOKIE_NAME].value
    come_in(browser, person.username)
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != first


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(desks: Desks, target: str) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    assert come_in(visitor(), person.username, next=target).url == "/"
    assert visitor().post("/lingua", {"language": "en", "next": target}).url == "/"


def test_italian_is_first_and_english_is_remembered() -> None:
    browser = visitor(headers={"accept-language": "en"})
    assert '<html lang="it">' in text_of(browser.get("/accedi"))
    browser.post("/lingua", {"language": "en", "next": "/accedi"})
    assert '<html lang="en">' in text_of(browser.get("/accedi"))
    browser.post("/lingua", {"language": "xx", "next": "/accedi"})
    assert '<html lang="en">' in text_of(browser.get("/accedi"))


def test_forms_need_their_token(desks: Desks) -> None:
    answer = visitor(enforce_csrf_checks=True).post("/accedi", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert "La pagina era scaduta" in text_of(answer)


def test_every_page_forbids_what_it_does_not_need(desks: Desks) -> None:
    for browser, address in ((visitor(), "/accedi"), (desks.at(desks.massa), "/protocollo/")):
        headers = browser.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers
    assert desks.at(desks.massa).get("/protocollo/").headers["Cache-Control"] == "no-store"


def test_https_elsewhere_than_on_the_loopback_is_remembered() -> None:
    assert "Strict-Transport-Security" in visitor().get("/accedi", secure=True).headers
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000", "nodo.localhost"):
        here = visitor().get("/accedi", secure=True, headers={"host": host})
        assert "Strict-Transport-Security" not in here.headers


def test_what_htmx_asks_after_the_session_ended_sends_the_whole_page_to_sign_in() -> None:
    answer = visitor().get("/protocollo/nuovo/uscita/indice?q=x", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer.headers["HX-Redirect"] == "/accedi"
    answer = visitor().post(
        "/protocollo/nuovo/uscita/destinatari",
        headers={
            "HX-Request": "true",
            "HX-Current-URL": "http://testserver/protocollo/nuovo/uscita?reply_to=1",
        },
    )
    assert answer.headers["HX-Redirect"] == "/accedi?next=%2Fprotocollo%2Fnuovo%2Fuscita%3Freply_to%3D1"


@pytest.mark.parametrize(
    ("referer", "following"),
    [
        (
            "http://testserver/protocollo/nuovo/uscita?reply_to=1",
            "%2Fprotocollo%2Fnuovo%2Fuscita%3Freply_to%3D1",
        ),
        ("", "%2Fprotocollo%2Fnuovo%2Finterno"),
        ("https://example.org/protocollo/", "%2Fprotocollo%2Fnuovo%2Finterno"),
        ("http://testserver@example.org/x", "%2Fprotocollo%2Fnuovo%2Finterno"),
        ("http://[/", "%2Fprotocollo%2Fnuovo%2Finterno"),
    ],
)
def test_who_sends_a_form_after_the_session_ended_comes_back_to_its_page(
    referer: str, following: str
) -> None:
    answer = visitor().post("/protocollo/nuovo/interno", headers={"referer": referer} if referer else {})
    assert answer.url == f"/accedi?next={following}"


def test_a_page_of_this_site_cannot_send_elsewhere_by_its_address(desks: Desks) -> None:
    person = desks.person(desks.massa, password=PASSWORD)
    browser = visitor()
    answer = browser.post("/protocollo/nuovo/interno", headers={"referer": "http://testserver//example.org/"})
    assert come_in(browser, person.username, next=unquote(answer.url.partition("next=")[2])).url == "/"


def test_a_page_knows_when_its_session_ends_and_where_to_come_back(desks: Desks) -> None:
    begin = clock.now()
    with clock.frozen(begin):
        browser = desks.at(desks.massa)
    with clock.frozen(begin + timedelta(minutes=20)):
        page = text_of(browser.get("/protocollo/registro", {"direction": "incoming"}))
    assert f'data-ends-seconds="{(480 - 20) * 60}"' in page
    assert f'data-idle-seconds="{29 * 60}"' in page  # the last use is noted once a minute
    assert "next=%2Fprotocollo%2Fregistro%3Fdirection%3Dincoming" in page
    assert f"Alle {clock_time(begin + timedelta(hours=8))} saranno passate otto ore" in page


def test_the_health_of_the_node_is_public_and_says_little(db: None) -> None:
    answer = visitor().get("/status")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 200


@pytest.mark.parametrize("address", ["/niente", "/protocollo/niente", "/protocollo/registrazioni/1"])
def test_an_unknown_address_has_a_page(desks: Desks, address: str) -> None:
    for browser in (visitor(), desks.at(desks.massa)):
        answer = browser.get(address)
        assert answer.status_code == 404
        assert "non puoi vederla" in text_of(answer)


def test_a_fault_has_a_page_that_tells_nothing(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    from crinale.services.protocol_office import queries

    def broken(**_asked: object) -> None:
        raise RuntimeError("segreto")

    monkeypatch.setattr(queries, "boxes", broken)
    browser = desks.at(desks.massa)
    browser.raise_request_exception = False
    answer = browser.get("/protocollo/")
    assert answer.status_code == 500
    assert "Qualcosa si è rotto" in text_of(answer)
    assert "segreto" not in text_of(answer)


def test_a_form_that_is_too_large_says_so(desks: Desks) -> None:
    answer = desks.at(desks.massa).post("/protocollo/nuovo/uscita", {"subject": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "troppo grande" in text_of(answer)
