"""Writing the segnatura 3.0.0 (Allegato 6 AgID, appendix A; DPR 445/2000 art. 55).

The text is written in canonical form at once, ready to be sealed. What does not depend on the number is
prepared before the counter of the register is held: :func:`prepare`, then :meth:`PreparedSegnatura.finish`
inside.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from crinale.kernel.errors import Invalid
from crinale.spine.protocol.rules.identifier import check_identifier
from crinale.spine.protocol.rules.segnatura_data import (
    PROT,
    AnnulmentMessage,
    Classification,
    ConfirmationMessage,
    DetachedFile,
    DocumentData,
    Dossier,
    ExceptionMessage,
    Mark,
    OnlineLocation,
    ReceivedMessage,
    RepliedMessage,
    SegnaturaContent,
    SegnaturaData,
)
from crinale.spine.protocol.rules.segnatura_elements import element, optional
from crinale.spine.protocol.rules.segnatura_parties import party_text
from crinale.spine.protocol.rules.segnatura_reading import InvalidSegnatura, parse
from crinale.spine.records.signatures.canonical import attribute, text

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.identifier import Identifier
    from crinale.spine.protocol.rules.parties import PartyData

__all__ = [
    "AnnulmentMessage",
    "Classification",
    "ConfirmationMessage",
    "DetachedFile",
    "DocumentData",
    "Dossier",
    "ExceptionMessage",
    "InvalidSegnatura",
    "Mark",
    "OnlineLocation",
    "PreparedSegnatura",
    "ReceivedMessage",
    "RepliedMessage",
    "SegnaturaContent",
    "SegnaturaData",
    "build",
    "identifier_text",
    "parse",
    "prepare",
]

MAXIMUM_ATTACHMENTS: Final = 500
_OPEN: Final = (
    f'<prot:SegnaturaInformatica xmlns:prot="{PROT}" prot:lang="it" prot:versione="3.0.0"><prot:Intestazione>'
).encode()


@dataclass(frozen=True, slots=True)
class PreparedSegnatura:
    """A segnatura that only misses its identifier."""

    after_identifier: bytes

    def finish(self, identifier: Identifier) -> bytes:
        """Give the canonical text, without a seal."""
        return b"".join((_OPEN, identifier_text(identifier).encode(), self.after_identifier))


def build(data: SegnaturaData) -> bytes:
    """Give the canonical text, without a seal."""
    return prepare(data).finish(data.identifier)


def prepare(content: SegnaturaContent) -> PreparedSegnatura:
    """Write everything but the identifier; :class:`Invalid` when a value cannot stand in a segnatura."""
    if content.classification is None:
        raise Invalid("classification", "choose an entry of the filing plan")
    if not content.recipients:
        raise Invalid("recipients", "add at least one recipient")
    if len(content.attachments) > MAXIMUM_ATTACHMENTS:
        raise Invalid("attachments", f"send at most {MAXIMUM_ATTACHMENTS} attachments in one message")
    _check_file_names(content.documents)
    parts = [
        _first_registration(content.first_registration),
        element("Oggetto", content.subject, field="subject"),
        _classification(content.classification),
        _dossier(content.dossier),
        _confidential(content),
        "</prot:Intestazione>",
        _reply(content.reply),
        "<prot:Descrizione><prot:Mittente>",
        party_text(content.sender, field="sender"),
        "</prot:Mittente>",
        *(_recipient(party, field=f"recipients.{number}") for number, party in enumerate(content.recipients)),
        _document("DocumentoPrimario", content.primary, field="primary"),
        *(
            _document("Allegato", document, field=f"attachments.{number}")
            for number, document in enumerate(content.attachments)
        ),
        "</prot:Descrizione></prot:SegnaturaInformatica>",
    ]
    return PreparedSegnatura("".join(parts).encode())


def identifier_text(identifier: Identifier, *, name: str = "Identificatore") -> str:
    """Write an IdentificatoreType with the prefix ``prot``, also for the messages that carry one."""
    check_identifier(identifier)
    time = identifier.time
    return (
        f"<prot:{name}>"
        f"<prot:CodiceAmministrazione>{text(identifier.ipa_code)}</prot:CodiceAmministrazione>"
        f"<prot:CodiceAOO>{text(identifier.aoo_code)}</prot:CodiceAOO>"
        f"<prot:CodiceRegistro>{identifier.register_code}</prot:CodiceRegistro>"
        f"<prot:NumeroRegistrazione>{identifier.number_text}</prot:NumeroRegistrazione>"
        f"<prot:DataRegistrazione>{identifier.date.isoformat()}</prot:DataRegistrazione>"
        + (f"<prot:OraRegistrazione>{time:%H:%M:%S}</prot:OraRegistrazione>" if time is not None else "")
        + f"</prot:{name}>"
    )


def _first_registration(identifier: Identifier | None) -> str:
    return "" if identifier is None else identifier_text(identifier, name="PrimaRegistrazione")


def _classification(entry: Classification) -> str:
    title = element("Denominazione", entry.title, field="classification.title")
    if entry.path:
        code = f"<prot:CodicePath>{_levels(entry.path)}</prot:CodicePath>"
    else:
        code = element("CodiceFlat", entry.code, field="classification.code")
    return f"<prot:Classifica>{title}{code}</prot:Classifica>"


def _levels(path: tuple[tuple[str, str], ...]) -> str:
    (code, title), rest = path[0], path[1:]
    field = "classification.path"
    described = f' prot:descrizione="{attribute(title, field=field)}"' if title else ""
    below = f"<prot:SubLivello>{_levels(rest)}</prot:SubLivello>" if rest else ""
    return f"<prot:Livello{described}>{text(code, field=field)}</prot:Livello>{below}"


def _dossier(dossier: Dossier | None) -> str:
    if dossier is None:
        return ""
    title = element("Denominazione", dossier.title, field="dossier.title")
    code = element("CodiceFascicolo", dossier.code, field="dossier.code")
    return f"<prot:Fascicolo>{title}{code}</prot:Fascicolo>"


def _confidential(content: SegnaturaContent) -> str:
    if not content.confidential:
        return ""
    note = content.confidential_note
    written = f' prot:note="{attribute(note, field="confidential_note")}"' if note else ""
    return f"<prot:Riservato{written}>true</prot:Riservato>"


def _reply(reply: RepliedMessage | None) -> str:
    if reply is None:
        return ""
    if reply.classification is None:
        raise Invalid("reply.classification", "give the classification of the message that you answer")
    return "".join(
        (
            "<prot:Riferimenti>",
            identifier_text(reply.identifier),
            _first_registration(reply.first_registration),
            element("Oggetto", reply.subject, field="reply.subject"),
            _classification(reply.classification),
            _dossier(reply.dossier),
            "</prot:Riferimenti>",
        )
    )


def _recipient(party: PartyData, *, field: str) -> str:
    # Both are written even when they are the defaults: the recipient's duty to confirm must not hang on a
    # default.
    confirm, copy = ("true" if flag else "false" for flag in (party.confirm, party.for_information))
    flags = f'prot:confermaRicezione="{confirm}" prot:perConoscenza="{copy}"'
    return f"<prot:Destinatario {flags}>{party_text(party, field=field)}</prot:Destinatario>"


def _check_file_names(documents: tuple[DocumentData, ...]) -> None:
    """The receiver finds each file by its name: no name may be used twice or be missing."""
    seen: set[str] = set()
    for document in documents:
        marks = (document.signed, document.sealed, document.time_stamped)
        detached = [file.file_name for mark in marks if mark is not None for file in mark.detached]
        for name in (document.file_name, *detached):
            if not name.strip() or "/" in name or "\\" in name:
                raise Invalid("documents.file_name", "give each file a name, without folders")
        if document.file_name.casefold() in seen:
            raise Invalid("documents.file_name", f"two files are called {document.file_name}: rename one")
        seen.add(document.file_name.casefold())


def _document(name: str, document: DocumentData, *, field: str) -> str:
    if document.digest is None or document.carrier not in {"file", "online"}:
        raise Invalid(f"{field}.digest", "a document without a file cannot stand in a segnatura")
    mime = attribute(document.mime_type, field=f"{field}.mime_type")
    file_name = attribute(document.file_name, field=f"{field}.file_name")
    digest = document.digest
    algorithm = attribute(digest.algorithm, field=f"{field}.digest")
    value = b64encode(digest.value).decode()
    return "".join(
        (
            f'<prot:{name} prot:mimeType="{mime}" prot:nomeFile="{file_name}">',
            optional("Descrizione", document.description, field=f"{field}.description"),
            f'<prot:Impronta prot:algoritmo="{algorithm}">{value}</prot:Impronta>',
            _location(document.location, field=f"{field}.location"),
            _mark("firmatoDigitalmente", document.signed, field=f"{field}.signed"),
            _mark("sigillatoElettronicamente", document.sealed, field=f"{field}.sealed"),
            _mark("marcaturaTemporale", document.time_stamped, field=f"{field}.time_stamped"),
            f"</prot:{name}>",
        )
    )


def _location(location: OnlineLocation | None, *, field: str) -> str:
    if location is None:
        return ""
    password = f' prot:password="{attribute(location.password, field=field)}"' if location.password else ""
    life = f' prot:timeToLive="{location.time_to_live_ms}"' if location.time_to_live_ms is not None else ""
    user = f' prot:userId="{attribute(location.user, field=field)}"' if location.user else ""
    host, path = (
        element(*pair, field=field) for pair in (("HostValue", location.host), ("PathValue", location.path))
    )
    opening = f"<prot:CollocazioneTelematica{password}{life}{user}>"
    return f"{opening}{host}{path}</prot:CollocazioneTelematica>"


def _mark(name: str, mark: Mark | None, *, field: str) -> str:
    if mark is None:
        return ""
    if not mark.detached:
        return f"<prot:{name}><prot:UnDetached>true</prot:UnDetached></prot:{name}>"
    inner = []
    for file in mark.detached:
        mime = f' prot:mimeType="{attribute(file.mime_type, field=field)}"' if file.mime_type else ""
        names = f'{mime} prot:nomeFile="{attribute(file.file_name, field=field)}" prot:order="{file.order}"'
        inner.append(f"<prot:Detached{names}>true</prot:Detached>")
    return f"<prot:{name}>{''.join(inner)}</prot:{name}>"
