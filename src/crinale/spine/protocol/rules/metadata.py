"""The metadata of registered documents for preservation (Allegato 5 AgID; element names as there).

They are made when asked for, from the register, so they always agree with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crinale.kernel import clock

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.parties import PartyData
    from crinale.spine.protocol.views import EnclosureView, RegistrationView

_FLOW = {"incoming": "E", "outgoing": "U", "internal": "I"}


def registered_metadata(view: RegistrationView) -> list[dict[str, Any]]:
    """Return the metadata of each document of a registration, the primary one first."""
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
    if view.annulment is not None:
        known["TracciatureModificheDocumento"] = {
            "TipoModifica": "Annullamento",
            "SoggettoAutoreModifica": view.annulment.by_name,
            "DataModifica": view.annulment.at.astimezone(clock.ROME).date().isoformat(),
        }
    return known


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
