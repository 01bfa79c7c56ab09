"""The pages of administration in their states, in both languages, on desk and phone: axe finds nothing."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.services.console.ports import Finding, checkup
from crinale.services.console.queries import health
from crinale.services.console.tests.halls import Halls, NodeAsSaid
from crinale.services.protocol_office.tests.desks import ROOT
from crinale.spine.identity import actions as identity

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.conftest import Node

SAID = [
    Finding(level="good", subject="disk", seen="41.2 GB free of 80"),
    Finding(
        level="warning",
        subject="key seals/AF03201",
        seen="it expires in 12 days",
        remedy="crinale keys request seal",
    ),
    Finding(
        level="bad",
        subject="mailbox protocollo@pec.comune.massamarittima.example",
        seen="this node has no password for it",
        remedy="crinale mailbox password protocollo@pec.comune.massamarittima.example",
    ),
]


def _look(node: Node, page: Page, name: str) -> None:
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        node.check(page)
        if folder := os.environ.get("CRINALE_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"console-{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_the_pages_of_administration(node: Node) -> None:
    halls, health_said = Halls(node.desks), NodeAsSaid(SAID)
    town, today = halls.massa, clock.today()
    with clock.frozen(clock.now() - timedelta(days=500)):
        node.desks.person(town, role="protocol_clerk")
    ids = halls.everything_of(town)
    identity.open_office(
        actor=ROOT,
        area_id=town.area_id,
        code="TRIB",
        name="Ufficio ragioneria, tributi ed economato",
        parent_id=town.office_id,
    )
    identity.open_post(actor=ROOT, body_id=town.body_id, kind="records", act="Delibera n. 12/2026")
    page = node.open(town, role="administrator")
    person, post, office = ids["person_id"], ids["post_id"], ids["office_id"]
    addresses = {
        "home": "",
        "organigram": "organigramma",
        "organigram-then": f"organigramma?giorno={today + timedelta(days=400)}",
        "office": f"uffici/{office}",
        "office-close": f"uffici/{office}/chiudi",
        "office-new": "uffici/nuovo",
        "post": f"incarichi/{post}",
        "staff": "persone",
        "staff-none": "persone?q=zzz",
        "person": f"persone/{person}",
        "leave": f"persone/{person}/uscita",
        "grant": "ruoli/nuovo",
        "review": "ruoli/revisione",
        "sign-in-policy": "accesso",
        "activity": "attivita?what=facts",
        "node-settings": "impostazioni",
        "mailboxes": "caselle",
        "preferences": "preferenze",
    }
    page.goto("/console/")
    for name, address in addresses.items():
        page.goto(f"/console/{address}")
        _look(node, page, name)
    health.forget()
    with checkup.replaced(health_said):
        page.goto("/console/salute")
        _look(node, page, "health")
    health.forget()
    page.goto("/console/uffici/nuovo")
    page.get_by_role("button", name="Apri l'ufficio").click()
    _look(node, page, "office-error")
    page.goto("/console/accesso")
    page.get_by_label("Mesi dopo i quali").fill("99")
    page.get_by_role("button", name="Salva").click()
    _look(node, page, "sign-in-policy-error")
    page.goto("/console/ruoli/revisione")
    page.locator("label[for=grant-1]").click()
    page.get_by_role("button", name="Terminali").click()
    _look(node, page, "review-end")
    page.get_by_role("button", name="ENG").click()
    for name in ("organigram", "staff", "activity", "sign-in-policy", "node-settings"):
        page.goto(f"/console/{addresses[name]}")
        _look(node, page, f"{name}-en")
