"""A dossier described as Allegato 5 asks, as values and as XML."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from lxml import etree

from crinale.spine.records.queries import (
    Aggregation,
    DossierData,
    DossierSubject,
    IndexedDocument,
    Procedure,
    aggregation_xml,
    described,
)

DATA = DossierData(
    keywords=("strada", "frana"),
    subjects=(
        DossierSubject("holder", "natural_person", "Rossi <Anna>", "RSSNNA80A41F032F"),
        DossierSubject("officer", "natural_person", "Bianchi Carlo"),
    ),
    retention_years=9999,
    procedure=Procedure(name="Permesso di costruire", phase="decision", started_on=date(2026, 3, 2)),
)
ONE = Aggregation(
    code="2026-6.3.12/2",
    title="Permesso & variante",
    kind="procedure",
    heading_code="6.3",
    heading_title="Edilizia privata",
    plan_name="Titolario 2026",
    body_name="Comune di Massa Marittima",
    body_code="c_f032",
    office_name="Ufficio tecnico",
    office_code="UT",
    opened_on=date(2026, 3, 2),
    closed_on=None,
    data=DATA,
    above="2026-6.3.12",
    documents=(
        IndexedDocument(
            identifier="uno", sha256="a" * 64, file_name="domanda.pdf", registration="0000007/2026"
        ),
        IndexedDocument(identifier="due", sha256="b" * 64, file_name="pianta.pdf"),
    ),
)


def test_a_dossier_is_described_with_the_names_of_the_annex() -> None:
    found = described(ONE)
    assert list(found) == [
        "IdAgg",
        "TipologiaFascicolo",
        "Soggetti",
        "Assegnazione",
        "DataApertura",
        "Classificazione",
        "Progressivo",
        "ChiaveDescrittiva",
        "ProcedimentoAmministrativo",
        "IndiceDocumenti",
        "IdAggPrimario",
        "TempoDiConservazione",
    ]
    assert found["TipologiaFascicolo"] == "procedimento amministrativo"
    assert found["Progressivo"] == 2
    assert [one["IdDoc"]["Identificativo"] for one in found["IndiceDocumenti"]] == ["uno", "due"]
    assert [one["TipoRuolo"] for one in found["Soggetti"]] == [
        "Amministrazione titolare",
        "Soggetto intestatario persona fisica",
        "RUP",
    ]
    assert found["Soggetti"][2]["UOR"] == "UT"
    assert described(replace(ONE, closed_on=date(2026, 9, 1)))["DataChiusura"] == "2026-09-01"


def test_the_xml_holds_the_same_whatever_characters_are_in_it() -> None:
    root = etree.fromstring(aggregation_xml(ONE).encode())
    assert root.findtext("IdAgg/IdAggregazione") == ONE.code
    assert root.findtext("ChiaveDescrittiva/Oggetto") == ONE.title
    assert [one.text for one in root.findall("ChiaveDescrittiva/ParoleChiave")] == ["strada", "frana"]
    assert root.findtext("Soggetti/Ruolo[2]/Nominativo") == "Rossi <Anna>"
    assert root.findtext("ProcedimentoAmministrativo/Fasi/Fase/TipoFase") == "Decisoria o deliberativa"
    digests = root.findall("IndiceDocumenti/TipoDocumento/IdDoc/ImprontaCrittografica/Impronta")
    assert [one.text for one in digests] == ["a" * 64, "b" * 64]
