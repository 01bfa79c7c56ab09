"""People outside the network who write to it by mail: a firm, a citizen, a body with protocol software.

The body has no address in the index of Allegato 6, as most of Italy's: its software sends each document by
certified mail with a Segnatura.xml of Circolare AgID 60/2013, written here by hand and not by the code that
reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True)
class Correspondent:
    """Somebody with a mailbox of his own."""

    address: str
    name: str
    certified: bool = True


@dataclass(frozen=True)
class OutsideBody(Correspondent):
    """An administration that sends its documents by certified mail, known from the index of the IPA."""

    ipa_code: str = ""
    aoo_code: str = ""
    aoo_name: str = ""
    postal_address: str = ""


CONSORTIUM = OutsideBody(
    address="protocollo@pec.bonifica-maremma.example",
    name="Consorzio di bonifica della Maremma",
    ipa_code="cb_marem",
    aoo_code="ACBM001",
    aoo_name="Protocollo generale",
    postal_address="Viale della Pace 1, Grosseto",
)
STUDIO = Correspondent("studio.rossi@pec.example", "Studio tecnico Rossi")
CITIZEN = Correspondent("mario.bianchi@posta.example", "Mario Bianchi", certified=False)
CORRESPONDENTS: tuple[Correspondent, ...] = (CONSORTIUM, STUDIO, CITIZEN)


def correspondent(address: str) -> Correspondent | None:
    """Whose mailbox an address is."""
    wanted = address.strip().lower()
    return next((one for one in CORRESPONDENTS if one.address == wanted), None)


@dataclass(frozen=True)
class Dispatch:
    """A document that the protocol software of the body outside registered and sends."""

    number: int
    at: datetime
    subject: str
    recipient: str
    recipient_name: str
    files: Sequence[str]


def segnatura(body: OutsideBody, sent: Dispatch) -> bytes:
    """Write the Segnatura.xml of a dispatch, which asks for a confirmation."""
    primary, *others = sent.files or ("",)
    attachments = "".join(_document(name) for name in others)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Segnatura xmlns="http://www.digitPa.gov.it/protocollo/">
<Intestazione>
<Identificatore>
<CodiceAmministrazione>{escape(body.ipa_code)}</CodiceAmministrazione>
<CodiceAOO>{escape(body.aoo_code)}</CodiceAOO>
<CodiceRegistro>PG</CodiceRegistro>
<NumeroRegistrazione>{sent.number:07}</NumeroRegistrazione>
<DataRegistrazione>{sent.at:%Y-%m-%d}</DataRegistrazione>
</Identificatore>
<OraRegistrazione tempo="locale">{sent.at:%H:%M:%S}</OraRegistrazione>
<Origine>
<IndirizzoTelematico tipo="smtp">{escape(body.address)}</IndirizzoTelematico>
<Mittente>
<Amministrazione>
<Denominazione>{escape(body.name)}</Denominazione>
<CodiceAmministrazione>{escape(body.ipa_code)}</CodiceAmministrazione>
<IndirizzoPostale><Denominazione>{escape(body.postal_address)}</Denominazione></IndirizzoPostale>
</Amministrazione>
<AOO><Denominazione>{escape(body.aoo_name)}</Denominazione><CodiceAOO>{escape(body.aoo_code)}</CodiceAOO></AOO>
</Mittente>
</Origine>
<Destinazione confermaRicezione="si">
<IndirizzoTelematico tipo="smtp">{escape(sent.recipient)}</IndirizzoTelematico>
<Destinatario><Denominazione>{escape(sent.recipient_name)}</Denominazione></Destinatario>
</Destinazione>
<Oggetto>{escape(sent.subject)}</Oggetto>
</Intestazione>
<Descrizione>
{_document(primary)}
{f"<Allegati>{attachments}</Allegati>" if attachments else ""}
</Descrizione>
</Segnatura>
""".encode()


def _document(name: str) -> str:
    if not name:
        return "<TestoDelMessaggio/>"
    return f'<Documento nome="{escape(name, {chr(34): "&quot;"})}" tipoRiferimento="MIME"/>'
