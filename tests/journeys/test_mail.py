"""Mail from the queue to the register in two keystrokes; its pages and previews on desk and phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.services.protocol_office.tests.letters import INVOICE, PICTURE, arrives, pdf
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.rules.mail import message_id_for
from crinale.spine.exchange.tests.post import CITIZEN, MASSA, PostOffice, certified, mail, receipt
from crinale.spine.exchange.tests.post import file as mailed
from crinale.spine.protocol.queries import PartyData
from crinale.spine.tenancy import scope
from tests.journeys.test_every_page import WIDTHS, _in_language, narrow

if TYPE_CHECKING:
    from uuid import UUID

    from tests.journeys.conftest import Node

SUBJECT = "Segnalazione di una buca in via Norma, davanti alla scuola"


def known_mail(node: Node) -> UUID:
    """A certified mail of somebody who wrote before."""
    town = node.desks.massa
    sender = PartyData(
        kind="natural_person", first_name="Giulia", last_name="Fabbrì", email=CITIZEN, confirm=False
    )
    with scope(town.body_id):
        town.receive(sender=sender, subject="Richiesta di manutenzione", classification="6.10")
    files = (
        mailed("segnalazione.pdf", pdf(3, "Buongiorno, in via Norma c'è una buca.")),
        mailed("foto.png", PICTURE),
        mailed("IT01234567897_00077.xml", INVOICE),
    )
    return arrives(town, certified(subject=f"POSTA CERTIFICATA: {SUBJECT}", recipients=(MASSA,), files=files))


def test_two_keystrokes_lead_from_the_queue_to_a_right_registration(node: Node) -> None:
    known_mail(node)
    page = node.open(node.desks.massa)
    page.goto("/protocollo/?box=mails")
    page.keyboard.press("Enter")  # opens the first
    page.wait_for_url("**/posta/*")
    assert page.get_by_text("premi Invio").is_visible()
    with page.expect_navigation(url="**/registrazioni/*"):
        page.keyboard.press("Enter")  # the button has the focus
    assert page.get_by_role("heading", name=SUBJECT).is_visible() or SUBJECT in page.content()
    assert "6.10" in page.content()
    assert "Giulia Fabbrì" in page.content()


def test_the_list_is_walked_with_the_keyboard(node: Node) -> None:
    arrives(
        node.desks.massa,
        *(mail(subject=f"Lettera {n}", message_id=f"{n}@x", outer_message_id=f"{n}@x") for n in range(3)),
    )
    page = node.open(node.desks.massa)
    page.goto("/protocollo/?box=mails&sort=oldest")

    def focused() -> str:
        return str(page.evaluate("document.activeElement.textContent"))

    walk = (("j", "0"), ("j", "1"), ("ArrowDown", "2"), ("j", "2"), ("k", "1"), ("ArrowUp", "0"))
    for key, expected in walk:
        page.keyboard.press(key)
        assert focused() == f"Lettera {expected}"
    page.locator("#header-search").fill("")
    page.keyboard.press("j")
    assert page.locator("#header-search").input_value() == "j"  # it is a letter where letters are written
    page.keyboard.press("Tab")


def test_without_scripts_everything_is_there(node: Node) -> None:
    mail_id = known_mail(node)
    page = node.open(node.desks.massa, scripts=False)
    page.goto("/protocollo/?box=mails")
    page.get_by_role("link", name=SUBJECT).click()
    page.get_by_role("link", name="Anteprima IT01234567897_00077.xml").click()
    assert page.get_by_text("Revisione dello scuolabus").is_visible()
    page.get_by_role("link", name="Torna al documento").click()
    page.get_by_label("Perché non si registra").fill("Già registrata ieri")
    page.get_by_role("button", name="Accantona").click()
    with postman.replaced(PostOffice()):
        page.get_by_role("button", name="Rimetti nella coda").click()
    assert page.url.endswith(f"/posta/{mail_id}")
    page.get_by_role("button", name="Registra il documento", exact=True).first.click()
    page.wait_for_url("**/registrazioni/*")


@pytest.mark.parametrize("language", ["it", "en"])
def test_its_pages_are_accessible_and_fit(node: Node, language: str) -> None:
    town = node.desks.massa
    mail_id = known_mail(node)
    at = f"/protocollo/posta/{mail_id}"
    unknown = arrives(
        town,
        receipt("non_delivery", message_id_for(mail_id, "document", MASSA)),
        mail(subject="", message_id="2@x", outer_message_id="2@x", sender_name="", text=""),
    )
    page = node.open(town)
    _in_language(node, page, language)
    addresses = (
        "/protocollo/?box=mails",
        "/protocollo/?box=unmatched",
        "/protocollo/posta/accantonata",
        at,
        f"/protocollo/posta/{unknown}",
        f"{at}/file/0/anteprima",
        f"{at}/file/2/anteprima",
    )
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        for width in WIDTHS:
            narrow(page, width, f"mail-{address}-{language}")
            node.check(page)
    page.goto("/protocollo/?box=unmatched")
    page.locator(".list-title a").first.click()
    for width in WIDTHS:
        narrow(page, width, f"receipt-{language}")
        node.check(page)
    page.goto(at)
    page.locator("#register-form textarea").fill("")
    page.locator("#register-form button.btn-primary").click()
    page.locator("#error-summary").first.wait_for()
    for width in WIDTHS:
        narrow(page, width, f"mail-errors-{language}")
        node.check(page)
