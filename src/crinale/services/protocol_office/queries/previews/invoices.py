"""An electronic invoice in words: who, to whom, which number, what for, how much.

Formato FatturaPA, versions FPA12, FPR12 and FSM10 (DM 55/2013; Agenzia delle Entrate, prov. 89757/2018).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from django.utils import formats
from django.utils.translation import gettext as _
from lxml import etree

from crinale.services.protocol_office.queries.previews.shown import (
    MOST_LINES,
    Facts,
    Preview,
    Section,
    facts,
    words,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMESPACES: Final = (
    "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.",
    "http://www.fatturapa.gov.it/sdi/fatturapa/v1.",
)
_BODIES: Final = 10
_PLAIN: Final = {
    "TD01": "Fattura",
    "TD02": "Acconto/anticipo su fattura",
    "TD03": "Acconto/anticipo su parcella",
    "TD04": "Nota di credito",
    "TD05": "Nota di debito",
    "TD06": "Parcella",
    "TD24": "Fattura differita",
}


def shown(root: _Element) -> Preview | None:
    """Show an invoice; nothing when it is none."""
    name = etree.QName(root)
    if not name.localname.startswith("FatturaElettronica") or not (name.namespace or "").startswith(
        _NAMESPACES
    ):
        return None
    header = root.find("{*}FatturaElettronicaHeader")
    bodies = root.findall("{*}FatturaElettronicaBody")
    sections = [
        Section(title=_("Supplier"), facts=_party(header, "CedentePrestatore")),
        Section(title=_("Customer"), facts=_party(header, "CessionarioCommittente")),
    ]
    for body in bodies[:_BODIES]:
        sections += _body(body)
    return words(_("electronic invoice"), *sections)


def _body(body: _Element) -> list[Section]:
    general = body.find("{*}DatiGenerali/{*}DatiGeneraliDocumento")
    kind = _text(general, "TipoDocumento")
    about = facts(
        (_("Kind"), f"{kind} {_PLAIN.get(kind, '')}".strip()),
        (_("Number"), _text(general, "Numero")),
        (_("Date"), _day(_text(general, "Data"))),
        (_("Subject"), " ".join(_texts(general, "Causale"))),
        (_("Purchase order"), _text(body, "DatiGenerali/DatiOrdineAcquisto/IdDocumento")),
        (_("CIG"), _text(body, "DatiGenerali/DatiOrdineAcquisto/CodiceCIG")),
        (_("CUP"), _text(body, "DatiGenerali/DatiOrdineAcquisto/CodiceCUP")),
        (_("Total"), _amount(_text(general, "ImportoTotaleDocumento"), general)),
        (_("To be paid by"), _day(_text(body, "DatiPagamento/DettaglioPagamento/DataScadenzaPagamento"))),
        (_("IBAN"), _text(body, "DatiPagamento/DettaglioPagamento/IBAN")),
    )
    lines = body.findall("{*}DatiBeniServizi/{*}DettaglioLinee") or body.findall("{*}DatiBeniServizi")
    rows = tuple(
        (
            _text(line, "NumeroLinea") or str(place),
            _text(line, "Descrizione"),
            _number(_text(line, "Quantita")),
            _number(_text(line, "PrezzoTotale") or _text(line, "Importo")),
            _text(line, "AliquotaIVA"),
        )
        for place, line in enumerate(lines[:MOST_LINES], start=1)
    )
    totals = tuple(
        (
            _text(line, "AliquotaIVA"),
            _number(_text(line, "ImponibileImporto")),
            _number(_text(line, "Imposta")),
        )
        for line in body.findall("{*}DatiBeniServizi/{*}DatiRiepilogo")[:MOST_LINES]
    )
    sections = [Section(title=_("Invoice"), facts=about)]
    if rows:
        columns = (_("Line"), _("Description"), _("Quantity"), _("Amount"), _("VAT %"))
        sections.append(Section(title=_("Lines"), columns=columns, rows=rows, more=len(lines) - len(rows)))
    if totals:
        headed = (_("VAT %"), _("Taxable"), _("Tax"))
        sections.append(Section(title=_("Totals"), columns=headed, rows=totals))
    return sections


def _party(header: _Element | None, role: str) -> Facts:
    found = header.find(f"{{*}}{role}") if header is not None else None
    who = "DatiAnagrafici/Anagrafica/"
    person = " ".join(part for part in (_text(found, who + "Nome"), _text(found, who + "Cognome")) if part)
    name = _text(found, who + "Denominazione") or person or _text(found, "Denominazione")
    seat = [_text(found, f"Sede/{part}") for part in ("Indirizzo", "NumeroCivico", "CAP", "Comune")]
    vat = "DatiAnagrafici/IdFiscaleIVA/"
    return facts(
        (_("Name"), name),
        (_("VAT number"), _text(found, vat + "IdPaese") + _text(found, vat + "IdCodice")),
        (_("Tax code"), _text(found, "DatiAnagrafici/CodiceFiscale")),
        (_("Address"), " ".join(part for part in seat if part)),
    )


def _texts(element: _Element | None, path: str) -> list[str]:
    if element is None:
        return []
    found = element.findall("/".join(f"{{*}}{name}" for name in path.split("/")))
    return [" ".join((one.text or "").split())[:1000] for one in found]


def _text(element: _Element | None, path: str) -> str:
    return next(iter(_texts(element, path)), "")


def _day(text: str) -> str:
    try:
        return f"{date.fromisoformat(text[:10]):%d/%m/%Y}"
    except ValueError:
        return text


def _number(text: str) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return formats.number_format(value, 2, force_grouping=True) if value.is_finite() else text


def _amount(text: str, general: _Element | None) -> str:
    return f"{_number(text)} {_text(general, 'Divisa')}".strip() if text else ""
