"""The messages of Allegato 6 as text and back: bodies of the four operations, answers, SOAP 1.1 faults.

What is written is exclusive canonical XML, exactly as the WSDLs describe it (document/literal; the
attributes of ``File`` are qualified, ``info`` of an anomaly is not). What is read may use any prefixes,
order its white space as it likes, and spell anomalies in every way that was ever published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Final

from lxml import etree

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.names import q
from crinale.connectors.aoo_soap.operations import BY_REQUEST, FORWARD, Operation
from crinale.connectors.aoo_soap.outgoing import INLINE_BYTES, FileSlot
from crinale.connectors.aoo_soap.refusals import WrongMessage
from crinale.connectors.aoo_soap.sealed import embed, extract
from crinale.spine.exchange.ports import Anomaly, Identifier
from crinale.spine.exchange.rules.anomalies import UnknownAnomaly, spell, understand
from crinale.spine.protocol.rules.identifier import written_number
from crinale.spine.records.signatures.canonical import attribute, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.connectors.aoo_soap.contents import Content
    from crinale.connectors.aoo_soap.operations import Role
    from crinale.connectors.aoo_soap.outgoing import Piece
    from crinale.connectors.aoo_soap.reading import Reading
    from crinale.connectors.aoo_soap.refusals import MessageRefused
    from crinale.spine.exchange.ports import OutgoingFile

_IDENTIFIER: Final = (
    "CodiceAmministrazione",
    "CodiceAOO",
    "CodiceRegistro",
    "NumeroRegistrazione",
    "DataRegistrazione",
)


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A File element: what it says, and its content."""

    name: str
    media_type: str
    content: Content


@dataclass(frozen=True, slots=True)
class ForwardRequest:
    """MessaggioInoltro; ``sealed_as`` is the form in which the seal was recognised (see ``sealed``)."""

    segnatura: bytes
    sealed_as: str
    sender_aoo: str
    files: tuple[ReceivedFile, ...]


@dataclass(frozen=True, slots=True)
class ConfirmRequest:
    """ConfermaMessaggioInoltro: exactly one of ``recipient`` and ``anomaly``."""

    sender: Identifier
    recipient: Identifier | None
    anomaly: Anomaly | None


@dataclass(frozen=True, slots=True)
class AnnulRequest:
    """Either annulment."""

    sender: Identifier
    recipient: Identifier
    act: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answered; ``recipient`` only to annulments."""

    sender: Identifier
    recipient: Identifier | None
    anomaly: Anomaly | None


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP 1.1 fault."""

    code: str
    text: str


# ---- writing


def forward_body(segnatura: bytes, files: Sequence[OutgoingFile]) -> list[Piece]:
    """Write RequestMessageInoltro; files over ``INLINE_BYTES`` travel by MTOM."""
    pieces: list[Piece] = [_open(FORWARD, FORWARD.request), embed(segnatura)]
    for file in files:
        pieces.append(
            (
                f'<msgprot:File xmlns:msgprot="{names.MSGPROT}"'
                f' msgprot:mimeType="{attribute(file.media_type)}" msgprot:nomeFile="{attribute(file.name)}">'
            ).encode()
        )
        pieces.append(FileSlot(file, inline=file.size <= INLINE_BYTES))
        pieces.append(b"</msgprot:File>")
    pieces.append(_close(FORWARD.request))
    return pieces


def request_body(
    operation: Operation,
    *,
    sender: Identifier,
    recipient: Identifier | None,
    anomaly: Anomaly | None = None,
    act: str | None = None,
    note: str | None = None,
) -> list[Piece]:
    """Write the request of any operation but MessaggioInoltro."""
    inner = [_identifier("IdentificatoreMittente", sender)]
    if recipient is not None:
        inner.append(_identifier("IdentificatoreDestinatario", recipient))
    if anomaly is not None:
        inner.append(_anomaly(operation, anomaly))
    if act is not None:
        inner.append(f"<tns:RiferimentoProvvedimento>{text(act)}</tns:RiferimentoProvvedimento>")
    if note is not None:
        inner.append(f"<tns:Note>{text(note)}</tns:Note>")
    return [_open(operation, operation.request), "".join(inner).encode(), _close(operation.request)]


