"""Senders and recipients of old segnature (60/2013, AIPA/CR/28/2001), with their nested offices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crinale.spine.protocol.rules.parties import Contacts, PartyData, PersonNames, RecipientFlags

if TYPE_CHECKING:
    from lxml import etree

    from crinale.spine.protocol.rules.identifier import Identifier

_YES: Final = frozenset({"si", "sì", "true", "1"})


def party_of_sender(origin: etree._Element, identifier: Identifier) -> PartyData:
    """Read Origine; the codes of the identifier stand in for missing ones."""
    sender = origin.find("Mittente")
    email = _text(origin, "IndirizzoTelematico")
    if sender is None:
        return PartyData(
            kind="administration",
            name=identifier.ipa_code,
            ipa_code=identifier.ipa_code,
            aoo_code=identifier.aoo_code,
            email=email,
        )
    return _administration(
        sender, email=email, ipa_code=identifier.ipa_code, aoo_code=identifier.aoo_code, confirm=False
    )


def recipients_of(heading: etree._Element) -> tuple[PartyData, ...]:
    """Read Destinazione and PerConoscenza; confirmation is asked for only by ``confermaRicezione="si"``."""
    found: list[PartyData] = []
    for name in ("Destinazione", "PerConoscenza"):
        for destination in heading.findall(name):
            confirm = destination.get("confermaRicezione", "no").strip().lower() in _YES
            email = _text(destination, "IndirizzoTelematico")
            flags: RecipientFlags = {"confirm": confirm, "for_information": name == "PerConoscenza"}
            recipients = destination.findall("Destinatario")
            if not recipients:
                # Only an address: the message goes to whoever answers there.
                found.append(PartyData(kind="legal_person", name=email, email=email, **flags))
            found.extend(_recipient(element, email, flags) for element in recipients)
    return tuple(found)


def _recipient(element: etree._Element, email: str, flags: RecipientFlags) -> PartyData:
    email = _text(element, "IndirizzoTelematico") or email
    if element.find("Amministrazione") is not None:
        return _administration(element, email=email, **flags)
    person = element.find("Persona")
    names: PersonNames = _names(person)
    phone, address = _text(element, "Telefono"), _address(element)
    contacts: Contacts = {"email": email, "phone": phone, "postal_address": address}
    name = _text(element, "Denominazione")
    if name:
        return PartyData(kind="legal_person", name=name, **names, **contacts, **flags)
    code = "" if person is None else _text(person, "CodiceFiscale")
    return PartyData(kind="natural_person", tax_code=code, **names, **contacts, **flags)


def _administration(
    element: etree._Element,
    *,
    email: str,
    ipa_code: str = "",
    aoo_code: str = "",
    confirm: bool,
    for_information: bool = False,
) -> PartyData:
    body, area = element.find("Amministrazione"), element.find("AOO")
    unit = innermost = body
    while innermost is not None and (inner := innermost.find("UnitaOrganizzativa")) is not None:
        unit = innermost = inner
    office = unit if unit is not body else None
    names = _names(None if innermost is None else innermost.find(".//Persona"))
    return PartyData(
        kind="administration",
        name="" if body is None else _text(body, "Denominazione"),
        ipa_code=("" if body is None else _text(body, "CodiceAmministrazione")) or ipa_code,
        aoo_code=("" if area is None else _text(area, "CodiceAOO")) or aoo_code,
        aoo_name="" if area is None else _text(area, "Denominazione"),
        office_code="" if office is None else _text(office, "Identificativo"),
        office_name="" if office is None else _text(office, "Denominazione"),
        email=email or ("" if innermost is None else _text(innermost, "IndirizzoTelematico")),
        phone="" if innermost is None else _text(innermost, "Telefono"),
        postal_address="" if innermost is None else _address(innermost),
        confirm=confirm,
        for_information=for_information,
        **names,
    )


def _names(person: etree._Element | None) -> PersonNames:
    if person is None:
        return {"first_name": "", "last_name": "", "title": ""}
    last = _text(person, "Cognome") or _text(person, "Denominazione")
    return {"first_name": _text(person, "Nome"), "last_name": last, "title": _text(person, "Titolo")}


def _address(element: etree._Element) -> str:
    postal = element.find("IndirizzoPostale")
    return "" if postal is None else " ".join(" ".join(str(part) for part in postal.itertext()).split())


def _text(element: etree._Element, name: str) -> str:
    return " ".join(element.findtext(name, "").split())
