"""Every page in its states, in both languages, on desk and phone: axe finds nothing, nothing overflows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.conftest import Node

LANGUAGES = ("it", "en")


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
    pair.wire.failures.clear()
    clerk = desks.at(desks.massa)
    clerk.post(f"/protocollo/registrazioni/{first.id}/annulla", _ACT)
    with scope(desks.massa.body_id):
        desks.massa.receive(confidential=True)
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


@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_accessible_and_fits(node: Node, width: int) -> None:
    pages = addresses(node)
    for town in ("massa", "sassetta"):
        page = node.open(getattr(node.desks, town), width=width)
        for language in LANGUAGES:
            page.context.add_cookies([{"name": "django_language", "value": language, "url": node.url}])
            for address in pages[town]:
                page.goto(address)
                _keep(page, f"{town}-{address}-{language}-{width}")
                node.check(page)


@pytest.mark.parametrize("width", [1280, 360])
def test_forms_with_errors_are_accessible_and_fit(node: Node, width: int) -> None:
    view = node.desks.pair.send()
    page = node.open(node.desks.massa, width=width)
    for address in (
        "/protocollo/nuovo/uscita",
        "/protocollo/nuovo/arrivo",
        "/protocollo/nuovo/interno",
        f"/protocollo/registrazioni/{view.id}/annulla",
        f"/protocollo/registrazioni/{view.id}/assegna",
        "/protocollo/emergenza",
    ):
        page.goto(address)
        page.locator("main form button.btn-primary, main form button.btn-danger").last.click()
        page.locator("#error-summary").wait_for()
        assert page.evaluate("document.activeElement.id") == "error-summary"
        _keep(page, f"errors-{address}-{width}")
        node.check(page)


def test_the_printed_registration_leaves_the_frame_out(node: Node) -> None:
    view = node.desks.pair.send()
    page = node.open(node.desks.massa)
    page.goto(f"/protocollo/registrazioni/{view.id}")
    page.emulate_media(media="print")
    assert not page.locator(".page-header").is_visible()
    assert page.get_by_text("SHA-256 della registrazione").is_visible()
    _keep(page, "print")


def _keep(page: Page, name: str) -> None:
    """Keep a picture where CRINALE_SCREENSHOTS says, for people who want to look."""
    folder = os.environ.get("CRINALE_SCREENSHOTS")
    if folder:
        safe = "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in name)
        page.screenshot(path=Path(folder) / f"{safe}.png", full_page=True)
