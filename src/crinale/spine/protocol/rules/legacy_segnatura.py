"""Reading the segnature of before Allegato 6: 60/2013, and the DTD of AIPA/CR/28/2001 and CNIPA 45/2009.

They still come by e-mail. Also the four answers (ConfermaRicezione, AggiornamentoConferma, NotificaEccezione,
AnnullamentoProtocollazione), in the namespaces of 60/2013 and of Allegato 6 appendix C, or in none.

Old writers take liberties, so nothing is validated against a grammar: what is needed must be there. A bare
``<!DOCTYPE Segnatura SYSTEM "Segnatura.dtd">`` is cut off unread; one with declarations inside is refused.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from datetime import date, time
from typing import TYPE_CHECKING, Final

from lxml import etree

from crinale.spine.protocol.rules.digests import Digest, algorithm_name
from crinale.spine.protocol.rules.identifier import Identifier
from crinale.spine.protocol.rules.legacy_parties import party_of_sender, recipients_of
from crinale.spine.protocol.rules.segnatura_data import (
    AnnulmentMessage,
    Classification,
    ConfirmationMessage,
    DocumentData,
    ExceptionMessage,
    OnlineLocation,
    ReceivedMessage,
    RepliedMessage,
    ReturnMessage,
    SegnaturaData,
)
from crinale.spine.protocol.rules.segnatura_reading import InvalidSegnatura, parse
from crinale.spine.records.signatures.parsing import XmlDoctype, XmlRefused, doctype_start, parse_xml

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.segnatura_data import Carrier, SegnaturaVersion

NAMESPACE_60_2013: Final = "http://www.digitPa.gov.it/protocollo/"
NAMESPACE_APPENDIX_C: Final = "http://www.agid.gov.it/protocollo/pec/"
_PROT: Final = "http://www.agid.gov.it/protocollo/"
_NAMESPACES: Final = frozenset({"", NAMESPACE_60_2013, NAMESPACE_APPENDIX_C, _PROT})
_BARE_DOCTYPE: Final = re.compile(
    rb"""<!DOCTYPE\s+[A-Za-z]{1,60}\s*(?:SYSTEM\s+(?:"[^"<>\[]{0,300}"|'[^'<>\[]{0,300}')\s*|"""
    rb"""PUBLIC\s+(?:"[^"<>\[]{0,300}"|'[^'<>\[]{0,300}')\s+(?:"[^"<>\[]{0,300}"|'[^'<>\[]{0,300}')\s*)?>"""
)
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])(?:[:.]([0-5][0-9]))?")
_ITALIAN_DATE: Final = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})")
_CARRIERS: Final[dict[str, Carrier]] = {"MIME": "file", "telematico": "online", "cartaceo": "paper"}


def parse_legacy_segnatura(xml: bytes) -> SegnaturaData:
    """Read an old segnatura; :class:`InvalidSegnatura` says what is missing."""
    root = _root(xml)
    if root.tag != "Segnatura":
        raise InvalidSegnatura([f"the root is {root.tag!r}, not Segnatura"])
    heading, description = _required(root, "Intestazione"), _required(root, "Descrizione")
    identifier_element = _required(heading, "Identificatore")
    identifier = _identifier(identifier_element, _text(heading, "OraRegistrazione"))
    version: SegnaturaVersion = "28/2001" if identifier_element.find("CodiceRegistro") is None else "60/2013"
    titles = [_classification(element) for element in heading.findall("Classifica")]
    confidential = heading.find("Riservato")
    first = heading.find("PrimaRegistrazione/Identificatore")
    attachments = description.find("Allegati")
    return SegnaturaData(
        version=version,
        identifier=identifier,
        first_registration=None if first is None else _identifier(first),
        subject=_text(heading, "Oggetto"),
        classification=titles[0] if titles else None,
        confidential=confidential is not None,
        confidential_note="" if confidential is None else (confidential.text or "").strip(),
        reply=_reply(root),
        sender=party_of_sender(_required(heading, "Origine"), identifier),
        recipients=recipients_of(heading),
        primary=_primary(description),
        # A document may be cited again by reference (rife) to show a structure: it is the same document.
        attachments=()
        if attachments is None
        else tuple(
            _document(element) for element in attachments.iter("Documento") if element.get("rife") is None
        ),
    )


def parse_any_segnatura(xml: bytes) -> SegnaturaData:
    """Read a segnatura of any edition; :class:`InvalidSegnatura` lists what is wrong in that which it is."""
    try:
        return parse(xml)
    except InvalidSegnatura as present:
        try:
            return parse_legacy_segnatura(xml)
        except InvalidSegnatura:
            if b"SegnaturaInformatica" in xml:
                raise present from None
            raise


def parse_return_message(xml: bytes) -> ReturnMessage:
    """Read one of the four answers; :class:`InvalidSegnatura` says what is missing."""
    root = _root(xml)
    identifier_element = root.find("Identificatore")
    identifier = None if identifier_element is None else _identifier(identifier_element)
    if root.tag == "NotificaEccezione":
        return ExceptionMessage(identifier, _received(root), _needed_text(root, "Motivo"))
    if identifier is None:
        raise InvalidSegnatura(["Identificatore is missing"])
    if root.tag in {"ConfermaRicezione", "AggiornamentoConferma"}:
        return ConfirmationMessage(identifier, _received(root), update=root.tag == "AggiornamentoConferma")
    if root.tag == "AnnullamentoProtocollazione":
        return AnnulmentMessage(identifier, _needed_text(root, "Motivo"), _needed_text(root, "Provvedimento"))
    raise InvalidSegnatura([f"the root is {root.tag!r}, which is no answer"])


