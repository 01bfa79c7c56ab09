"""The address book, and the pages that amend a registration: axe finds nothing, nothing overflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol.actions import address_book
from crinale.spine.protocol.queries import PartyData
from crinale.spine.protocol.tests.town import SYSTEM, citizen
from crinale.spine.tenancy import scope
from tests.journeys.test_every_page import WIDTHS, narrow

if TYPE_CHECKING:
    from tests.journeys.conftest import Node

BOOK = "/protocollo/rubrica"
LONG = "Associazione culturale e ricreativa dei minatori delle Colline Metallifere"


def pages(node: Node) -> list[str]:
    """The addresses, after some correspondents were added, changed, grouped, and registrations amended."""
    town = node.desks.massa
    with scope(town.body_id):
        one, other = (
            address_book.add_correspondent(
                actor=SYSTEM,
                party=PartyData(kind="legal_person", name=name, tax_code="01234567897", email=email),
                another=True,
            )
            for name, email in ((LONG, "minatori@pec.example"), ("Minatori", "altra@pec.example"))
        )
        address_book.change_correspondent(
            actor=SYSTEM,
            correspondent_id=one.id,
            party=PartyData(kind="legal_person", name=LONG, phone="0566 901111", tax_code="01234567897"),
            seen_version=1,
            reason="Nuovo telefono",
        )
        group = address_book.open_group(actor=SYSTEM, area_id=town.area_id, name="Associazioni")
        address_book.change_members(actor=SYSTEM, group_id=group, add=[one.id, other.id])
        first = town.receive(sender=citizen("Anna", "Verdi"))
        second = town.send(recipients=[citizen("Anna", f"Rossi {number}") for number in range(60)])
        linked = protocol.link_registration(
            actor=SYSTEM, registration_id=first.id, other_id=second.id, relation="related", reason="Insieme"
        )
        protocol.correct(
            actor=SYSTEM, registration_id=first.id, changes={"channel": "post"}, reason="Arrivata per posta"
        )
    at = "/protocollo/registrazioni"
    return [
        BOOK,
        f"{BOOK}?q=sassetta",
        f"{BOOK}?q=nessuno",
        f"{BOOK}/nuovo",
        f"{BOOK}/{one.id}",
        f"{BOOK}/{one.id}/modifica",
        f"{BOOK}/{one.id}/chiudi",
        f"{BOOK}/{one.id}/unisci/{other.id}",
        "/protocollo/modelli",
        "/protocollo/modelli/nuovo",
        f"{BOOK}/gruppi",
        f"{BOOK}/gruppi/{group}?q=mina",
        f"{BOOK}/gruppi/{group}/rinomina",
        f"{BOOK}/gruppi/{group}/chiudi",
        f"{at}/{first.id}",
        f"{at}/{second.id}",
        f"{at}/{second.id}/destinatari",
        f"{at}/{second.id}/destinatari/3/spedisci",
        f"{at}/{first.id}/correggi",
        f"{at}/{first.id}/collega",
        f"{at}/{first.id}/legami/{linked.links[0].id}/togli",
        f"{at}/{first.id}/fatto",
        f"{at}/{first.id}/annulla",
    ]


@pytest.mark.parametrize("half", [0, 1])  # so that two workers share them
def test_the_pages_are_accessible_and_fit(node: Node, half: int) -> None:
    addresses = pages(node)
    page = node.open(node.desks.massa)
    for address in addresses[half::2]:
        for language in ("it", "en"):
            page.context.add_cookies([{"name": "django_language", "value": language, "url": node.url}])
            page.goto(address)
            for width in WIDTHS:
                narrow(page, width, f"book-{address[-40:]}-{language}")
                if language == "it":
                    node.check(page)
                else:
                    node.check_width(page)


def test_a_group_gets_a_document_without_scripts(node: Node) -> None:
    pages(node)
    page = node.open(node.desks.massa, scripts=False)
    page.goto("/protocollo/nuovo/uscita")
    page.get_by_label("Un gruppo della rubrica").select_option(label="Associazioni (2)")
    page.get_by_role("button", name="Aggiungi il gruppo").click()
    assert page.get_by_role("list", name="Gruppi scelti").get_by_text("Associazioni").first.is_visible()
    for width in WIDTHS:
        narrow(page, width, "outgoing-group")
        node.check_width(page)
