"""The day of a clerk, from the sign-in to the daily register of the next morning, with the keyboard alone.

Certified mail with a segnatura is registered by itself and confirmed; one without takes two keystrokes; a
paper at the counter less than twenty. What was asked is assigned, put in a dossier and answered, to one by
the exchange and to another by certified mail, and both receipts stand on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from crinale.connectors.deposit_folder.fake import FakeDeposit
from crinale.kernel import clock
from crinale.services.protocol_office.ports import scan_root
from crinale.services.protocol_office.tests.desks import PASSWORD
from crinale.services.protocol_office.tests.letters import pdf
from crinale.spine import jobs
from crinale.spine.exchange import actions as exchange
from crinale.spine.exchange import queries
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.tests.post import CITIZEN, MASSA, SASSETTA, PostOffice, certified, open_box
from crinale.spine.exchange.tests.post import file as mailed
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.actions import address_book
from crinale.spine.protocol.jobs import bring_to_preservation
from crinale.spine.protocol.ports import deposit
from crinale.spine.protocol.queries import PartyData
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.protocol.views import EnclosureData
from crinale.spine.tenancy import scope
from tests.journeys.test_counter import MOST_KEYS, Keyboard, scanned
from tests.journeys.test_every_page import WIDTHS, _in_language, narrow

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from playwright.sync_api import Page

    from crinale.spine.protocol.tests.town import Town
    from tests.journeys.conftest import Node

HOLE = "Segnalazione di una buca in via Norma, davanti alla scuola"
OPINION = "Richiesta di parere sul piano di protezione civile"
ANSWER = "Avvio dei lavori di ripristino di via Norma"
DOSSIER = "Manutenzione di via Norma"
MOST_TABS = 120
GIULIA = PartyData(kind="natural_person", first_name="Giulia", last_name="Fabbrì", email=CITIZEN)
ROSSI = PartyData(kind="natural_person", first_name="Mario", last_name="Rossi", email="rossi@example.it")


@dataclass
class Clerk:
    """Somebody who has no mouse: what she uses must be reached with Tab and used with keys."""

    node: Node
    page: Page

    def __post_init__(self) -> None:
        # Somebody must listen already when a dialog for files opens, or the tools may miss the first one.
        self.page.on("filechooser", lambda _chooser: None)

    def reach(self, selector: str) -> None:
        """Press Tab until what is meant has the focus."""
        for _step in range(MOST_TABS):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            self.page.keyboard.press("Tab")
        message = f"{selector} is not reached with the keyboard on {self.page.url}"
        raise AssertionError(message)

    def press(self, selector: str) -> None:
        """Reach a link or a button, press Enter, and be on its page, with nothing to correct."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        wrong = self.page.locator("#error-summary")
        assert wrong.count() == 0, wrong.inner_text()

    def write(self, selector: str, text: str) -> None:
        """Reach a field and write in it; in a list the first letters choose."""
        self.reach(selector)
        self.page.keyboard.type(text)

    def upload(self, selector: str, path: Path) -> None:
        self.reach(selector)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(path)
        self.page.get_by_role("list").get_by_text(path.name).first.wait_for()

    def open(self, address: str) -> None:
        """Go where a bookmark of hers leads."""
        self.page.goto(address)

    def look(self, name: str) -> None:
        """Nothing to find for axe, on the desk and on the phone; the focus stays where it was."""
        for width in reversed(WIDTHS):
            narrow(self.page, width, f"day-{name}")
            self.node.check(self.page)