def without_bare_doctype(xml: bytes) -> bytes:
    """Cut off a document type declaration that only names a file.

    :class:`XmlDoctype` when it declares anything.
    """
    start = doctype_start(xml)
    if start is None:
        return xml
    found = _BARE_DOCTYPE.match(xml, start)
    if found is None:
        raise XmlDoctype
    return xml[:start] + xml[found.end() :]


def _root(xml: bytes) -> etree._Element:
    """Parse, and take the namespaces off the elements: the three families differ by them only."""
    try:
        root = parse_xml(without_bare_doctype(xml))
    except XmlRefused as refusal:
        raise InvalidSegnatura([str(refusal)]) from None
    for element in root.iter():
        if not isinstance(element.tag, str):
            raise InvalidSegnatura(["processing instructions are not allowed"])
        name = etree.QName(element)
        if (name.namespace or "") in _NAMESPACES:
            element.tag = name.localname
    return root


def _required(element: etree._Element, name: str) -> etree._Element:
    found = element.find(name)
    if found is None:
        raise InvalidSegnatura([f"{name} is missing"])
    return found


def _text(element: etree._Element, name: str) -> str:
    return " ".join(element.findtext(name, "").split())


def _needed_text(element: etree._Element, name: str) -> str:
    found = _text(element, name)
    if not found:
        raise InvalidSegnatura([f"{name} is missing"])
    return found


def _identifier(element: etree._Element, hour: str = "") -> Identifier:
    number = _needed_text(element, "NumeroRegistrazione")
    if not _NUMBER.fullmatch(number):
        raise InvalidSegnatura([f"NumeroRegistrazione {number[:40]!r} is not a number"])
    found = _TIME.match(hour or _text(element, "OraRegistrazione"))
    return Identifier(
        ipa_code=_needed_text(element, "CodiceAmministrazione"),
        aoo_code=_needed_text(element, "CodiceAOO"),
        register_code=_text(element, "CodiceRegistro"),
        number=int(number),
        date=_date(_needed_text(element, "DataRegistrazione")),
        time=time(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None,
    )


def _date(written: str) -> date:
    italian = _ITALIAN_DATE.fullmatch(written)
    try:
        if italian:
            return date(int(italian[3]), int(italian[2]), int(italian[1]))
        return date.fromisoformat(written[:10])
    except ValueError:
        raise InvalidSegnatura([f"the date {written[:40]!r} does not exist"]) from None


def _classification(element: etree._Element) -> Classification:
    path = tuple(
        (" ".join((level.text or "").split()), level.get("nome", "")) for level in element.findall("Livello")
    )
    return Classification(".".join(code for code, _ in path), _text(element, "Denominazione"), path)


def _reply(root: etree._Element) -> RepliedMessage | None:
    message = root.find("Riferimenti/Messaggio")
    if message is None:
        return None
    identifier = message.find("Identificatore")
    if identifier is None:
        return None
    first = message.find("PrimaRegistrazione/Identificatore")
    return RepliedMessage(
        identifier=_identifier(identifier),
        first_registration=None if first is None else _identifier(first),
        subject="",
    )


def _primary(description: etree._Element) -> DocumentData:
    document = description.find("Documento")
    if document is not None:
        return _document(document)
    message = _required(description, "TestoDelMessaggio")
    return DocumentData(file_name="", mime_type=message.get("tipoMIME", "text/plain"), carrier="message_text")


def _document(element: etree._Element) -> DocumentData:
    location = _text(element, "CollocazioneTelematica")
    return DocumentData(
        file_name=element.get("nome", ""),
        mime_type=element.get("tipoMIME", "application/octet-stream"),
        digest=_digest(element.find("Impronta")),
        description=_text(element, "Oggetto") or _text(element, "TitoloDocumento"),
        location=OnlineLocation(location, "") if location else None,
        carrier=_CARRIERS.get(element.get("tipoRiferimento", "MIME"), "file"),
    )


def _digest(element: etree._Element | None) -> Digest | None:
    if element is None:
        return None
    try:
        value = b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSegnatura(["Impronta is not base64"]) from None
    return Digest(value, algorithm_name(element.get("algoritmo", "SHA-256")))


def _received(root: etree._Element) -> ReceivedMessage:
    received = _required(root, "MessaggioRicevuto")
    identifier, first = received.find("Identificatore"), received.find("PrimaRegistrazione")
    if first is not None and first.find("Identificatore") is not None:
        first = first.find("Identificatore")  # 60/2013 wraps it, appendix C does not
    description = _text(received, "DescrizioneMessaggio")
    if identifier is None and not description:
        raise InvalidSegnatura(["MessaggioRicevuto names no message"])
    return ReceivedMessage(
        identifier=None if identifier is None else _identifier(identifier),
        first_registration=None if first is None else _identifier(first),
        description=description,
    )
