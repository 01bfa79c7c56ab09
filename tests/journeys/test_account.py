"""A clerk protects the account: a passkey of a virtual device, codes, and the looks of every page of it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import PASSWORD, ROOT
from crinale.spine.identity import actions as identity
from crinale.spine.identity import queries as people

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.conftest import Node


def _look(node: Node, page: Page, name: str) -> None:
    """Check the page on a desk and on a phone; where CRINALE_SCREENSHOTS says, keep how it looks."""
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        node.check(page)
        if folder := os.environ.get("CRINALE_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def _sign_in(page: Page, username: str) -> None:
    page.goto("/accedi")
    page.get_by_label("Nome utente").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accedi").click()


@pytest.fixture
def at_localhost(node: Node) -> Node:
    """Passkeys belong to a name: an address of digits is none."""
    node.url = node.url.replace("127.0.0.1", "localhost")
    return node


def test_a_passkey_is_made_and_lets_its_owner_in(at_localhost: Node) -> None:
    node = at_localhost
    person = node.desks.person(node.desks.massa, password=PASSWORD)
    page = node.open()
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    # To look at a page in between would end the device: axe has a session of the tools of its own.
    _sign_in(page, person.username)
    page.get_by_role("link", name=re.compile("Il tuo account")).click()
    page.get_by_role("link", name="Aggiungi una passkey").click()
    page.get_by_role("textbox", name="Nome").fill("Computer dell'ufficio")
    page.get_by_role("button", name="Crea la passkey").click()
    page.get_by_role("link", name="Li ho conservati").click()
    page.get_by_role("button", name="Esci").click()
    _sign_in(page, person.username)
    page.get_by_role("button", name="Usa una passkey").click()
    page.get_by_text("Stai lavorando per").wait_for()
    (factor,) = people.factors(person.id)
    assert factor.used_at is not None
    page.goto("/sicurezza")
    assert page.get_by_text("Computer dell'ufficio").first.is_visible()
    _look(node, page, "security")
    page.get_by_role("button", name="Crea dieci codici nuovi").click()
    _look(node, page, "codes")
    page.goto("/sicurezza/passkey")
    _look(node, page, "passkey")
    page.goto("/sicurezza/applicazione")
    _look(node, page, "application")
    page.get_by_role("button", name="Aggiungi", exact=True).click()
    _look(node, page, "application-error")
    page.goto(f"/sicurezza/togli/{factor.id}")
    _look(node, page, "remove")
    page.get_by_role("button", name="Esci").click()
    _sign_in(page, person.username)
    _look(node, page, "second-step")


def test_without_scripts_and_with_several_bodies(at_localhost: Node) -> None:
    node = at_localhost
    desks = node.desks
    person = desks.person(desks.massa, desks.sassetta, password=PASSWORD)
    colleague = desks.person(desks.massa)
    identity.set_sign_in_policy(actor=ROOT, body_id=desks.massa.body_id, second_factor_from=clock.today())
    page = node.open(scripts=False)
    _sign_in(page, person.username)
    page.get_by_role("button", name=re.compile("Sassetta")).click()
    assert page.locator(".working-for").get_by_text("Comune di Sassetta").is_visible()
    page.get_by_role("link", name="Cambia ente").click()
    page.get_by_role("button", name=re.compile("Massa Marittima")).click()
    assert page.get_by_text("Manca un passo").is_visible()
    page.get_by_role("link", name="Cambia ente").click()
    page.get_by_role("button", name=re.compile("Sassetta")).click()
    page.goto("/assenze")
    page.get_by_label("Primo giorno").fill("2020-01-02")
    page.get_by_label("Ultimo giorno").fill("2020-01-01")
    page.get_by_label("Chi ti sostituisce").select_option(str(colleague.id))
    page.get_by_role("button", name="Inserisci").click()
    assert page.get_by_text("C'è una cosa da correggere").is_visible()
    assert page.get_by_label("Primo giorno").input_value() == "2020-01-02"


def test_the_pages_of_absences_and_of_a_missing_step(at_localhost: Node) -> None:
    node = at_localhost
    desks = node.desks
    person, colleague = desks.person(desks.massa, password=PASSWORD), desks.person(desks.massa)
    today = clock.today()
    for away, substitute in ((person, colleague), (colleague, person)):
        identity.enter_absence(
            actor=ROOT,
            person_id=away.id,
            substitute_id=substitute.id,
            valid_from=today,
            valid_to=today.replace(year=today.year + 1, day=1),
        )
    page = node.open()
    _sign_in(page, person.username)
    page.goto("/assenze")
    _look(node, page, "absences")
    page.goto("/sicurezza/conferma")
    _look(node, page, "confirm")
    identity.set_sign_in_policy(actor=ROOT, body_id=desks.massa.body_id, second_factor_from=today)
    page.goto("/protocollo/")
    _look(node, page, "owed")