@dataclass
class Office:
    """The post, the exchange and the jobs between the pages."""

    node: Node
    post: PostOffice
    boxes: dict[str, UUID]

    def work(self) -> None:
        """Let the workers do what waits, and fetch the boxes, until nothing more comes of it."""
        pair = self.node.desks.pair
        for _turn in range(3):
            pair.run()
            for town in (pair.massa, pair.sassetta):
                with scope(town.body_id):
                    exchange.fetch_mail(mailbox_id=self.boxes[town.code])
        pair.run()


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_day_of_a_clerk(node: Node, tmp_path: Path, language: str) -> None:
    massa, sassetta = node.desks.massa, node.desks.sassetta
    person = node.desks.person(massa, password=PASSWORD)
    boxes = {massa.code: open_box(massa, MASSA), sassetta.code: open_box(sassetta, SASSETTA)}
    office = Office(node, PostOffice(), boxes)
    for town, address in ((massa, MASSA), (sassetta, SASSETTA)):
        node.desks.pair.list_area(town, emails=(address,))
    day = clock.today() + timedelta(days=1)
    begin = datetime.combine(day, time(8, 30), tzinfo=clock.ROME)
    scanned(tmp_path / massa.code, "foglio.txt")
    with scan_root.replaced(tmp_path), postman.replaced(office.post):
        with clock.frozen(begin):
            _known_people(massa)
            clerk = Clerk(node, node.open())
            _in_language(node, clerk.page, language)
            _signs_in(clerk, person.username, language)
            _what_the_post_brought(clerk, office)
            asked = _two_keystrokes(clerk)
            _paper(clerk)
            _assigns(clerk, asked)
            _files(clerk, asked)
            _answers(clerk, office, asked, tmp_path)
            clerk.press(".slim-tools form:last-child button")
            clerk.page.wait_for_url("**/accedi*")
        with clock.frozen(begin + timedelta(days=1)):
            with scope(massa.body_id), deposit.replaced(FakeDeposit()):
                protocol.freeze_due_days()
                for _turn in range(2):  # the report comes with the second
                    bring_to_preservation()
                    jobs.drain()
            _signs_in(clerk, person.username, language)
            _daily_register(clerk, day.isoformat())
    assert not node.faults


def _known_people(town: Town) -> None:
    with scope(town.body_id):
        for party, subject in (
            (GIULIA, "Richiesta di manutenzione"),
            (ROSSI, "Occupazione di suolo pubblico"),
        ):
            address_book.add_correspondent(actor=SYSTEM, party=party)
            town.receive(sender=party, subject=subject, classification="6.10")


def _signs_in(clerk: Clerk, username: str, language: str) -> None:
    clerk.open("/protocollo/")
    clerk.look("sign-in")
    clerk.write("#id_username", username)
    clerk.write("#id_password", PASSWORD)
    with clerk.page.expect_navigation(url="**/protocollo/"):
        clerk.page.keyboard.press("Enter")
    assert clerk.page.locator("html").get_attribute("lang") == language


def _what_the_post_brought(clerk: Clerk, office: Office) -> None:
    """A mail with a segnatura, which nobody has to touch, and one without."""
    pair = clerk.node.desks.pair
    with scope(pair.sassetta.body_id):
        sent = exchange.register_and_send(
            actor=SYSTEM,
            area_id=pair.sassetta.area_id,
            subject=OPINION,
            classification="6.10",
            recipients=[pair.party(pair.massa, confirm=True)],
            documents=[EnclosureData(pair.sassetta.document_id, "Richiesta")],
            ways={0: "mail"},
        )
    files = (mailed("segnalazione.pdf", pdf(1, "Buongiorno, in via Norma c'è una buca.")),)
    office.post.put(MASSA, certified(subject=f"POSTA CERTIFICATA: {HOLE}", recipients=(MASSA,), files=files))
    office.work()
    with scope(pair.sassetta.body_id):
        (message,) = queries.messages_of_registration(actor=SYSTEM, registration_id=sent.id)
    assert (message.channel, message.state) == ("pec", "registered")
    assert message.recipient_identifier is not None


def _two_keystrokes(clerk: Clerk) -> str:
    """The mail without a segnatura: one key opens it, one registers what is proposed; return its address."""
    clerk.open("/protocollo/")
    clerk.look("queue")
    clerk.press("a[href='?box=mails']")
    clerk.look("mails")
    for address in ("**/posta/*", "**/registrazioni/*"):
        with clerk.page.expect_navigation(url=address):
            clerk.page.keyboard.press("Enter")
        clerk.look(f"mail-{address[3:8]}")
    text = clerk.page.locator("main").inner_text()
    assert HOLE in text
    assert "Giulia Fabbrì" in text
    assert "6.10" in text
    return clerk.page.url


