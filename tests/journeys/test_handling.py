"""Assigning without scripts, and the pages of it on desk and phone: axe finds nothing, nothing overflows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.spine.identity.models import Grant
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope
from tests.journeys.test_every_page import WIDTHS, narrow

if TYPE_CHECKING:
    from tests.journeys.conftest import Node


def test_a_document_is_assigned_taken_and_concluded(node: Node) -> None:
    town = node.desks.massa
    tenancy.create_office(area_id=town.area_id, code="RAG", name="Ufficio ragioneria, tributi ed economato")
    with scope(town.body_id):
        made = town.receive()
    page = node.open(town, scripts=False)
    at = f"/protocollo/registrazioni/{made.id}"
    page.goto(f"{at}/assegna")
    page.get_by_label("Ufficio competente").select_option(label="Ufficio tecnico")
    page.get_by_label("Da concludere entro").fill(f"{clock.today() + timedelta(days=5)}")
    page.get_by_text("Assegna anche ad altri").click()
    knowing = page.get_by_role("group", name="Per conoscenza a")
    knowing.get_by_text("Ufficio ragioneria, tributi ed economato").click()
    page.get_by_role("button", name="Assegna").click()
    page.get_by_role("button", name="Prendi in carico").first.click()
    assert page.get_by_text("Lo hai preso in carico.").is_visible()
    watching = node.open(town)
    Grant.objects.update(office_id=town.office_id)
    step = page.get_by_role("link", name="Inoltra").first.get_attribute("href")
    for address in (at, f"{at}/assegna", str(step), "/protocollo/?box=assigned_office"):
        watching.goto(address)
        for width in WIDTHS:
            narrow(watching, width, f"handling-{address}")
            node.check(watching)
    page.get_by_role("link", name="Concludi").first.click()
    page.get_by_label("Come è finito").fill("Risposto")
    page.get_by_role("button", name="Concludi").click()
    assert page.get_by_text("Concluso (Ufficio tecnico)").is_visible()
