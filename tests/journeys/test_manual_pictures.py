"""The pictures of the clerk's manual: a walk through the pages of Massa Marittima that photographs each one.

It is a journey like the others, so a picture that the pages no longer give fails here. The files are written
only where ``CRINALE_SCREENSHOTS`` says; ``tests/test_manual.py`` looks at those that the manual has.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from time import time as system_time
from typing import TYPE_CHECKING, Final

from crinale.config.node import REPOSITORY
from crinale.connectors.deposit_folder.fake import FakeDeposit
from crinale.kernel import clock
from crinale.services.protocol_office.ports import scan_root
from crinale.services.protocol_office.tests.desks import PASSWORD, ROOT
from crinale.spine import jobs
from crinale.spine.identity import actions as identity
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.actions import address_book
from crinale.spine.protocol.jobs import bring_to_preservation
from crinale.spine.protocol.ports import deposit
from crinale.spine.protocol.queries import PartyData
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.records import actions as records
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from playwright.sync_api import Page

    from crinale.services.protocol_office.tests.desks import Desks
    from crinale.spine.exchange.tests.pair import Pair
    from crinale.spine.protocol.tests.town import Town
    from tests.journeys.conftest import Node

MANUAL: Final = REPOSITORY / "docs" / "manuale"
SCALE: Final = 0.78  # a desk of 1280 pixels becomes a picture of 998
ROSSI = PartyData(kind="natural_person", first_name="Mario", last_name="Rossi", email="rossi@example.it")


@dataclass
class Camera:
    """Photographs what stands at the top of a page."""

    page: Page
    taken: list[str] = field(default_factory=list)

    def take(self, name: str, *, height: int = 900, at: str = "") -> None:
        """Keep a picture; ``at`` names the element that it begins with."""
        self.page.set_viewport_size({"width": 1280, "height": height})
        top = self.page.locator(at).first.bounding_box() if at else None
        self.page.evaluate("y => window.scrollTo(0, y)", top["y"] - 16 if top else 0)
        self.taken.append(name)
        if folder := os.environ.get("CRINALE_SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled", caret="hide")


def shown() -> set[str]:
    """The pictures that the chapters of the manual show."""
    chapters = "\n".join(path.read_text(encoding="utf-8") for path in MANUAL.glob("*.md"))
    return set(re.findall(r"\(immagini/([\w-]+)\.png\)", chapters))


def test_the_pages_of_the_manual_are_photographed(node: Node, tmp_path: Path) -> None:
    desks = node.desks
    _people(desks)
    day = _registered_today(desks)
    with clock.frozen(datetime.combine(day + timedelta(days=1), time(9, 30), tzinfo=clock.ROME)):
        _walk(node, tmp_path, day)


def _walk(node: Node, tmp_path: Path, day: date) -> None:
    """The next morning."""
    desks = node.desks
    _preserve(desks)
    dossier = _morning(desks)
    page = node.browser.new_context(
        viewport={"width": 1280, "height": 900}, base_url=node.url, device_scale_factor=SCALE, locale="it-IT"
    ).new_page()
    camera = Camera(page)
    _sign_in(camera)
    with scan_root.replaced(_scans(tmp_path, desks.massa)):
        _at_the_counter(camera)
    _send_out(camera, desks.pair, tmp_path)
    _handle(camera)
    _change(camera)
    _dossiers(camera, dossier)
    _registers(camera, day.isoformat())
    _waiting(camera, desks)
    assert set(camera.taken) == shown()
    assert not node.faults


def _people(desks: Desks) -> None:
    """Elena keeps the protocol of both towns; Paolo works at the technical office."""
    elena = identity.create_person(
        actor=ROOT, username="elena.cerboni", name="Elena Cerboni", password=PASSWORD
    )
    paolo = identity.create_person(actor=ROOT, username="paolo.neri", name="Paolo Neri")
    for town in (desks.massa, desks.sassetta):
        identity.grant_role(
            actor=ROOT,
            person_id=elena.id,
            body_id=town.body_id,
            area_id=town.area_id,
            role="records_manager",
        )
    identity.grant_role(
        actor=ROOT,
        person_id=paolo.id,
        body_id=desks.massa.body_id,
        area_id=desks.massa.area_id,
        office_id=desks.massa.office_id,
        role="protocol_clerk",
    )


def _registered_today(desks: Desks) -> date:
    with scope(desks.massa.body_id):
        for subject in ("Richiesta di certificato di residenza", "Domanda di occupazione di suolo pubblico"):
            desks.massa.receive(subject=subject, sender=ROSSI)
    return clock.today()


def _preserve(desks: Desks) -> None:
    """Let the day before be frozen, sealed and preserved."""
    with scope(desks.massa.body_id), deposit.replaced(FakeDeposit()):
        protocol.freeze_due_days()
        for _turn in range(2):  # the report comes with the second
            bring_to_preservation()
            jobs.drain()


def _morning(desks: Desks) -> UUID:
    """A dossier with what it holds, a known correspondent, a document that could not leave."""
    massa = desks.massa
    with scope(massa.body_id):
        address_book.add_correspondent(actor=SYSTEM, party=ROSSI)
        clerk = massa.clerk("records_manager")
        one = records.open_dossier(
            actor=clerk,
            area_id=massa.area_id,
            title="Strada comunale di Niccioleta",
            classification_code="6.10",
        )
        for subject in ("Segnalazione di una frana sulla strada", "Preventivo per la messa in sicurezza"):
            made = massa.receive(subject=subject, sender=ROSSI)
            protocol.add_to_dossier(actor=clerk, registration_id=made.id, dossier_id=one.id)
    return one.id


def _scans(folder: Path, town: Town) -> Path:
    waiting = folder / "scans" / town.code
    waiting.mkdir(parents=True)
    for place, name in enumerate(("scansione-0001.txt", "scansione-0002.txt")):
        path = waiting / name
        path.write_text(f"Domanda numero {place}")
        os.utime(path, (system_time() - 600 + place,) * 2)
    return waiting.parent


def _sign_in(camera: Camera) -> None:
    page = camera.page
    page.goto("/accedi")
    camera.take("accesso", height=700)
    page.get_by_label("Nome utente").fill("elena.cerboni")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accedi").click()
    page.get_by_role("heading", name="Per chi lavori adesso?").wait_for()
    camera.take("scelta-ente", height=700)
    page.get_by_role("button", name="Massa Marittima").click()
    page.get_by_role("heading", name="Cosa mi aspetta").wait_for()
    page.goto("/assenze")
    camera.take("assenze", height=800)


def _at_the_counter(camera: Camera) -> None:
    page = camera.page
    page.goto("/protocollo/nuovo/arrivo")
    page.get_by_role("button", name="scansione-0001.txt").click()
    page.get_by_role("list", name="File scelti").get_by_text("scansione-0001.txt").first.wait_for()
    page.locator("#id_q").fill("ros")
    page.locator("#id_senders").get_by_role("button", name="Cerca").click()
    page.get_by_role("list", name="Mittenti scelti").get_by_text("Mario Rossi").first.wait_for()
    page.locator("#id_subject").fill("Domanda di contributo per la sagra di Niccioleta")
    page.locator("#id_classification").select_option("6.10")
    camera.take("arrivo-a-mano", height=1000)
    camera.take("scanner", height=620, at="fieldset:has-text('Dallo scanner')")
    page.get_by_role("button", name="Registra il documento").click()
    page.get_by_role("link", name="Registra un altro").wait_for()
    camera.take("registrato", height=760)


def _send_out(camera: Camera, pair: Pair, folder: Path) -> None:
    page, letter = camera.page, folder / "parere.txt"
    letter.write_text("Si trasmette il parere richiesto.")
    page.goto("/protocollo/nuovo/uscita")
    page.locator("#id_q").press_sequentially("sasse")
    page.get_by_role("button", name="Comune di Sassetta").click()
    page.get_by_role("list", name="Destinatari scelti").get_by_text("Comune di Sassetta").first.wait_for()
    page.get_by_label("Oggetto").fill("Trasmissione del parere sulla strada comunale di Niccioleta")
    page.locator("#id_classification").select_option("6.10")
    camera.take("uscita", height=1000)
    page.get_by_label("Documento principale").set_input_files(letter)
    page.get_by_role("list", name="File scelti").get_by_text("parere.txt").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Registra e invia").click()
    page.wait_for_url("**/registrazioni/*")
    pair.run()
    page.reload()
    page.get_by_text("Registrato dal destinatario").first.wait_for()
    camera.take("registrazione", height=1000)


def _handle(camera: Camera) -> None:
    page = camera.page
    page.goto("/protocollo/")
    camera.take("cosa-mi-aspetta", height=800)
    page.get_by_role("link", name="Segnalazione di una frana").first.click()
    page.locator("section[aria-labelledby='assigned-title']").get_by_role("link", name="Assegna").click()
    page.get_by_role("heading", name="Assegna").wait_for()
    camera.take("assegna", height=760)
    page.locator("#id_office").select_option(label="Ufficio tecnico")
    page.get_by_role("button", name="Assegna").click()
    page.get_by_text("Assegnato.").wait_for()
    camera.take("assegnato", height=520, at="section[aria-labelledby='assigned-title']")


def _change(camera: Camera) -> None:
    page = camera.page
    at = page.url
    page.goto(f"{at}/correggi")
    camera.take("correggi", height=900)
    page.goto(f"{at}/annulla")
    camera.take("annulla", height=1000)


def _dossiers(camera: Camera, dossier: UUID) -> None:
    camera.page.goto(f"/protocollo/fascicoli/{dossier}")
    camera.take("fascicolo", height=860)
    camera.page.goto("/protocollo/titolario?q=strade")
    camera.page.goto("/protocollo/titolario")
    camera.take("titolario", height=800)


def _registers(camera: Camera, day: str) -> None:
    for address, name, height in (
        ("/protocollo/giornalieri", "registri-giornalieri", 620),
        (f"/protocollo/giornalieri/{day}", "giorno", 860),
        ("/protocollo/emergenza", "emergenza", 1000),
        ("/protocollo/cerca?q=Niccioleta", "cerca", 760),
        ("/protocollo/registro/copia", "copia-registro", 860),
    ):
        camera.page.goto(address)
        camera.take(name, height=height)


def _waiting(camera: Camera, desks: Desks) -> None:
    """A document of Massa Marittima that Sassetta's clerk must decide on, and one that could not leave."""
    pair, page = desks.pair, camera.page
    pair.by_clerk()
    pair.send(subject="Richiesta di parere sul piano di protezione civile")
    pair.run()
    stuck = pair.send(subject="Convocazione della conferenza dei servizi")
    desks.unanswered()
    page.goto(f"/protocollo/messaggi/{pair.sent(stuck.id).id}/disservizio")
    camera.take("disservizio", height=1000)
    waiting = next(row for row in pair.received() if row.state == "to_register")
    page.goto("/scegli")
    page.get_by_role("button", name="Sassetta").click()
    page.get_by_role("heading", name="Cosa mi aspetta").wait_for()
    page.goto(f"/protocollo/arrivi/{waiting.id}")
    camera.take("documento-arrivato", height=1000)