def _paper(clerk: Clerk) -> None:
    """A paper brought by hand, scanned before: its label comes out, and a receipt for who brought it."""
    clerk.open("/protocollo/nuovo/arrivo")
    page, keys = clerk.page, Keyboard(clerk.page)
    page.wait_for_function("() => document.activeElement.id === 'id_q'")
    keys.shortcut("s")
    page.locator("#id_documents").get_by_text("foglio.txt").first.wait_for()
    page.wait_for_function("() => document.activeElement.id === 'id_q'")
    keys.type("ros")
    keys.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'id_subject'")
    keys.type("Domanda 2")
    keys.press("Enter")
    page.wait_for_url("**/fatto*")
    assert keys.pressed < MOST_KEYS, keys.pressed
    clerk.look("paper")
    with page.expect_download() as label:
        keys.shortcut("e")
    assert label.value.path().read_bytes().startswith(b"%PDF-")
    clerk.reach("a[href$='ricevuta.pdf']")
    with page.expect_download() as receipt:
        page.keyboard.press("Enter")
    assert receipt.value.path().read_bytes().startswith(b"%PDF-")


def _assigns(clerk: Clerk, asked: str) -> None:
    """To the technical office, where it is taken in charge."""
    clerk.open(asked)
    clerk.press("a[href$='/assegna']")
    clerk.look("assign")
    clerk.write("#id_office", "Ufficio tecnico")
    clerk.press("main form button.btn-primary")
    assert clerk.page.url == asked
    clerk.press("section[aria-labelledby='assigned-title'] form button.btn-primary")
    clerk.look("taken")
    assert clerk.page.locator("section[aria-labelledby='assigned-title'] .state").first.is_visible()


def _files(clerk: Clerk, asked: str) -> None:
    """In a dossier that she opens for it."""
    clerk.open("/protocollo/fascicoli/nuovo")
    clerk.look("open-dossier")
    clerk.write("#id_title", DOSSIER)
    clerk.write("#id_classification", "6.10")
    clerk.press("main form button.btn-primary")
    dossier = clerk.page.url
    clerk.open(f"{asked}/fascicola")
    clerk.look("file")
    clerk.write("#id_dossier", f"{clock.today():%Y}-6.10")
    clerk.press("main form button.btn-primary")
    clerk.open(dossier)
    assert HOLE in clerk.page.locator("main").inner_text()
    clerk.look("dossier")


def _answers(clerk: Clerk, office: Office, asked: str, folder: Path) -> None:
    """One registration: by certified mail to the citizen, by the exchange to Sassetta for information."""
    page, letter = clerk.page, folder / "avvio.txt"
    letter.write_text("Si avviano i lavori richiesti.")
    clerk.open(asked)
    clerk.press("a[href*='reply_to=']")
    clerk.write("#id_q", "sasse")
    page.locator("#index-results button").first.wait_for()
    clerk.reach("#index-results button")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('#id_recipients ul.chosen > li').length === 2")
    page.wait_for_function("() => document.activeElement.id === 'id_q'")
    page.locator("#id_subject").fill("")
    clerk.write("#id_subject", ANSWER)
    clerk.write("#id_classification", "6.10")
    clerk.upload("#id_primary", letter)
    clerk.look("answer")
    clerk.press("button[value='send']")
    office.work()
    page.reload()
    clerk.look("answered")
    labels = page.locator("section[aria-labelledby='timeline-title'] > p > .state")
    assert labels.count() == 2
    assert page.locator("section[aria-labelledby='timeline-title'] dl.facts").count() == 1  # their number
    assert any(one.recipient == CITIZEN for one in office.post.sent)
    assert clerk.node.desks.pair.wire.calls.count("forward") == 1


def _daily_register(clerk: Clerk, day: str) -> None:
    """The next morning it lies there, sealed and preserved, with all that was registered."""
    clerk.open("/protocollo/giornalieri")
    clerk.look("daily")
    clerk.press(f"a[href$='/giornalieri/{day}']")
    clerk.look("day")
    text = clerk.page.locator("main").inner_text()
    for subject in (OPINION, HOLE, ANSWER):
        assert subject in text
