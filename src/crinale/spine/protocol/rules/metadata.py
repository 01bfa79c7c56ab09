"""The metadata of registered documents for preservation (Allegato 5 AgID; element names as there).

They are made when asked for, from the register, so they always agree with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crinale.kernel import clock

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.spine.protocol.rules.parties import PartyData
    from crinale.spine.protocol.views import EnclosureView, RegistrationView

_FLOW = {"incoming": "E", "outgoing": "U", "internal": "I"}


def registered_metadata(view: RegistrationView) -> list[dict[str, Any]]:
    """Return the metadata of each document of a registration, the primary one first.

    What was taken over from older software may have none.
    """
    if not view.documents:
        return []
    primary = view.documents[0]
    return [
        {
            **one.metadata,
            **_registration(view),
            "ChiaveDescrittiva": {"Oggetto": view.subject},
            "Allegati": _attachments(view) if one is primary else {"NumeroAllegati": 0},
            **(
                {}
                if one is primary
                else {"IdIdentificativoDocumentoPrimario": _identity(primary), "Note": one.description}
            ),
        }
        for one in view.documents
    ]


def _registration(view: RegistrationView) -> dict[str, Any]:
    local = view.registered_at.astimezone(clock.ROME)
    known: dict[str, Any] = {
        "DatiDiRegistrazione": {
            "TipologiaDiFlusso": _FLOW[view.direction],
            "TipoRegistro": {
                "ProtocolloOrdinario": {
                    "TipoRegistro": "ProtocolloOrdinario",
                    "DataProtocollazioneDocumento": local.date().isoformat(),
                    "OraProtocollazioneDocumento": f"{local:%H:%M:%S}",
                    "NumeroProtocolloDocumento": view.number_text,
                    "CodiceRegistro": view.identifier.register_code,
                }
            },
        },
        "Soggetti": _subjects(view),
        "Classificazione": {
            "IndiceDiClassificazione": view.classification.code,
            "Descrizione": view.classification.title,
        },
        "Riservato": view.confidential,
        "Agg": [{"TipoAggregazione": "Fascicolo", "IdAggregazione": one.code} for one in view.dossiers],
    }
    if changes := _changes(view):
        known["TracciatureModificheDocumento"] = changes
    return known


def _changes(view: RegistrationView) -> list[dict[str, Any]]:
    """Tell what happened to the registration afterwards (TracciatureModificheDocumento, one each)."""
    found = [
        _change("Rettifica", one.corrected_by_name, one.corrected_at, one.reason) for one in view.corrections
    ]
    found += [
        # What completes the document stands on its own and points here.
        {
            **_change("Integrazione", one.added_by_name, one.added_at, one.reason),
            "Riferimento": f"{one.related.number_text}/{one.related.year}",
        }
        for one in view.links
        if one.inbound and one.relation == "integration" and one.removed_at is None
    ]
    if view.annulment is not None:
        done = view.annulment
        found.append(_change("Annullamento", done.by_name, done.at, done.reason))
    return sorted(found, key=lambda one: (one["DataModifica"], one["OraModifica"]))


def _change(kind: str, author: str, at: datetime, reason: str) -> dict[str, Any]:
    local = at.astimezone(clock.ROME)
    return {
        "TipoModifica": kind,
        "SoggettoAutoreModifica": author,
        "DataModifica": local.date().isoformat(),
        "OraModifica": f"{local:%H:%M:%S}",
        "Note": reason,
    }


def _subjects(view: RegistrationView) -> list[dict[str, Any]]:
    own = {
        "TipoSoggetto": "PAI",
        "IPAAmm": view.identifier.ipa_code,
        "IPAAOO": view.identifier.aoo_code,
        "Denominazione": view.body_name,
    }
    found = [
        {"Ruolo": "Amministrazione che effettua la registrazione", **own},
        {"Ruolo": "Operatore", "TipoSoggetto": "PF", "Denominazione": view.registered_by_name},
    ]
    found += [{"Ruolo": "Mittente", **_party(one.data)} for one in view.senders]
    found += [{"Ruolo": "Destinatario", **_party(one.data)} for one in view.recipients]
    if office := view.in_charge:
        found.append({"Ruolo": "Assegnatario", "TipoSoggetto": "AS", "Denominazione": office.office_name})
    return found


def _party(party: PartyData) -> dict[str, Any]:
    if party.kind == "natural_person":
        named = {"TipoSoggetto": "PF", "Cognome": party.last_name, "Nome": party.first_name}
        return {**named, **({"CodiceFiscale": party.tax_code} if party.tax_code else {})}
    kind = {"administration": "PAI", "legal_person": "PG"}.get(party.kind, "PAE")
    codes = {"IPAAmm": party.ipa_code, "IPAAOO": party.aoo_code, "IPAUOR": party.office_code}
    return {
        "TipoSoggetto": kind,
        "Denominazione": party.display_name,
        **{name: code for name, code in codes.items() if code},
        **({"CodiceFiscale_PartitaIva": party.tax_code} if party.tax_code else {}),
    }


def _attachments(view: RegistrationView) -> dict[str, Any]:
    index = [{"IdDoc": _identity(one), "Descrizione": one.description} for one in view.documents[1:]]
    return {"NumeroAllegati": len(index), "IndiceAllegati": index}


def _identity(one: EnclosureView) -> dict[str, Any]:
    return {
        "ImprontaCrittografica": {"Impronta": one.sha256, "Algoritmo": "SHA-256"},
        "Identificativo": str(one.document_id),
    }
