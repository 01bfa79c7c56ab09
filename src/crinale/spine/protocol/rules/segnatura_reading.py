"""Reading a segnatura 3.0.0 (Allegato 6 AgID, appendix A), whoever wrote it.

It must be valid by the schema. One departure is forgiven and reported: attributes without the namespace
prefix, which the schema wants and many writers forget.
"""

from __future__ import annotations

import binascii
import copy
import re
from base64 import b64decode
from datetime import date, time
from typing import TYPE_CHECKING, Final

from lxml import etree

from crinale.kernel.errors import CrinaleError
from crinale.spine.protocol.rules.digests import Digest, algorithm_name
from crinale.spine.protocol.rules.identifier import Identifier, written_number
from crinale.spine.protocol.rules.parties import Contacts, PartyData, PersonNames, RecipientFlags
from crinale.spine.protocol.rules.segnatura_data import (
    CARRIED,
    PROT,
    ROOT,
    Classification,
    DetachedFile,
    DocumentData,
    Dossier,
    Mark,
    OnlineLocation,
    RepliedMessage,
    SegnaturaData,
)
from crinale.spine.protocol.schemas.validation import segnatura_problems
from crinale.spine.records.signatures.parsing import XmlRefused, parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterable

UNQUALIFIED_ATTRIBUTES: Final = "unqualified_attributes"
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_INSTRUCTION: Final = etree.XPath("boolean(//processing-instruction()[ancestor::*])")
# Ours; the attributes of ds:Signature are rightly without a prefix.
_OUR_ELEMENTS: Final = etree.XPath(
    "descendant-or-self::prot:*[@*[namespace-uri()='']]", namespaces={"prot": PROT}
)


