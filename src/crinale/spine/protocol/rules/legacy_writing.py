"""Writing segnature and answers for mail: Circolare 60/2013, the DTD of 2001/2009, Allegato 6 appendix C.

Three families, one structure: what is written follows from a segnatura 3.0.0 of ours. In appendix C the
segnatura is the sealed one itself, so only the answers are written here. The fixed attributes ``versione`` of
the first two are left out: schema and DTD supply them, with values that nobody else writes alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from crinale.kernel.errors import Invalid
from crinale.spine.protocol.rules.legacy_segnatura import NAMESPACE_60_2013, NAMESPACE_APPENDIX_C
from crinale.spine.protocol.rules.segnatura_data import (
    PROT,
    AnnulmentMessage,
    ConfirmationMessage,
    ExceptionMessage,
)
from crinale.spine.records.signatures.canonical import attribute, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crinale.spine.protocol.rules.identifier import Identifier
    from crinale.spine.protocol.rules.parties import PartyData
    from crinale.spine.protocol.rules.segnatura_data import (
        Classification,
        DocumentData,
        RepliedMessage,
        ReturnMessage,
        SegnaturaData,
    )

OldEdition = Literal["60/2013", "2001/2009"]
AnswerEdition = Literal["60/2013", "2001/2009", "appendix_c"]
SEGNATURA_FILE: Final = "Segnatura.xml"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Correspondence:
    """The addresses of the mail: of our box, and of the box that the mail goes to."""

    sender: str
    recipient: str


def write_segnatura(data: SegnaturaData, *, edition: OldEdition, addresses: Correspondence) -> bytes:
    """Write a segnatura as the file ``Segnatura.xml`` of a mail.

    :raises Invalid: when a value cannot stand in it.
    """
    recipients = [one for one in data.recipients if not one.for_information]
    copies = [one for one in data.recipients if one.for_information]
    if not recipients:  # the grammar wants at least one Destinazione
        recipients, copies = copies, []
    time = data.identifier.time
    confidential = data.confidential_note or "riservato"
    heading = [
        _identifier(data.identifier, edition),
        _wrapped("PrimaRegistrazione", data.first_registration, edition),
        f'<OraRegistrazione tempo="locale">{time:%H:%M:%S}</OraRegistrazione>' if time else "",
        f"<Origine>{_address(addresses.sender)}<Mittente>{_sender(data)}</Mittente></Origine>",
        *(_destination("Destinazione", one, addresses) for one in recipients),
        *(_destination("PerConoscenza", one, addresses) for one in copies),
        _element("Riservato", confidential) if data.confidential else "",
        _element("Oggetto", data.subject),
        _classification(data.classification),
    ]
    attachments = "".join(map(_document, data.attachments))
    body = [
        "<Intestazione>",
        *heading,
        "</Intestazione>",
        _reply(data.reply, edition),
        "<Descrizione>",
        _document(data.primary),
        f"<Allegati>{attachments}</Allegati>" if attachments else "",
        "</Descrizione>",
    ]
    return _file("Segnatura", body, edition)


def answer_file(message: ReturnMessage, *, edition: AnswerEdition) -> tuple[str, bytes]:
    """Write an answer; return it with the name that its file must have.

    :raises Invalid: when a value cannot stand in it.
    """
    if isinstance(message, ExceptionMessage):
        name, root = "Eccezione.xml", "NotificaEccezione"
    elif isinstance(message, AnnulmentMessage):
        name, root = "Annullamento.xml", "AnnullamentoProtocollazione"
    elif message.update:
        name, root = "Aggiornamento.xml", "AggiornamentoConferma"
    else:
        name, root = "Conferma.xml", "ConfermaRicezione"
    if edition == "appendix_c":
        return name, _appendix_c(root, message)
    parts = [] if message.identifier is None else [_identifier(message.identifier, edition)]
    if not isinstance(message, AnnulmentMessage):
        parts.append(_received(message, edition))
    parts.extend(_element(*pair) for pair in _words(message))
    return name, _file(root, parts, edition)


def _words(message: ReturnMessage) -> list[tuple[str, str]]:
    if isinstance(message, ConfirmationMessage):
        return []
    said = [("Motivo", message.reason)]
    return [*said, ("Provvedimento", message.act)] if isinstance(message, AnnulmentMessage) else said


def _file(root: str, parts: Iterable[str], edition: OldEdition) -> bytes:
    if edition == "60/2013":
        start = f'{_DECLARATION}<{root} xmlns="{NAMESPACE_60_2013}">'
    else:
        start = f'{_DECLARATION}<!DOCTYPE {root} SYSTEM "Segnatura.dtd">\n<{root}>'
    return f"{start}{''.join(parts)}</{root}>\n".encode()


def _element(name: str, value: str) -> str:
    return f"<{name}>{text(value, field=name)}</{name}>"


def _optional(name: str, value: str) -> str:
    return _element(name, value) if value else ""


def _identifier(identifier: Identifier, edition: OldEdition) -> str:
    return "".join(
        (
            "<Identificatore>",
            _element("CodiceAmministrazione", identifier.ipa_code),
            _element("CodiceAOO", identifier.aoo_code),
            _element("CodiceRegistro", identifier.register_code) if edition == "60/2013" else "",
            _element("NumeroRegistrazione", identifier.number_text),
            _element("DataRegistrazione", identifier.date.isoformat()),
            "</Identificatore>",
        )
    )


def _wrapped(name: str, identifier: Identifier | None, edition: OldEdition) -> str:
    return "" if identifier is None else f"<{name}>{_identifier(identifier, edition)}</{name}>"


def _address(address: str) -> str:
    return f'<IndirizzoTelematico tipo="smtp">{text(address, field="address")}</IndirizzoTelematico>'


def _sender(data: SegnaturaData) -> str:
    sender = data.sender
    area = _element("Denominazione", sender.aoo_name or sender.aoo_code or sender.name)
    code = _element("CodiceAOO", sender.aoo_code or data.identifier.aoo_code)
    return f"{_administration(sender, ipa_code=data.identifier.ipa_code)}<AOO>{area}{code}</AOO>"


def _destination(name: str, party: PartyData, addresses: Correspondence) -> str:
    confirm = "si" if party.confirm else "no"
    known = party.email or addresses.recipient
    return (
        f'<{name} confermaRicezione="{confirm}">{_address(known)}'
        f"<Destinatario>{_recipient(party)}</Destinatario></{name}>"
    )


def _recipient(party: PartyData) -> str:
    contacts = "".join(
        (
            _address(party.email) if party.email else "",
            _optional("Telefono", party.phone),
            _postal(party) if party.postal_address else "",
        )
    )
    if party.kind == "administration":
        area = ""
        if party.aoo_code or party.aoo_name:
            name, code = _element("Denominazione", party.aoo_name), _optional("CodiceAOO", party.aoo_code)
            area = f"<AOO>{name}{code}</AOO>"
        return f"{_administration(party)}{area}{contacts}"
    if party.kind == "natural_person":
        return f"{_person(party, tax_code=party.tax_code)}{contacts}"
    return f"{_element('Denominazione', party.name)}{_person(party)}{contacts}"


def _administration(party: PartyData, *, ipa_code: str = "") -> str:
    """Write Amministrazione: at its innermost office, or itself, the grammar wants a postal address."""
    end = f"{_person(party)}{_postal(party)}"
    if party.office_code or party.office_name:
        office = _element("Denominazione", party.office_name or party.office_code)
        code = _optional("Identificativo", party.office_code)
        end = f"<UnitaOrganizzativa>{office}{code}{end}</UnitaOrganizzativa>"
    name, code = _element("Denominazione", party.name), party.ipa_code or ipa_code
    return f"<Amministrazione>{name}{_optional('CodiceAmministrazione', code)}{end}</Amministrazione>"


def _person(party: PartyData, *, tax_code: str = "") -> str:
    if not party.last_name:
        return ""
    return "".join(
        (
            "<Persona>",
            _optional("Nome", party.first_name),
            _element("Cognome", party.last_name),
            _optional("Titolo", party.title),
            _optional("CodiceFiscale", tax_code),
            "</Persona>",
        )
    )


def _postal(party: PartyData) -> str:
    return f"<IndirizzoPostale>{_element('Denominazione', party.postal_address)}</IndirizzoPostale>"


def _classification(entry: Classification | None) -> str:
    if entry is None:
        return ""
    path = entry.path or tuple((code, "") for code in entry.code.split("."))
    levels = "".join(
        f'<Livello nome="{attribute(title, field="Livello")}">{text(code, field="Livello")}</Livello>'
        if title
        else _element("Livello", code)
        for code, title in path
    )
    return f"<Classifica>{_optional('Denominazione', entry.title)}{levels}</Classifica>"


def _reply(reply: RepliedMessage | None, edition: OldEdition) -> str:
    if reply is None:
        return ""
    message = _identifier(reply.identifier, edition)
    first = _wrapped("PrimaRegistrazione", reply.first_registration, edition)
    return f"<Riferimenti><Messaggio>{message}{first}</Messaggio></Riferimenti>"


def _document(document: DocumentData) -> str:
    """Write a document that travels with the mail; digests have a place only where it does not."""
    if document.carrier == "message_text":
        mime = attribute(document.mime_type, field="tipoMIME")
        return f'<TestoDelMessaggio tipoMIME="{mime}" tipoRiferimento="MIME"/>'
    if document.carrier != "file":
        raise Invalid("documents", "only documents with a file travel by mail")
    name = attribute(document.file_name, field="nome")
    mime = attribute(document.mime_type, field="tipoMIME")
    title = _optional("TitoloDocumento", document.description)
    return f'<Documento nome="{name}" tipoMIME="{mime}" tipoRiferimento="MIME">{title}</Documento>'


def _received(message: ConfirmationMessage | ExceptionMessage, edition: OldEdition) -> str:
    received = message.received
    if received.identifier is None:
        return (
            f"<MessaggioRicevuto>{_element('DescrizioneMessaggio', received.description)}</MessaggioRicevuto>"
        )
    first = _wrapped("PrimaRegistrazione", received.first_registration, edition)
    return f"<MessaggioRicevuto>{_identifier(received.identifier, edition)}{first}</MessaggioRicevuto>"


def _appendix_c(root: str, message: ReturnMessage) -> bytes:
    parts = [] if message.identifier is None else [_numbered("Identificatore", message.identifier)]
    if not isinstance(message, AnnulmentMessage):
        received = message.received
        inner = (
            f"<pec:DescrizioneMessaggio>{text(received.description)}</pec:DescrizioneMessaggio>"
            if received.identifier is None
            else _numbered("Identificatore", received.identifier)
        )
        if received.identifier is not None and received.first_registration is not None:
            inner += _numbered("PrimaRegistrazione", received.first_registration)
        parts.append(f"<pec:MessaggioRicevuto>{inner}</pec:MessaggioRicevuto>")
    parts.extend(f"<pec:{name}>{text(value, field=name)}</pec:{name}>" for name, value in _words(message))
    start = (
        f'{_DECLARATION}<pec:{root} xmlns:pec="{NAMESPACE_APPENDIX_C}" xmlns:prot="{PROT}"'
        ' pec:versione="3.0.0" pec:lang="it">'
    )
    return f"{start}{''.join(parts)}</pec:{root}>\n".encode()


def _numbered(name: str, identifier: Identifier) -> str:
    """Write an identifier: its element is of the mail's namespace, what is in it of the segnatura's."""
    time = identifier.time
    values = [
        ("CodiceAmministrazione", identifier.ipa_code),
        ("CodiceAOO", identifier.aoo_code),
        ("CodiceRegistro", identifier.register_code),
        ("NumeroRegistrazione", identifier.number_text),
        ("DataRegistrazione", identifier.date.isoformat()),
        *([("OraRegistrazione", f"{time:%H:%M:%S}")] if time else []),
    ]
    inner = "".join(f"<prot:{key}>{text(value, field=key)}</prot:{key}>" for key, value in values)
    return f"<pec:{name}>{inner}</pec:{name}>"
