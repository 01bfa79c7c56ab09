"""A clerk sends a document with and without scripts and by keyboard, and reads the number that comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crinale.ui import session

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, Route

    from tests.journeys.conftest import Node

MINUTE = 60 * 1000
OUTGOING = "/protocollo/nuovo/uscita"
SUBJECT = "Trasmissione del parere sulla strada comunale di Niccioleta"


def test_with_scripts_parts_of_the_page_change_and_nothing_is_lost(node: Node, letter: Path) -> None:
    page = node.open(node.desks.massa)
    page.goto(OUTGOING)
    page.get_by_label("Oggetto").fill("Breve")
    page.get_by_text("Scrivine almeno 30").wait_for()
    page.get_by_label("Oggetto").fill(SUBJECT)
    page.locator("#id_q").press_sequentially("sasse")
    page.get_by_role("button", name="Comune di Sassetta").click()
    page.get_by_role("list", name="Destinatari scelti").get_by_text("Comune di Sassetta").first.wait_for()
    page.get_by_label("Documento principale").set_input_files(letter)
    page.get_by_role("list", name="File scelti").get_by_text("lettera di trasmissione.txt").first.wait_for()
    page.get_by_label("Scrivi una parola per accorciare l'elenco").fill("protezione civile")
    page.locator("#id_classification option[value='6.10']").wait_for(state="attached")
    node.check(page)
    page.locator("#id_classification").select_option("")
    page.get_by_role("button", name="Registra e invia").click()
    page.locator("#error-summary").wait_for()
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert page.get_by_label("Oggetto").input_value() == SUBJECT
    assert page.get_by_text("lettera di trasmissione.txt").first.is_visible()
    node.check(page)
    page.locator("#id_classification").select_option("6.10")
    page.get_by_role("button", name="Registra e invia").dblclick()
    page.get_by_role("heading", name="0000001/").wait_for()
    node.check(page)
    node.desks.pair.run()
    page.reload()
    page.get_by_text("Registrato dal destinatario").first.wait_for()
    assert page.get_by_text("0000002/").count() == 0
    node.check(page)


def test_whoever_has_gone_on_to_another_field_keeps_it(node: Node) -> None:
    """A slow answer must not pull the caret away: what is typed for the subject would end in the search."""
    page = node.open(node.desks.massa)
    page.goto(OUTGOING)
    page.locator("#id_q").press_sequentially("sasse")
    found = page.get_by_role("button", name="Comune di Sassetta")
    found.wait_for()
    held: list[Route] = []
    page.route("**/destinatari", lambda route: held.append(route))  # noqa: PLW0108  # it marks its handler
    found.click()
    page.get_by_label("Oggetto").click()
    page.keyboard.type("Trasmissione ")
    while not held:
        page.wait_for_timeout(10)
    held[0].continue_()
    page.get_by_role("list", name="Destinatari scelti").get_by_text("Comune di Sassetta").first.wait_for()
    page.locator("#id_recipients:not(.htmx-settling)").wait_for()
    page.keyboard.type("del parere")
    assert page.get_by_label("Oggetto").input_value() == "Trasmissione del parere"
    assert page.locator("#id_q").input_value() == ""


def test_without_scripts_every_step_is_a_page(node: Node, letter: Path) -> None:
    page = node.open(node.desks.massa, scripts=False)
    page.goto(OUTGOING)
    page.get_by_label("Oggetto").fill(SUBJECT)
    page.locator("#id_classification").select_option("6.10")
    page.get_by_label("Documento principale").set_input_files(letter)
    page.locator("#id_q").fill("sassetta")
    page.locator("#id_recipients").get_by_role("button", name="Cerca").click()
    page.get_by_role("button", name="Comune di Sassetta").click()
    assert page.get_by_label("Oggetto").input_value() == SUBJECT
    assert page.locator("#id_classification").input_value() == "6.10"
    page.get_by_text("lettera di trasmissione.txt").first.wait_for()
    page.get_by_role("button", name="Registra e invia").click()
    page.get_by_role("heading", name="0000001/").wait_for()


def test_the_keyboard_alone_reaches_everything(node: Node) -> None:
    page = node.open(node.desks.massa)
    page.goto("/protocollo/")
    page.keyboard.press("Tab")
    assert _focused(page) == "Vai al contenuto"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(OUTGOING)
    page.locator("#id_q").press_sequentially("sasse")
    page.get_by_role("button", name="Comune di Sassetta").wait_for()
    with page.expect_response("**/indice?*"):
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    assert page.url.endswith(OUTGOING)  # looking is not sending
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert "Comune di Sassetta" in _focused(page)
    page.keyboard.press("Enter")
    page.get_by_role("list", name="Destinatari scelti").wait_for()
    page.wait_for_function("document.activeElement.id === 'id_q'")  # htmx settles after it has drawn


def test_the_sender_of_a_paper_is_taken_from_the_index_by_keyboard(node: Node, letter: Path) -> None:
    page = node.open(node.desks.massa)
    page.goto("/protocollo/nuovo/arrivo")
    page.locator("#id_subject").fill(SUBJECT)
    page.locator("#id_q").press_sequentially("comune")
    page.get_by_role("button", name="Comune di Sassetta").focus()  # found while typing
    page.keyboard.press("Enter")
    chosen = page.get_by_role("list", name="Mittenti scelti")
    chosen.get_by_text("Comune di Sassetta").first.wait_for()
    page.get_by_text("Aggiunto: Comune di Sassetta").wait_for(state="attached")
    assert page.locator("#id_subject").input_value() == SUBJECT
    node.check(page)
    page.locator("#id_classification").select_option("6.10")
    page.get_by_label("Come è arrivato").select_option("registered_post")
    page.get_by_label("Documento principale").set_input_files(letter)
    page.get_by_role("list", name="File scelti").get_by_text("lettera di trasmissione.txt").first.wait_for()
    page.get_by_role("button", name="Registra il documento").click()
    page.get_by_role("heading", name="0000001/").wait_for()
    page.get_by_role("link", name="Apri la registrazione").click()
    page.get_by_text("Raccomandata").first.wait_for()


def test_at_four_hundred_percent_the_page_still_reads(node: Node) -> None:
    page = node.open(node.desks.massa, width=320)
    for address in ("/protocollo/", OUTGOING, "/protocollo/registro"):
        page.goto(address)
        node.check(page)


def test_the_menu_of_a_phone_opens(node: Node) -> None:
    page = node.open(node.desks.massa, width=360)
    page.goto("/protocollo/")
    assert not page.get_by_role("link", name="Registro", exact=True).is_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Registro", exact=True).click()
    assert page.url.endswith("/protocollo/registro")
    still = node.open(node.desks.massa, width=360, scripts=False)
    still.goto("/protocollo/")
    assert still.get_by_role("link", name="Registro", exact=True).is_visible()


def test_before_the_session_ends_the_clerk_is_asked(node: Node) -> None:
    page = node.open(node.desks.massa)
    page.clock.install()
    page.goto("/protocollo/")
    page.clock.run_for(28 * MINUTE)
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    node_button = dialog.get_by_role("button", name="Continua a lavorare")
    with page.expect_response("**/presente") as answer:
        node_button.click()
    assert answer.value.status == 204
    assert not dialog.is_visible()
    page.clock.run_for(28 * MINUTE)
    dialog.wait_for()
    page.clock.run_for(2 * MINUTE)
    page.wait_for_url("**/accedi?*why=idle*")


def test_a_tab_stays_while_the_clerk_works_in_another(node: Node) -> None:
    page = node.open(node.desks.massa)
    page.clock.install()
    page.goto("/protocollo/nuovo/uscita")
    page.locator("#id_subject").fill("Richiesta di parere")
    other = page.context.new_page()
    other.goto("/protocollo/registro")
    page.clock.run_for(20 * MINUTE)
    other.reload()
    for _ in range(2):
        page.clock.run_for(20 * MINUTE)
        assert not page.get_by_role("dialog").is_visible()
        other.reload()
    assert page.locator("#id_subject").input_value() == "Richiesta di parere"
    page.clock.run_for(28 * MINUTE)
    page.get_by_role("dialog").wait_for()
    other.reload()
    page.get_by_role("dialog").wait_for(state="hidden")


def test_a_node_that_does_not_answer_makes_nobody_leave(node: Node) -> None:
    page = node.open(node.desks.massa)
    page.clock.install()
    page.goto("/protocollo/nuovo/uscita")
    page.route("**/presente", lambda route: route.abort())
    page.clock.run_for(28 * MINUTE)
    page.get_by_role("button", name="Continua a lavorare").click()
    page.get_by_role("dialog").wait_for()
    assert page.url.endswith("/protocollo/nuovo/uscita")


def test_before_eight_hours_have_passed_the_clerk_is_told_once(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ABSOLUTE", timedelta(minutes=25))
    page = node.open(node.desks.massa)
    page.clock.install()
    page.goto("/protocollo/registro?direction=incoming")
    assert not page.get_by_role("dialog").is_visible()
    page.clock.run_for(16 * MINUTE)
    dialog = page.get_by_role("dialog", name="Tra poco uscirai dal sistema")
    dialog.wait_for()
    node.check(page)
    dialog.get_by_role("button", name="Ho capito").click()
    assert not dialog.is_visible()
    page.clock.run_for(8 * MINUTE)
    assert not dialog.is_visible()
    page.clock.run_for(2 * MINUTE)
    page.wait_for_url("**/accedi?*why=long*")
    assert "direction%3Dincoming" in page.url


@pytest.mark.parametrize("language", ["it", "en"])
def test_signing_in_by_the_form(node: Node, language: str) -> None:
    from crinale.services.protocol_office.tests.desks import PASSWORD

    person = node.desks.person(node.desks.massa, password=PASSWORD)
    page = node.open()
    page.goto("/protocollo/")
    if language == "en":
        page.get_by_role("button", name="ENG").click()
    page.locator("#id_username").fill(person.username)
    page.locator("#id_password").fill("sbagliata")
    page.locator("main button").click()
    page.locator("#error-summary").wait_for()
    node.check(page)
    page.locator("#id_username").fill(person.username)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url("**/protocollo/")
    assert page.locator("html").get_attribute("lang") == language


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))