def response_body(
    operation: Operation,
    *,
    sender: Identifier,
    recipient: Identifier | None = None,
    anomaly: Anomaly | None = None,
) -> list[Piece]:
    """Write the response of any operation."""
    inner = [_identifier("IdentificatoreMittente", sender)]
    if recipient is not None:
        inner.append(_identifier("IdentificatoreDestinatario", recipient))
    if anomaly is not None:
        inner.append(_anomaly(operation, anomaly))
    return [_open(operation, operation.response), "".join(inner).encode(), _close(operation.response)]


def fault_envelope(refused: MessageRefused) -> bytes:
    """Write a SOAP 1.1 fault: whose, the reason in Italian and English, the stable code in the detail."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soap:Envelope xmlns:soap="{names.SOAP}"><soap:Body><soap:Fault>'
        f"<faultcode>soap:{refused.fault}</faultcode>"
        f'<faultstring xml:lang="it">{_safe(refused.bilingual)}</faultstring>'
        f'<detail><e:motivo xmlns:e="urn:crinale:fault">{refused.code}</e:motivo></detail>'
        "</soap:Fault></soap:Body></soap:Envelope>"
    ).encode()


def _safe(value: str) -> str:
    """Text of a fault, without characters that XML forbids: it may quote what a stranger sent."""
    return text("".join(letter if letter.isprintable() else " " for letter in value))


def _open(operation: Operation, element: str) -> bytes:
    return f'<tns:{element} xmlns:tns="{operation.namespace}">'.encode()


def _close(element: str) -> bytes:
    return f"</tns:{element}>".encode()


def _identifier(element: str, value: Identifier) -> str:
    contents = [
        value.ipa_code,
        value.aoo_code,
        value.register_code,
        value.number_text,
        value.date.isoformat(),
    ]
    inner = "".join(_prot(name, content) for name, content in zip(_IDENTIFIER, contents, strict=True))
    if value.time is not None:
        inner += _prot("OraRegistrazione", value.time.isoformat())
    return f"<tns:{element}>{inner}</tns:{element}>"


def _prot(name: str, content: str) -> str:
    return f'<prot:{name} xmlns:prot="{names.PROT}">{text(content)}</prot:{name}>'


def _anomaly(operation: Operation, anomaly: Anomaly) -> str:
    info = f' info="{attribute(anomaly.info)}"' if anomaly.info else ""
    return f"<tns:Anomalia{info}>{spell(operation.key, anomaly.code)}</tns:Anomalia>"


# ---- reading


def operation_of(body: etree._Element, role: Role) -> tuple[Operation, etree._Element]:
    """Find the operation by the only child of the body, as document/literal wants."""
    children = list(body)
    if len(children) != 1:
        raise WrongMessage(f"{len(children)} elements in the Body, 1 expected")
    tag = str(children[0].tag)
    operation = BY_REQUEST.get((role, tag))
    if operation is None:
        raise WrongMessage(f"{tag} is not an operation of protocollo-{role}")
    return operation, children[0]


def read_forward(request: etree._Element, reading: Reading) -> ForwardRequest:
    """Read RequestMessageInoltro."""
    segnatura = request.find(q(names.MSGPROT, "Segnatura"))
    files = request.findall(q(names.MSGPROT, "File"))
    if segnatura is None or not files or len(files) + 1 != len(request):
        raise WrongMessage("RequestMessageInoltro is one Segnatura and one or more File")
    if len(files) != len(reading.contents):
        raise WrongMessage("a File stands outside RequestMessageInoltro")
    received = []
    for element, mark, content in zip(files, reading.marks, reading.contents, strict=True):
        if (element.text or "") != mark.decode("ascii") and content.size:
            raise WrongMessage("a File stands outside RequestMessageInoltro")
        received.append(
            ReceivedFile(_attribute(element, "nomeFile"), _attribute(element, "mimeType"), content)
        )
    sender = segnatura.find(
        "/".join(q(names.PROT, name) for name in ("Intestazione", "Identificatore", "CodiceAOO"))
    )
    document, form = extract(segnatura)
    return ForwardRequest(document, form, _content(sender) if sender is not None else "", tuple(received))


def read_confirm(request: etree._Element, operation: Operation) -> ConfirmRequest:
    """Read RequestConfermaMessaggioInoltro."""
    found = ConfirmRequest(
        sender=_read_identifier(request, operation, "IdentificatoreMittente"),
        recipient=_optional_identifier(request, operation, "IdentificatoreDestinatario"),
        anomaly=_read_anomaly(request, operation),
    )
    if (found.recipient is None) == (found.anomaly is None):
        raise WrongMessage("a confirmation has either IdentificatoreDestinatario or Anomalia")
    return found


def read_annul(request: etree._Element, operation: Operation) -> AnnulRequest:
    """Read the request of either annulment."""
    act = request.find(q(operation.namespace, "RiferimentoProvvedimento"))
    note = request.find(q(operation.namespace, "Note"))
    if act is None:
        raise WrongMessage("RiferimentoProvvedimento is missing")
    return AnnulRequest(
        sender=_read_identifier(request, operation, "IdentificatoreMittente"),
        recipient=_read_identifier(request, operation, "IdentificatoreDestinatario"),
        act=_content(act),
        note=_content(note) if note is not None else None,
    )


def read_answer(body: etree._Element, operation: Operation) -> Answer | Fault:
    """Read the response of an operation, or the fault that came in its place."""
    children = list(body)
    if len(children) == 1 and children[0].tag == q(names.SOAP, "Fault"):
        return Fault(
            code=(children[0].findtext("faultcode") or "").strip(),
            text=" ".join((children[0].findtext("faultstring") or "").split())[:2000],
        )
    if len(children) != 1 or children[0].tag != q(operation.namespace, operation.response):
        raise WrongMessage(f"{operation.response} expected")
    return Answer(
        sender=_read_identifier(children[0], operation, "IdentificatoreMittente"),
        recipient=_optional_identifier(children[0], operation, "IdentificatoreDestinatario"),
        anomaly=_read_anomaly(children[0], operation),
    )


def _attribute(element: etree._Element, name: str) -> str:
    """A qualified attribute, as the schema wants; unqualified ones are understood."""
    value = element.get(q(names.MSGPROT, name), element.get(name))
    if value is None:
        raise WrongMessage(f"a File has no {name}")
    return value


def _content(element: etree._Element) -> str:
    if len(element):
        raise WrongMessage(f"{etree.QName(element).localname} is not a text")
    return (element.text or "").strip()


def _read_anomaly(parent: etree._Element, operation: Operation) -> Anomaly | None:
    element = parent.find(q(operation.namespace, "Anomalia"))
    if element is None:
        return None
    info = element.get("info") or element.get(q(operation.namespace, "info")) or ""
    try:
        return understand(_content(element), info)
    except UnknownAnomaly as error:
        raise WrongMessage(f"Anomalia {_content(element)[:100]}") from error


def _read_identifier(parent: etree._Element, operation: Operation, name: str) -> Identifier:
    found = _optional_identifier(parent, operation, name)
    if found is None:
        raise WrongMessage(f"{name} is missing")
    return found


def _optional_identifier(parent: etree._Element, operation: Operation, name: str) -> Identifier | None:
    element = parent.find(q(operation.namespace, name))
    if element is None:
        return None
    contents = {etree.QName(child).localname: _content(child) for child in element}
    try:
        hour = contents.get("OraRegistrazione")
        return Identifier(
            ipa_code=contents["CodiceAmministrazione"],
            aoo_code=contents["CodiceAOO"],
            register_code=contents["CodiceRegistro"],
            number=int(contents["NumeroRegistrazione"]),
            date=date.fromisoformat(contents["DataRegistrazione"][:10]),
            time=time.fromisoformat(hour) if hour else None,
            written=written_number(contents["NumeroRegistrazione"]),
        )
    except KeyError as error:
        raise WrongMessage(f"{name} has no {error.args[0]}") from error
    except ValueError as error:
        raise WrongMessage(f"{name}: {error}") from error
