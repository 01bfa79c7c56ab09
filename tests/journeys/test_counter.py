"""A paper at the counter in less than twenty keystrokes, several in a row, without touching the mouse."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.services.protocol_office.ports import scan_root
from crinale.spine.protocol.actions import address_book
from crinale.spine.protocol.queries import PartyData
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.tenancy import scope
from tests.journeys.test_every_page import WIDTHS, narrow

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.journeys.conftest import Node

ARRIVAL = "/protocollo/nuovo/arrivo"
MOST_KEYS = 20
ROSSI = PartyData(kind="natural_person", first_name="Mario", last_name="Rossi", email="rossi@example.it")


@dataclass
class Keyboard:
    """Presses keys and counts them; a chord is as many as its keys."""

    page: Page
    pressed: int = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.pressed += 1

    def shortcut(self, letter: str) -> None:
        """Press Alt and a letter; the browser wants the letter without Alt, as its tools send it."""
        tools = self.page.context.new_cdp_session(self.page)
        code = f"Digit{letter}" if letter.isdigit() else f"Key{letter.upper()}"
        told = {"modifiers": 1, "key": letter, "code": code, "windowsVirtualKeyCode": ord(letter.upper())}
        text = {"text": letter, "unmodifiedText": letter}
        tools.send("Input.dispatchKeyEvent", {"type": "keyDown", **text, **told})
        tools.detach()
        self.pressed += 2

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)


def scanned(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for place, name in enumerate(names):
        path = folder / name
        path.write_text(f"Scansione {name}")
        os.utime(path, (time.time() - 600 + place,) * 2)


def test_papers_are_registered_in_a_row_by_keyboard(node: Node, tmp_path: Path) -> None:
    town = node.desks.massa
    with scope(town.body_id):
        address_book.add_correspondent(actor=SYSTEM, party=ROSSI)
        town.receive(sender=ROSSI, subject="Richiesta di occupazione di suolo pubblico")
    scanned(tmp_path / town.code, "foglio1.txt", "foglio2.txt")
    with scan_root.replaced(tmp_path):
        page = node.open(town)
        page.goto(ARRIVAL)
        page.wait_for_function("() => document.activeElement.id === 'id_q'")
        for number in (2, 3):
            keys = Keyboard(page)
            keys.shortcut("s")
            page.get_by_role("list", name="File scelti").get_by_text(
                f"foglio{number - 1}.txt"
            ).first.wait_for()
            page.wait_for_function("() => document.activeElement.id === 'id_q'")
            keys.type("ros")
            keys.press("Enter")
            page.get_by_role("list", name="Mittenti scelti").get_by_text("Mario Rossi").first.wait_for()
            page.wait_for_function("() => document.activeElement.id === 'id_subject'")
            if number == 2:
                for width in WIDTHS:
                    narrow(page, width, "counter-chosen")
                    node.check(page)
                keys.type("Domanda n. 2")
            else:
                keys.shortcut("1")
                page.wait_for_function("() => document.getElementById('id_subject').value !== ''")
                page.wait_for_function("() => document.activeElement.id === 'id_subject'")
            keys.press("Enter")
            if number == 3:  # the same sender wrote of the same thing lately
                page.wait_for_function("() => document.activeElement.id === 'error-summary'")
                for width in WIDTHS:
                    narrow(page, width, "counter-duplicate")
                    node.check(page)
                keys.shortcut("a")
                keys.press("Enter")
            page.get_by_role("heading", name=f"000000{number}/").wait_for()
            assert keys.pressed < MOST_KEYS, keys.pressed
            page.wait_for_function("() => document.activeElement.textContent.includes('Registra un altro')")
            for width in WIDTHS:
                narrow(page, width, "counter-done")
                node.check(page)
            with page.expect_download() as label:
                keys.shortcut("e")
            assert label.value.suggested_filename.endswith(f"000000{number}.pdf")
            keys.shortcut("n")  # the label took the focus
            page.wait_for_function("() => document.activeElement.id === 'id_q'")
        assert page.locator("#id_channel").input_value() == "hand"


def test_a_duplicate_is_answered_without_scripts(node: Node, letter: Path) -> None:
    page = node.open(node.desks.massa, scripts=False)
    for number in (1, 2):
        page.goto(ARRIVAL)
        page.get_by_text("Scrivi il mittente a mano").click()
        page.get_by_label("Nome, o denominazione").fill("Giulia")
        page.get_by_label("Cognome").fill("Fabbri")
        page.get_by_label("Oggetto").fill("Domanda di contributo per le scuole")
        page.locator("#id_classification").select_option("6.10")
        page.get_by_label("Documento principale").set_input_files(letter)
        page.get_by_role("button", name="Registra il documento").click()
        if number == 2:
            assert page.get_by_text("ha lo stesso file").is_visible()
            page.get_by_text("È un altro documento: registralo").click()
            for width in WIDTHS:
                narrow(page, width, "counter-duplicate")
                node.check_width(page)
            page.get_by_role("button", name="Registra il documento").click()
        page.get_by_role("heading", name=f"000000{number}/").wait_for()
