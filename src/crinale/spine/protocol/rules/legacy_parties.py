"""Senders and recipients of old segnature (Circolare AgID 60/2013, AIPA/CR/28/2001), with their nested offices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crinale.spine.protocol.rules.parties import PartyData

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
            flags = {"confirm": confirm, "for_information": name == "PerConoscenza"}
            recipients = destination.findall("Destinatario")
            if not recipients:
                # Only an address: the message goes to whoever answers there.
                found.append(PartyData(kind="legal_person", name=email, email=email, **flags))
            found.extend(_recipient(element, email, flags) for element in recipients)
    return tuple(found)


def _recipient(element: etree._Element, email: str, flags: dict[str, bool]) -> PartyData:
    email = _text(element, "IndirizzoTelematico") or email
    if element.find("Amministrazione") is not None:
        return _administration(element, email=email, **flags)
    phone, address = _text(element, "Telefono"), _address(element)
    person = element.find("Persona")
    first, last = _names(person)
    name = _text(element, "Denominazione")
    kind_names = {"first_name": first, "last_name": last, "phone": phone, "postal_address": address, "email": email}
    if name:
        return PartyData(kind="legal_person", name=name, **kind_names, **flags)
    code = "" if person is None else _text(person, "CodiceFiscale")
    return PartyData(kind="natural_person", tax_code=code, **kind_names, **flags)


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
    first, last = _names(None if innermost is None else innermost.find(".//Persona"))
    return PartyData(
        kind="administration",
        name="" if body is None else _text(body, "Denominazione"),
        ipa_code=("" if body is None else _text(body, "CodiceAmministrazione")) or ipa_code,
        aoo_code=("" if area is None else _text(area, "CodiceAOO")) or aoo_code,
        aoo_name="" if area is None else _text(area, "Denominazione"),
        office_code="" if office is None else _text(office, "Identificativo"),
        office_name="" if office is None else _text(office, "Denominazione"),
        first_name=first,
        last_name=last,
        email=email or ("" if innermost is None else _text(innermost, "IndirizzoTelematico")),
        phone="" if innermost is None else _text(innermost, "Telefono"),
        postal_address="" if innermost is None else _address(innermost),
        confirm=confirm,
        for_information=for_information,
    )


def _names(person: etree._Element | None) -> tuple[str, str]:
    if person is None:
        return "", ""
    return _text(person, "Nome"), _text(person, "Cognome") or _text(person, "Denominazione")


def _address(element: etree._Element) -> str:
    postal = element.find("IndirizzoPostale")
    return "" if postal is None else " ".join(" ".join(str(part) for part in postal.itertext()).split())


def _text(element: etree._Element, name: str) -> str:
    return " ".join(element.findtext(name, "").split())
