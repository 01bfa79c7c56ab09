"""Every page in its states, in both languages, on desk and phone: axe finds nothing, nothing overflows."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crinale.kernel import clock
from crinale.spine.records import actions as records
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.conftest import Node

WIDTHS = (1280, 360)


def addresses(node: Node) -> dict[str, list[str]]:
    """The pages of both towns, after one document was refused, one waits and one was registered."""
    pair, desks = node.desks.pair, node.desks
    first = pair.send()
    pair.run()
    pair.by_clerk()
    second = pair.send(
        subject="Un secondo documento con un oggetto molto lungo " + "e particolareggiato " * 12
    )
    pair.run()
    waiting = next(row for row in pair.received() if row.state == "to_register")
    pair.wire.fail(*["connection"] * 40)
    third = pair.send(subject="Un terzo documento che non riesce a partire da qui")
    pair.run()
    for hours in (2.1, 6.2, 14.3):
        with clock.frozen(clock.now() + timedelta(hours=hours)):
            pair.tick()
    pair.wire.failures.clear()
    clerk = desks.at(desks.massa)
    clerk.post(f"/protocollo/registrazioni/{first.id}/annulla", _ACT)
    with scope(desks.massa.body_id):
        desks.massa.receive(confidential=True)
        dossier, empty = (
            records.open_dossier(
                actor=desks.massa.clerk("records_manager"),
                area_id=desks.massa.area_id,
                title=title,
                classification_code="6.10",
            )
            for title in ("Strada comunale di Niccioleta " + "e diramazioni " * 12, "Vuoto")
        )
    clerk.post(f"/protocollo/registrazioni/{second.id}/fascicola", {"dossier": dossier.code})
    at = f"/protocollo/registrazioni/{first.id}"
    return {
        "massa": [
            "/protocollo/",
            "/protocollo/?box=refused",
            "/protocollo/nuovo/uscita",
            f"/protocollo/nuovo/uscita?reply_to={first.id}",
            "/protocollo/nuovo/arrivo",
            "/protocollo/nuovo/interno",
            "/protocollo/registro",
            "/protocollo/registro?direction=internal",
            "/protocollo/cerca",
            "/protocollo/cerca?q=documento",
            "/protocollo/cerca?q=nientecosi",
            at,
            f"/protocollo/registrazioni/{second.id}",
            f"/protocollo/registrazioni/{second.id}/annulla",
            f"{at}/assegna",
            f"{at}/riclassifica",
            f"/protocollo/registrazioni/{third.id}",
            "/protocollo/?box=incidents",
            f"/protocollo/messaggi/{pair.sent(third.id).id}/disservizio",
            "/protocollo/fascicoli",
            "/protocollo/fascicoli?q=niente",
            "/protocollo/fascicoli/nuovo",
            f"/protocollo/fascicoli/{dossier.id}",
            f"/protocollo/fascicoli/{empty.id}",
            f"/protocollo/fascicoli/{empty.id}/chiudi",
            f"/protocollo/registrazioni/{second.id}/fascicola",
            "/protocollo/giornalieri",
            "/protocollo/emergenza",
            "/scegli",
            "/protocollo/niente",
        ],
        "sassetta": ["/protocollo/", f"/protocollo/arrivi/{waiting.id}"],
    }


_ACT = {
    "act_type": "Determinazione",
    "act_number": "45",
    "act_date": "2020-08-03",
    "reason": "Destinatario errato",
}


@pytest.mark.parametrize("half", [0, 1])  # so that two workers share them
def test_every_page_is_accessible_and_fits(node: Node, half: int) -> None:
    pages = addresses(node)
    for town in ("massa", "sassetta"):
        page = node.open(getattr(node.desks, town))
        for address in pages[town][half::2]:
            _in_language(node, page, "it")
            page.goto(address)
            for width in WIDTHS:
                narrow(page, width, f"{town}-{address}-it")
                node.check(page)
            # Another language changes how wide the words are, not what assistive technology is told.
            _in_language(node, page, "en")
            page.goto(address)
            for width in WIDTHS:
                narrow(page, width, f"{town}-{address}-en")
                node.check_width(page)


@pytest.mark.parametrize("half", [0, 1])
def test_forms_with_errors_are_accessible_and_fit(node: Node, half: int) -> None:
    view = node.desks.pair.send()
    page = node.open(node.desks.massa)
    forms = (
        "/protocollo/nuovo/uscita",
        "/protocollo/nuovo/arrivo",
        "/protocollo/nuovo/interno",
        f"/protocollo/registrazioni/{view.id}/annulla",
        f"/protocollo/registrazioni/{view.id}/assegna",
        "/protocollo/emergenza",
        "/protocollo/fascicoli/nuovo",
    )
    for address in forms[half::2]:
        page.goto(address)
        page.locator("main form button.btn-primary, main form button.btn-danger").last.click()
        page.locator("#error-summary").wait_for()
        assert page.evaluate("document.activeElement.id") == "error-summary"
        for width in WIDTHS:
            narrow(page, width, f"errors-{address}")
            node.check(page)


def test_the_printed_registration_leaves_the_frame_out(node: Node) -> None:
    view = node.desks.pair.send()
    page = node.open(node.desks.massa)
    page.goto(f"/protocollo/registrazioni/{view.id}")
    page.emulate_media(media="print")
    assert not page.locator(".page-header").is_visible()
    assert page.get_by_text("SHA-256 della registrazione").is_visible()
    _keep(page, "print")


def _in_language(node: Node, page: Page, language: str) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": node.url}])


def narrow(page: Page, width: int, name: str) -> None:
    """Make the window as wide, and keep a picture of the page."""
    page.set_viewport_size({"width": width, "height": 900})
    _keep(page, f"{name}-{width}")


def _keep(page: Page, name: str) -> None:
    """Keep a picture where CRINALE_SCREENSHOTS says, for people who want to look."""
    folder = os.environ.get("CRINALE_SCREENSHOTS")
    if folder:
        safe = "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in name)
        page.screenshot(path=Path(folder) / f"{safe}.png", full_page=True)
