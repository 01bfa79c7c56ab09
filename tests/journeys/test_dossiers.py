"""Dossiers in a browser: rows that go from one to another by mouse, by keyboard, and without scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crinale.kernel import clock
from crinale.spine.identity import Actor
from crinale.spine.records import actions as records
from crinale.spine.tenancy import scope
from tests.journeys.test_every_page import narrow

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from tests.journeys.conftest import Node

LIST = "/protocollo/fascicoli"
SYSTEM = Actor.system("tests")


@pytest.fixture
def filled(node: Node) -> tuple[UUID, UUID, UUID]:
    """A dossier with three registrations, a part of it, and a part of that."""
    town = node.desks.massa
    with scope(town.body_id):
        top = records.open_dossier(
            actor=SYSTEM, area_id=town.area_id, title="Frana di Prata", classification_code="6.10"
        )
        part = records.open_part(actor=SYSTEM, parent_id=top.id, title="Perizie")
        deep = records.open_part(actor=SYSTEM, parent_id=part.id, title="Rilievi", form="insert")
        for _number in range(3):
            town.send(dossier_id=top.id)
    return top.id, part.id, deep.id


def test_rows_move_by_mouse_and_by_keyboard_and_it_is_said(
    node: Node, filled: tuple[UUID, UUID, UUID]
) -> None:
    from playwright.sync_api import expect

    top, part, deep = filled
    page = node.open(node.desks.massa)
    page.goto(f"{LIST}/{top}")
    rows = page.locator("#filed > li")
    assert rows.count() == 3
    rows.first.locator(".list-number").drag_to(page.locator(f'[data-place="{part}"]'))
    expect(rows).to_have_count(2)
    expect(page.locator("#announcer")).to_contain_text("Perizie")
    assert page.locator(f'[data-place="{part}"] [data-count]').inner_text() == "1"
    assert page.locator("[data-count-here]").inner_text() == "2"
    summary = rows.first.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "target"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("End")  # the last of the places
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(page.locator("#announcer")).to_contain_text("Rilievi")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"  # of the row that is left
    assert page.locator(f'[data-place="{deep}"] [data-count]').inner_text() == "1"
    node.check(page)
    page.reload()
    assert rows.count() == 1


def test_a_move_that_fails_says_so_and_keeps_the_row(node: Node, filled: tuple[UUID, UUID, UUID]) -> None:
    top, part, deep = filled
    page = node.open(node.desks.massa)
    page.goto(f"{LIST}/{top}")
    with scope(node.desks.massa.body_id):
        records.close_dossier(actor=SYSTEM, dossier_id=deep)
        records.close_dossier(actor=SYSTEM, dossier_id=part)
    page.locator("#filed > li").first.locator(".list-number").drag_to(page.locator(f'[data-place="{part}"]'))
    page.wait_for_selector("#move-status:not([hidden])")
    assert "chiuso" in page.locator("#move-status").inner_text()
    assert page.locator("#filed > li").count() == 3


def test_without_scripts_the_form_of_a_row_moves_it(node: Node, filled: tuple[UUID, UUID, UUID]) -> None:
    top, part, _deep = filled
    page = node.open(node.desks.massa, width=360, scripts=False)
    page.goto(f"{LIST}/{top}")
    menu = page.locator("#filed > li").first.locator("details.move-menu")
    menu.locator("summary").click()
    menu.locator("select").select_option(str(part))
    menu.locator("button").click()
    assert page.locator("#filed > li").count() == 2
    assert "Perizie" in page.locator(".alert[role=status]").inner_text()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_dossiers_and_plan_are_accessible_and_fit(
    node: Node, filled: tuple[UUID, UUID, UUID], width: int, tmp_path: Path
) -> None:
    top, part, deep = filled
    town, plan = node.desks.massa, tmp_path / "piano.csv"
    plan.write_text("code,title,from\n1,Amministrazione generale,\n1.8,Archivi,1.6\n15,Reti,\n")
    with scope(town.body_id):
        records.import_filing_plan(
            actor=SYSTEM,
            name="Titolario rivisto",
            text=records.municipal_plan() + "15,Reti\n",
            valid_from=clock.today() + timedelta(days=9),
        )
        records.show_dossier(
            actor=SYSTEM, dossier_id=deep, visibility="people", reason="Prove", readers={top: "Verdi"}
        )
    page = node.open(town, width=width)
    for name, address in (
        ("list", f"{LIST}?kind=matter"),
        ("open", f"{LIST}/nuovo"),
        ("dossier", f"{LIST}/{top}"),
        ("part", f"{LIST}/{deep}"),
        ("index", f"{LIST}/{top}/indice"),
        ("new-part", f"{LIST}/{part}/parti/nuova"),
        ("data", f"{LIST}/{top}/dati"),
        ("shown", f"{LIST}/{top}/visibilita"),
        ("close", f"{LIST}/{top}/chiudi"),
        ("add-file", f"{LIST}/{part}/file/nuovo"),
        ("plan", "/protocollo/titolario"),
        ("plan-search", "/protocollo/titolario?q=protezione"),
        ("new-edition", "/protocollo/titolario/nuovo"),
    ):
        page.goto(address)
        node.check(page)
        narrow(page, width, f"dossiers-{name}")
    page.goto(f"{LIST}/{top}")
    page.locator("details.move-menu summary").first.click()
    node.check(page)
    narrow(page, width, "dossiers-menu")
    page.get_by_role("link", name="Un altro fascicolo…").first.click()
    page.get_by_role("button", name="Sposta").click()
    node.check(page)  # nothing was written: the error has the focus
    page.goto("/protocollo/titolario/nuovo")
    page.fill("[name=name]", "Titolario corto")
    page.fill("[name=valid_from]", (clock.today() + timedelta(days=30)).isoformat())
    page.set_input_files("[name=file]", plan)
    page.get_by_role("button", name="Vedi che cosa cambia").click()
    node.check(page)
    narrow(page, width, "dossiers-difference")
    page.get_by_role("button", name="Conferma la data").click()
    assert "prima ritirala" in page.locator(".error-summary").inner_text()
    node.check(page)
    page.goto("/protocollo/titolario")
    page.get_by_role("link", name="Che cosa cambia").first.click()
    node.check(page)
    page.get_by_role("link", name="Ritira l'edizione").click()
    page.fill("[name=reason]", "Bozza superata")
    page.get_by_role("button", name="Ritira l'edizione").click()
    assert "ritirata" in page.locator(".alert").inner_text()
    node.check(page)
