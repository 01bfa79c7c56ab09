"""The pages of the registers in their states, in both languages, on desk and phone: axe finds nothing."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crinale.connectors.deposit_folder.fake import FakeDeposit
from crinale.kernel import clock
from crinale.spine import jobs
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.actions import copies
from crinale.spine.protocol.jobs import bring_to_preservation
from crinale.spine.protocol.ports import deposit
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from datetime import date

    from playwright.sync_api import Page

    from crinale.services.protocol_office.tests.desks import Desks
    from crinale.spine.protocol.queries import EmergencyView
    from tests.journeys.conftest import Node


def _refused_day(desks: Desks) -> date:
    """A day with registrations, sealed and refused by preservation."""
    now = clock.now()
    with scope(desks.massa.body_id):
        with clock.frozen(now + timedelta(days=1)):
            day = clock.today()
            for confidential in (False, True):
                desks.massa.receive(
                    subject="Un documento con un oggetto lungo " + "e particolareggiato " * 9,
                    confidential=confidential,
                    arrived_at=clock.now() - timedelta(minutes=70),
                )
        with clock.frozen(now + timedelta(days=2)), deposit.replaced(FakeDeposit(refuses=("Formato",))):
            protocol.freeze_due_days()
            bring_to_preservation()
            jobs.drain()
    return day


def _emergency(desks: Desks) -> EmergencyView:
    now = clock.now()
    with scope(desks.massa.body_id):
        opened = protocol.open_emergency(
            actor=SYSTEM,
            area_id=desks.massa.area_id,
            cause="Guasto della rete elettrica",
            authorisation="Nota 3 del responsabile",
            started_at=now - timedelta(minutes=30),
        )
        days = {clock.legal_day(at) for at in (opened.started_at, now)}
        return protocol.close_emergency(
            actor=SYSTEM,
            emergency_id=opened.id,
            restored_at=now - timedelta(seconds=1),
            totals=dict.fromkeys(days, 2),
        )


def _look(page: Page, address: str, width: int, language: str) -> None:
    """Keep a picture where CRINALE_SCREENSHOTS says, for a person to look at."""
    if folder := os.environ.get("CRINALE_SCREENSHOTS"):
        name = f"{address.strip('/').replace('/', '-')[:60]}-{width}-{language}.png"
        page.screenshot(path=Path(folder) / name, full_page=True)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_the_registers(node: Node, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    desks = node.desks
    emergency, day = _emergency(desks), _refused_day(desks)
    monkeypatch.setattr(copies, "AT_ONCE", 0)
    copy = desks.at(desks.massa).post("/protocollo/registro/copia", {"kind": "csv"}).url
    until = (clock.today() + timedelta(days=2)).isoformat()
    page = node.open(desks.massa, width=width)
    for language in ("it", "en"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": node.url}])
        for address in (
            "/protocollo/giornalieri",
            f"/protocollo/giornalieri/{day.isoformat()}",
            "/protocollo/emergenza",
            f"/protocollo/emergenza/{emergency.id}",
            f"/protocollo/emergenza/{emergency.id}/righe",
            "/protocollo/registro/copia",
            copy,
            f"/protocollo/statistiche?until={until}",
            "/protocollo/statistiche?since=ieri",
        ):
            page.goto(address)
            assert page.locator("h1").count() == 1, address
            node.check(page)
            _look(page, address, width, language)
        page.goto(f"/protocollo/emergenza/{emergency.id}/righe")
        page.fill("#id_lines", "numero;data;ora;flusso;nome;oggetto;classificazione\nx;1;2;E;;;")
        page.click("button[value=try]")
        assert page.locator("#error-summary td").first.inner_text() == "numero"
        assert page.evaluate("document.activeElement.id") == "error-summary"
        node.check(page)
        _look(page, "righe-errori", width, language)
