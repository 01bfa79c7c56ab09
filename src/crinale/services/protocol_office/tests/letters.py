"""Mails that lie in front of a clerk, and the files in them."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import typst

from crinale.spine import tenancy
from crinale.spine.exchange import actions
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.models import Mail, Mailbox
from crinale.spine.exchange.tests.post import MASSA, PostOffice, open_box

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.protocol.tests.town import Town

_HEADER = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
_PIXELS = zlib.compress((b"\0" + bytes((0, 89, 179)) * 2) * 2)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


PICTURE = b"\x89PNG\r\n\x1a\n" + b"".join(
    _chunk(kind, content) for kind, content in ((b"IHDR", _HEADER), (b"IDAT", _PIXELS), (b"IEND", b""))
)
INVOICE = b"""<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica versione="FPA12" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
<FatturaElettronicaHeader>
<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567897</IdCodice></IdFiscaleIVA>
<Anagrafica><Denominazione>Officina Poggi &amp; figli snc</Denominazione></Anagrafica></DatiAnagrafici>
<Sede><Indirizzo>via Norma</Indirizzo><CAP>58024</CAP>
<Comune>Massa Marittima</Comune></Sede></CedentePrestatore>
<CessionarioCommittente><DatiAnagrafici><CodiceFiscale>00090200538</CodiceFiscale>
<Anagrafica><Denominazione>Comune di Massa Marittima</Denominazione></Anagrafica></DatiAnagrafici>
</CessionarioCommittente>
</FatturaElettronicaHeader>
<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento>
<TipoDocumento>TD01</TipoDocumento><Divisa>EUR</Divisa>
<Data>2026-08-03</Data><Numero>77/PA</Numero><ImportoTotaleDocumento>1220.00</ImportoTotaleDocumento>
</DatiGeneraliDocumento></DatiGenerali>
<DatiBeniServizi>
<DettaglioLinee><NumeroLinea>1</NumeroLinea><Descrizione>Revisione dello scuolabus</Descrizione>
<PrezzoTotale>1000.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>
<DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>1000.00</ImponibileImporto>
<Imposta>220.00</Imposta>
</DatiRiepilogo></DatiBeniServizi></FatturaElettronicaBody></p:FatturaElettronica>"""


def pdf(pages: int = 1, words: str = "Si chiede il parere.") -> bytes:
    """A sound PDF with so many pages."""
    made = typst.compile(("#pagebreak()\n".join([words + "\n"] * pages)).encode())
    assert isinstance(made, bytes)
    return made


def arrives(town: Town, *mails: bytes, address: str = MASSA) -> UUID:
    """Let mails arrive in a box of a town, which is opened when it has none; return the last one."""
    office = PostOffice()
    with tenancy.scope(town.body_id):
        box = Mailbox.objects.filter(address=address).values_list("id", flat=True).first()
        seen = Mail.objects.count()
    box = box or open_box(town, address)
    with postman.replaced(office), tenancy.scope(town.body_id):
        office.uid_validity += seen  # a server that begins to count anew
        for one in mails:
            office.put(address, one)
        actions.fetch_mail(mailbox_id=box)
        newest = Mail.objects.order_by("-id").values_list("id", flat=True)[0]
        assert Mail.objects.count() > seen
    return newest
