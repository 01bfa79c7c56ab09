"""The files of the IPA go into the index as published, and what cannot be used is told row by row."""

from __future__ import annotations

import pytest

from crinale.connectors.ipa.open_data import NotAnIpaFile, import_file, read_file
from crinale.kernel.errors import Invalid
from crinale.spine.exchange import queries
from crinale.spine.exchange.models import IndexedBody, IndexedOffice

AREAS = """\
Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_uni_aoo,Denominazione_aoo,Data_istituzione,\
Nome_responsabile,\
Cognome_responsabile,Mail_responsabile,Telefono_responsabile,Codice_comune_ISTAT,\
Codice_catastale_comune,CAP,Indirizzo,\
Telefono,Fax,Mail1,Tipo_Mail1,Mail2,Tipo_Mail2,Protocollo_informatico,URI_Protocollo_informatico,\
Data_aggiornamento,cod_AOO
c_f032,Comune di Massa Marittima,00090200536,A1B2C3D,Protocollo,2015-01-01,Anna,Neri,,,053015,F032,\
58024,"Piazza Garibaldi, 10",\
0566906211,,info@comune.example.it,Altro,comune@pec.example.it,Pec,S,\
https://massa.example.it/aoo/A1B2C3D/,2026-01-01,AOO1
c_i454,Comune di Sassetta,00000000000,A9Z8Y7X,Protocollo generale,2015-01-01,-,NULL,,,,,57020,,,,,,,\
,N,vedi sito,2026-01-01,AOO
c_x,Ente vecchio,,,Protocollo,,,,,,,,,,,,,,,,,,,AOO3
c_y,Ente errato,,B123456,Protocollo,,,,,,,,,,,,,,,,,,,
c_f032,Comune di Massa Marittima,,A1B2C3D,Doppio,,,,,,,,,,,,,,,,,,,
,Senza codice,,A1B2C3E,Protocollo,,,,,,,,,,,,,,,,,,,
"""
BODIES = """\
Codice_IPA\tDenominazione_ente\tCodice_fiscale_ente\tTipologia\tCodice_Categoria\t\
Sito_istituzionale\tMail1\tTipo_Mail1
c_f032\tComune di Massa Marittima\t00090200536\tPubbliche Amministrazioni\tL6\twww.example.it\t\
comune@pec.example.it\tPec
\tSenza codice\t\t\t\t\t\t
"""
OFFICES = """\
Codice_IPA;Denominazione_ente;Codice_uni_uo;Codice_uni_aoo;Codice_uni_uo_padre;Descrizione_uo;Mail1
c_f032;Comune di Massa Marittima;ABC123;A1B2C3D;;Ufficio tecnico;tecnico@example.it
c_f032;Comune di Massa Marittima;ABC;A1B2C3D;;Codice corto;
"""


@pytest.mark.django_db
def test_areas_go_in_and_what_cannot_be_used_is_told_with_line_field_and_reason() -> None:
    table, report = import_file(AREAS.encode("utf-8-sig"))
    assert table == "areas"
    assert (report.accepted, report.updated, report.unchanged) == (2, 0, 0)
    assert [(line, field) for line, field, _ in report.refused] == [
        (4, "Codice_uni_aoo"),
        (5, "aoo_code"),
        (6, "aoo_code"),
        (7, "Codice_IPA"),
    ]
    (massa,) = queries.search_index("massa mar")
    assert (massa.aoo_code, massa.endpoint) == ("A1B2C3D", "https://massa.example.it/aoo/A1B2C3D")
    assert massa.emails == ("comune@pec.example.it", "info@comune.example.it")
    assert massa.responsible == "Anna Neri"
    (sassetta,) = queries.search_index("SASSETTA")
    assert (sassetta.endpoint, sassetta.responsible, sassetta.reachable) == ("", "", False)


@pytest.mark.django_db
def test_importing_again_changes_only_what_changed() -> None:
    import_file(AREAS.encode())
    _, report = import_file(AREAS.replace("0566906211", "0566906999").encode())
    assert (report.accepted, report.updated, report.unchanged) == (0, 1, 1)
    (massa,) = queries.search_index("massa marittima")
    assert massa.phone == "0566906999"


@pytest.mark.django_db
def test_administrations_and_offices_go_in_too() -> None:
    table, report = import_file(BODIES.encode())
    assert (table, report.accepted, len(report.refused)) == ("bodies", 1, 1)
    assert IndexedBody.objects.get().category == "L6"
    table, report = import_file(OFFICES.encode())
    assert (table, report.accepted) == ("offices", 1)
    assert report.refused[0][:2] == (3, "Codice_uni_uo")
    assert IndexedOffice.objects.get().emails == ["tecnico@example.it"]
    assert [one.name for one in queries.offices_of_area("A1B2C3D")] == ["Ufficio tecnico"]


def test_columns_may_stand_in_any_order_and_case_with_others_besides() -> None:
    file = read_file(b"ALTRO|Denominazione_AOO|codice_uni_aoo\r\n1|Protocollo|A1B2C3D\r\n\r\n")
    assert (file.table, len(file.rows)) == ("areas", 1)
    assert file.rows[0][1]["denominazione_aoo"] == "Protocollo"


def test_a_file_in_the_old_windows_encoding_is_read() -> None:
    content = "Codice_IPA;Denominazione_ente\nc_x;Comunità Montana".encode("cp1252")
    assert read_file(content).rows[0][1]["denominazione_ente"] == "Comunità Montana"


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x00\x01\x02", b"%PDF-1.7"])
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(NotAnIpaFile):
        read_file(content)


def test_a_monstrous_field_is_refused() -> None:
    with pytest.raises(Invalid, match="line 2"):
        read_file(b"Codice_IPA,Denominazione_ente\nc_x," + b"x" * 200_000)
