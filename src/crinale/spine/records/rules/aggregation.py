"""A dossier as Allegato 5 AgID describes a documentary aggregation, as JSON values and as XML.

Element names and their order are those of the annex; the texts of its fixed vocabularies stay Italian.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from crinale.spine.records.rules.dossiers import read_code
from crinale.spine.records.signatures.canonical import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crinale.spine.records.rules.dossiers import DossierData, DossierSubject, Procedure

KIND_WORDS: Final = {
    "matter": "affare",
    "activity": "attività",
    "natural_person": "persona fisica",
    "legal_person": "persona giuridica",
    "procedure": "procedimento amministrativo",
}
PHASE_WORDS: Final = {
    "preparatory": "Preparatoria",
    "inquiry": "Istruttoria",
    "consultation": "Consultiva",
    "decision": "Decisoria o deliberativa",
    "effect": "Integrazione dell'efficacia",
}
_ROLES: Final = {
    "participant": "Amministrazioni partecipanti",
    "officer": "RUP",
    "other": "Altro",
}
_HOLDERS: Final = {
    "natural_person": "Soggetto intestatario persona fisica",
    "legal_person": "Soggetto intestatario persona giuridica",
    "administration": "Amministrazioni partecipanti",
}
_SUBJECT_KINDS: Final = {"natural_person": "PF", "legal_person": "PG", "administration": "PAI"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedDocument:
    """A line of the index: identifier and SHA-256 of a document, and the registration that it belongs to."""

    identifier: str
    sha256: str
    file_name: str
    registration: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    """A dossier with what is needed to describe it outside the body."""

    code: str
    title: str
    kind: str
    heading_code: str
    heading_title: str
    plan_name: str
    body_name: str
    body_code: str
    office_name: str
    office_code: str
    opened_on: date
    closed_on: date | None
    data: DossierData
    above: str = ""
    documents: Sequence[IndexedDocument] = ()


def described(one: Aggregation) -> dict[str, Any]:
    """Return the metadata of a dossier and the index of its documents, in order."""
    taken = read_code(one.code)
    metadata: dict[str, Any] = {
        "IdAgg": _identifier(one.code),
        "TipologiaFascicolo": KIND_WORDS[one.kind],
        "Soggetti": _subjects(one),
        "Assegnazione": _assignment(one),
        "DataApertura": one.opened_on.isoformat(),
        "Classificazione": {
            "IndiceDiClassificazione": one.heading_code,
            "Descrizione": one.heading_title,
            "PianoDiClassificazione": one.plan_name,
        },
        "Progressivo": 0 if taken is None else (taken.parts or (taken.progressive,))[-1],
        "ChiaveDescrittiva": {"Oggetto": one.title, "ParoleChiave": list(one.data.keywords)},
        "DataChiusura": None if one.closed_on is None else one.closed_on.isoformat(),
        "ProcedimentoAmministrativo": _procedure(one.data.procedure),
        "IndiceDocumenti": [_document(document) for document in one.documents],
        "PosizioneFisicaAggregazioneDocumentale": one.data.position,
        "IdAggPrimario": _identifier(one.above) if one.above else None,
        "TempoDiConservazione": one.data.retention_years,
        "Note": "\n".join(part for part in (one.data.description, one.data.note) if part),
    }
    return {name: value for name, value in metadata.items() if value not in (None, "", {})}


def aggregation_xml(one: Aggregation) -> str:
    """Write :func:`described` as XML."""
    inside = "".join(_element(name, value) for name, value in described(one).items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<AggregazioneDocumentiInformatici>{inside}</AggregazioneDocumentiInformatici>\n"
    )


_EACH: Final = {"Soggetti": "Ruolo", "IndiceDocumenti": "TipoDocumento", "Fasi": "Fase"}


def _element(name: str, value: Any) -> str:
    if isinstance(value, dict):
        inside = "".join(_element(key, one) for key, one in value.items() if one not in (None, ""))
    elif isinstance(value, list) and name in _EACH:
        inside = "".join(_element(_EACH[name], one) for one in value)
    elif isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    else:
        inside = text(str(value), field=name)
    return f"<{name}>{inside}</{name}>"


def _identifier(code: str) -> dict[str, str]:
    return {"TipoAggregazione": "Fascicolo", "IdAggregazione": code}


def _subjects(one: Aggregation) -> list[dict[str, str]]:
    owner = {
        "TipoRuolo": "Amministrazione titolare",
        "TipoSoggetto": "PAI",
        "Nominativo": one.body_name,
        "Codice": one.body_code,
    }
    return [owner, *(_subject(subject, one) for subject in one.data.subjects)]


def _subject(subject: DossierSubject, one: Aggregation) -> dict[str, str]:
    holder = subject.role == "holder"
    known = {
        "TipoRuolo": _HOLDERS[subject.kind] if holder else _ROLES[subject.role],
        "TipoSoggetto": _SUBJECT_KINDS[subject.kind],
        "Nominativo": subject.name,
        "Codice": subject.code,
        "UOR": one.office_code if subject.role == "officer" else "",
    }
    return {name: value for name, value in known.items() if value}


def _assignment(one: Aggregation) -> dict[str, str]:
    if not one.office_name:
        return {}
    return {
        "TipoAssegnazione": "Per competenza",
        "SoggettoAssegn": one.office_name,
        "Codice": one.office_code,
        "DataInizioAssegnazione": one.opened_on.isoformat(),
    }


def _procedure(procedure: Procedure | None) -> dict[str, Any] | None:
    if procedure is None:
        return None
    phase = {
        "TipoFase": PHASE_WORDS[procedure.phase],
        "DataInizioFase": procedure.started_on.isoformat() if procedure.started_on else None,
        "DataFineFase": procedure.ended_on.isoformat() if procedure.ended_on else None,
    }
    return {
        "MateriaArgomentoStruttura": procedure.subject_matter,
        "Procedimento": procedure.name,
        "CatalogoProcedimenti": procedure.catalogue,
        "Fasi": [{name: value for name, value in phase.items() if value}],
    }


def _document(document: IndexedDocument) -> dict[str, Any]:
    known: dict[str, Any] = {
        "IdDoc": {
            "ImprontaCrittografica": {"Impronta": document.sha256, "Algoritmo": "SHA-256"},
            "Identificativo": document.identifier,
        },
        "NomeDelDocumento": document.file_name,
        "Segnatura": document.registration,
    }
    return {name: value for name, value in known.items() if value}