class InvalidSegnatura(CrinaleError):
    """The segnatura is not valid."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"The segnatura is not valid: {'; '.join(self.problems)}")


def parse(xml: bytes) -> SegnaturaData:
    """Read a segnatura 3.0.0; :class:`InvalidSegnatura` lists what is wrong."""
    try:
        return parse_root(parse_xml(xml))
    except XmlRefused as refusal:
        raise InvalidSegnatura([str(refusal)]) from None


def parse_root(root: etree._Element) -> SegnaturaData:
    """Read a parsed segnatura.

    The element as it stands in a message (``msgprot:Segnatura``) is accepted too.
    """
    if root.tag not in {ROOT, CARRIED}:
        raise InvalidSegnatura([f"the root is {root.tag!r}, not SegnaturaInformatica"])
    if _INSTRUCTION(root):
        # Canonical XML keeps them, and they would cut texts in two for a reader.
        raise InvalidSegnatura(["processing instructions are not allowed"])
    leniencies: tuple[str, ...] = ()
    if root.tag == CARRIED:
        root = copy.deepcopy(root)
        root.tag = ROOT
    problems = segnatura_problems(root)
    if problems and _OUR_ELEMENTS(root):
        root = _with_qualified_attributes(root)
        leniencies = (UNQUALIFIED_ATTRIBUTES,)
        problems = segnatura_problems(root)
    if problems:
        raise InvalidSegnatura(problems)
    return _read(root, leniencies)


def identifier_of(element: etree._Element) -> Identifier:
    """Read an IdentificatoreType, also from the messages that carry one."""
    number = _text(element, "NumeroRegistrazione").strip()
    if not _NUMBER.fullmatch(number):
        raise InvalidSegnatura(["NumeroRegistrazione has more than 18 digits"])
    return Identifier(
        ipa_code=_text(element, "CodiceAmministrazione").strip(),
        aoo_code=_text(element, "CodiceAOO").strip(),
        register_code=_text(element, "CodiceRegistro").strip(),
        number=int(number),
        date=_date(_text(element, "DataRegistrazione")),
        time=_time(_text(element, "OraRegistrazione")),
        written=written_number(number),
    )


def _with_qualified_attributes(root: etree._Element) -> etree._Element:
    qualified = copy.deepcopy(root)
    for element in _OUR_ELEMENTS(qualified):
        for name, value in [(str(name), value) for name, value in element.attrib.items()]:
            if not name.startswith("{") and element.get(_q(name)) is None:
                del element.attrib[name]
                element.set(_q(name), value)
    return qualified


def _read(root: etree._Element, leniencies: tuple[str, ...]) -> SegnaturaData:
    heading, description = _required(root, "Intestazione"), _required(root, "Descrizione")
    confidential = heading.find(_q("Riservato"))
    reply = root.find(_q("Riferimenti"))
    sender = _party(_required(description, "Mittente"))
    return SegnaturaData(
        identifier=identifier_of(_required(heading, "Identificatore")),
        first_registration=_optional_identifier(heading),
        subject=_text(heading, "Oggetto"),
        classification=_classification(_required(heading, "Classifica")),
        dossier=_dossier(heading),
        confidential=confidential is not None and _true(confidential.text),
        confidential_note="" if confidential is None else confidential.get(_q("note"), ""),
        reply=None if reply is None else _reply(reply),
        sender=sender,
        recipients=tuple(_party(element) for element in description.findall(_q("Destinatario"))),
        primary=_document(_required(description, "DocumentoPrimario")),
        attachments=tuple(_document(element) for element in description.findall(_q("Allegato"))),
        leniencies=leniencies,
    )


def _q(name: str) -> str:
    return f"{{{PROT}}}{name}"


def _required(element: etree._Element, name: str) -> etree._Element:
    found = element.find(_q(name))
    if found is None:
        raise InvalidSegnatura([f"{name} is missing"])
    return found


def _text(element: etree._Element, name: str) -> str:
    return element.findtext(_q(name), "")


def _true(value: str | None) -> bool:
    return (value or "").strip() in {"true", "1"}


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value.strip()[:10])
    except ValueError:
        raise InvalidSegnatura([f"the date {value[:40]!r} does not exist"]) from None


def _time(value: str) -> time | None:
    # Fractions and offsets are dropped: the time of registration is the local time of the register.
    found = _TIME.match(value.strip())
    return time(int(found[1]), int(found[2]), int(found[3])) if found else None


def _optional_identifier(element: etree._Element) -> Identifier | None:
    found = element.find(_q("PrimaRegistrazione"))
    return None if found is None else identifier_of(found)


def _classification(element: etree._Element) -> Classification:
    title, path = _text(element, "Denominazione"), element.find(_q("CodicePath"))
    if path is None:
        return Classification(_text(element, "CodiceFlat"), title)
    levels: list[tuple[str, str]] = []
    level: etree._Element | None = path
    while level is not None:
        named = _required(level, "Livello")
        levels.append((named.text or "", named.get(_q("descrizione"), "")))
        level = level.find(_q("SubLivello"))
    return Classification(".".join(code for code, _ in levels), title, tuple(levels))


def _dossier(element: etree._Element) -> Dossier | None:
    found = element.find(_q("Fascicolo"))
    return None if found is None else Dossier(_text(found, "CodiceFascicolo"), _text(found, "Denominazione"))


def _reply(element: etree._Element) -> RepliedMessage:
    return RepliedMessage(
        identifier=identifier_of(_required(element, "Identificatore")),
        first_registration=_optional_identifier(element),
        subject=_text(element, "Oggetto"),
        classification=_classification(_required(element, "Classifica")),
        dossier=_dossier(element),
    )


def _party(element: etree._Element) -> PartyData:
    flags: RecipientFlags = {
        "confirm": _true(element.get(_q("confermaRicezione"), "true")),
        "for_information": _true(element.get(_q("perConoscenza"), "false")),
    }
    body = element[0]
    person = body if body.tag == _q("PersonaFisica") else body.find(_q("PersonaFisica"))
    contacts = _contacts(body)
    names: PersonNames = {
        "first_name": "" if person is None else _text(person, "Nome"),
        "last_name": "" if person is None else _text(person, "Cognome"),
        "title": "" if person is None else _text(person, "Titolo"),
    }
    if body.tag == _q("PersonaFisica"):
        code = _text(body, "CodiceFiscale")
        return PartyData(kind="natural_person", tax_code=code, **names, **contacts, **flags)
    if body.tag == _q("PersonaGiuridica"):
        name, code = _text(body, "Denominazione"), _text(body, "PIVAoCF")
        return PartyData(kind="legal_person", name=name, tax_code=code, **names, **contacts, **flags)
    name = _text(body, "DenominazioneAmministrazione")
    if body.tag == _q("AmministrazioneEstera"):
        office = _text(body, "DenominazioneUfficio")
        return PartyData(kind="foreign_administration", name=name, office_name=office, **contacts, **flags)
    area, office_element = body.find(_q("CodiceIPAAOO")), body.find(_q("CodiceIPAUO"))
    return PartyData(
        kind="administration",
        name=name,
        tax_code=_text(body, "CFAmministrazione"),
        ipa_code=_text(body, "CodiceIPAAmministrazione").strip(),
        aoo_code="" if area is None else (area.text or "").strip(),
        aoo_name="" if area is None else area.get(_q("descrizione"), ""),
        office_code="" if office_element is None else (office_element.text or "").strip(),
        office_name="" if office_element is None else office_element.get(_q("descrizione"), ""),
        **names,
        **contacts,
        **flags,
    )


def _contacts(body: etree._Element) -> Contacts:
    """Collect the first address of each kind; the narrowest unit comes last in the schema and wins."""
    found: Contacts = {"email": "", "phone": "", "postal_address": ""}
    for name in (
        "ContattiAmministrazione",
        "ContattiAOO",
        "ContattiUO",
        "ContattiPersonaGiuridica",
        "Contatti",
    ):
        contacts = body.find(_q(name))
        if contacts is None:
            continue
        for address in contacts.findall(_q("IndirizzoTelematico")):
            if address.get(_q("tipo"), "smtp") == "smtp" and (address.text or "").strip():
                found["email"] = (address.text or "").strip()
                break
        found["phone"] = _text(contacts, "Telefono") or found["phone"]
        postal = contacts.find(_q("IndirizzoPostale"))
        if postal is not None:
            words = " ".join(str(part) for part in postal.itertext()).split()
            found["postal_address"] = " ".join(words)
    return found


def _document(element: etree._Element) -> DocumentData:
    digest = _required(element, "Impronta")
    try:
        value = b64decode("".join((digest.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSegnatura(["Impronta is not base64"]) from None
    location = element.find(_q("CollocazioneTelematica"))
    return DocumentData(
        file_name=element.get(_q("nomeFile"), ""),
        mime_type=element.get(_q("mimeType"), ""),
        digest=Digest(value, algorithm_name(digest.get(_q("algoritmo"), "SHA-256"))),
        description=_text(element, "Descrizione"),
        signed=_mark(element, "firmatoDigitalmente"),
        sealed=_mark(element, "sigillatoElettronicamente"),
        time_stamped=_mark(element, "marcaturaTemporale"),
        location=None if location is None else _location(location),
        carrier="file" if location is None else "online",
    )


def _location(element: etree._Element) -> OnlineLocation:
    life = element.get(_q("timeToLive"), "").strip()
    return OnlineLocation(
        host=_text(element, "HostValue").strip(),
        path=_text(element, "PathValue").strip(),
        time_to_live_ms=int(life[:18]) if life else None,
        user=element.get(_q("userId"), ""),
        password=element.get(_q("password"), ""),
    )


def _mark(element: etree._Element, name: str) -> Mark | None:
    found = element.find(_q(name))
    if found is None:
        return None
    files = [
        DetachedFile(
            file_name=detached.get(_q("nomeFile"), ""),
            mime_type=detached.get(_q("mimeType"), ""),
            order=int(detached.get(_q("order"), "1").strip()[:9]),
        )
        for detached in found.findall(_q("Detached"))
    ]
    return Mark(tuple(sorted(files, key=lambda file: file.order)))
