"""Old segnature and answers, as they still come by e-mail."""

from __future__ import annotations

from datetime import date, time

import pytest
from lxml import etree

from crinale.spine.protocol.rules.identifier import Identifier
from crinale.spine.protocol.rules.legacy_segnatura import parse_legacy_segnatura, parse_return_message
from crinale.spine.protocol.rules.segnatura_data import (
    AnnulmentMessage,
    ConfirmationMessage,
    ExceptionMessage,
)
from crinale.spine.protocol.rules.segnatura_reading import InvalidSegnatura
from crinale.spine.protocol.rules.tests.samples import ALLEGATO_6, OFFICIAL, needs_official

NS = ' xmlns="http://www.digitPa.gov.it/protocollo/"'
SENT = """<Identificatore><CodiceAmministrazione>c_f032</CodiceAmministrazione><CodiceAOO>AOO1</CodiceAOO>
{register}<NumeroRegistrazione>0000042</NumeroRegistrazione><DataRegistrazione>2013-05-06</DataRegistrazione>
</Identificatore>"""
REGISTER = "<CodiceRegistro>PG</CodiceRegistro>"
BODY = """<Segnatura{ns}><Intestazione>{identifier}
<OraRegistrazione tempo="locale">09:15:00</OraRegistrazione>
<Origine><IndirizzoTelematico tipo="smtp">protocollo@massa.example.it</IndirizzoTelematico>
<Mittente><Amministrazione><Denominazione>Comune di Massa</Denominazione>
<CodiceAmministrazione>c_f032</CodiceAmministrazione>
<UnitaOrganizzativa tipo="permanente"><Denominazione>Settore 1</Denominazione>
<UnitaOrganizzativa><Denominazione>Ufficio Suap</Denominazione><Identificativo>U7</Identificativo>
<Persona><Nome>Ada</Nome><Cognome>Rossi</Cognome></Persona>
<IndirizzoPostale><Denominazione>Via Norma 1</Denominazione></IndirizzoPostale></UnitaOrganizzativa>
</UnitaOrganizzativa></Amministrazione><AOO><Denominazione>Generale</Denominazione></AOO></Mittente></Origine>
<Destinazione confermaRicezione="si">
<IndirizzoTelematico tipo="smtp">a@sassetta.example.it</IndirizzoTelematico>
<Destinatario><Amministrazione><Denominazione>Comune di Sassetta</Denominazione>
<CodiceAmministrazione>c_i454</CodiceAmministrazione><IndirizzoPostale><Denominazione>x</Denominazione></IndirizzoPostale>
</Amministrazione><AOO><Denominazione>Unica</Denominazione><CodiceAOO>AOO9</CodiceAOO></AOO></Destinatario></Destinazione>
<PerConoscenza><IndirizzoTelematico>m@x.example.it</IndirizzoTelematico>
<Destinatario><Persona><Nome>Mario</Nome><Cognome>Verdi</Cognome></Persona></Destinatario></PerConoscenza>
<Riservato>dati personali</Riservato><Oggetto>Richiesta di parere
 sulla pratica</Oggetto>
<Classifica><Denominazione>Edilizia</Denominazione>
<Livello nome="titolo">6</Livello><Livello>3</Livello></Classifica>
</Intestazione><Riferimenti><Messaggio>{reply}</Messaggio></Riferimenti>
<Descrizione>
<Documento id="d1" nome="parere.pdf" tipoMIME="application/pdf"><Oggetto>Parere</Oggetto></Documento>
<Allegati><Documento nome="tav.dwf" tipoRiferimento="telematico" tipoMIME="model/vnd.dwf">
<CollocazioneTelematica>http://x.example.it/tav</CollocazioneTelematica>
<Impronta algoritmo="SHA-256" codifica="base64">ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=</Impronta>
</Documento><Fascicolo><Documento nome="nota.txt"/><Documento rife="d1"/></Fascicolo>
</Allegati></Descrizione></Segnatura>"""


def old(*, year: int) -> str:
    identifier = SENT.format(register=REGISTER if year == 2013 else "")
    return BODY.format(ns=NS if year == 2013 else "", identifier=identifier, reply=identifier)


@pytest.mark.parametrize("year", [2001, 2013])
def test_old_segnature_are_read_alike(year: int) -> None:
    data = parse_legacy_segnatura(old(year=year).encode())
    register = "PG" if year == 2013 else ""
    assert data.version == ("60/2013" if year == 2013 else "28/2001")
    assert data.identifier == Identifier("c_f032", "AOO1", register, 42, date(2013, 5, 6), time(9, 15))
    assert data.subject == "Richiesta di parere sulla pratica"
    assert data.classification is not None
    assert data.classification.path == (("6", "titolo"), ("3", ""))
    assert (data.confidential, data.confidential_note) == (True, "dati personali")
    assert (data.sender.name, data.sender.ipa_code, data.sender.aoo_code) == (
        "Comune di Massa",
        "c_f032",
        "AOO1",
    )
    assert (data.sender.office_name, data.sender.office_code, data.sender.last_name) == (
        "Ufficio Suap",
        "U7",
        "Rossi",
    )
    first, second = data.recipients
    assert (first.ipa_code, first.aoo_code, first.confirm, first.for_information) == (
        "c_i454",
        "AOO9",
        True,
        False,
    )
    assert (second.kind, second.last_name, second.confirm, second.for_information) == (
        "natural_person",
        "Verdi",
        False,
        True,
    )
    assert data.reply is not None
    assert data.reply.identifier.number == 42
    assert data.primary.file_name == "parere.pdf"
    assert data.primary.digest is None
    drawing, note = data.attachments
    assert (drawing.carrier, drawing.location and drawing.location.host) == (
        "online",
        "http://x.example.it/tav",
    )
    assert drawing.digest is not None
    assert drawing.digest.verifiable
    assert note.file_name == "nota.txt"


@needs_official
@pytest.mark.parametrize("year", [2001, 2013])
def test_the_old_samples_are_valid_by_the_official_grammar(year: int) -> None:
    root = etree.fromstring(old(year=year))
    if year == 2013:
        schema = etree.XMLSchema(
            etree.parse(ALLEGATO_6 / "previous_schemas" / "segnatura_protocollo_circolare 60_2013.xsd")
        )
        assert schema.validate(root), schema.error_log
        return
    dtd = etree.DTD(str(OFFICIAL / "seedoo-core" / "segnatura.dtd"))
    assert dtd.validate(root), dtd.error_log


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Segnatura SYSTEM "Segnatura.dtd">',
        "<!DOCTYPE Segnatura SYSTEM 'http://www.indicepa.gov.it/Segnatura.dtd'>",
        '<!DOCTYPE Segnatura PUBLIC "-//AIPA//DTD//IT" "Segnatura.dtd" >',
        "<!DOCTYPE Segnatura>",
    ],
)
def test_a_bare_doctype_is_cut_off_unread(doctype: str) -> None:
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{doctype}\n{old(year=2001)}'
    assert parse_legacy_segnatura(text.encode("iso-8859-1")).identifier.number == 42


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Segnatura [<!ENTITY x "y">]>',
        '<!DOCTYPE Segnatura SYSTEM "Segnatura.dtd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Segnatura SYSTEM "a[b.dtd">',
        "<!DOCTYPE Segnatura><!DOCTYPE Segnatura>",
    ],
)
def test_a_doctype_that_declares_is_refused(doctype: str) -> None:
    with pytest.raises(InvalidSegnatura):
        parse_legacy_segnatura(f"{doctype}{old(year=2001)}".encode())


def test_a_message_text_can_be_the_document() -> None:
    text = old(year=2013)
    start, end = text.index('<Documento id="d1"'), text.index("<Allegati>")
    data = parse_legacy_segnatura(
        (text[:start] + '<TestoDelMessaggio tipoMIME="text/plain"/>' + text[end:]).encode()
    )
    assert data.primary.carrier == "message_text"


@pytest.mark.parametrize(
    "missing", ["CodiceAOO>AOO1", "NumeroRegistrazione>0000042", "DataRegistrazione>2013-05-06"]
)
def test_what_is_missing_is_named(missing: str) -> None:
    name, value = missing.split(">")
    with pytest.raises(InvalidSegnatura, match=name):
        parse_legacy_segnatura(old(year=2001).replace(f"<{name}>{value}</{name}>", "", 1).encode())


@pytest.mark.parametrize(
    ("ns", "wrapped"), [(NS, True), ("", True), (' xmlns="http://www.agid.gov.it/protocollo/pec/"', False)]
)
def test_the_four_answers_are_read(ns: str, *, wrapped: bool) -> None:
    own = SENT.format(register=REGISTER)
    inner = own if wrapped else own.replace("<Identificatore>", "").replace("</Identificatore>", "")
    received = f"<MessaggioRicevuto>{own}<PrimaRegistrazione>{inner}</PrimaRegistrazione></MessaggioRicevuto>"
    confirmed = parse_return_message(f"<ConfermaRicezione{ns}>{own}{received}</ConfermaRicezione>".encode())
    assert isinstance(confirmed, ConfirmationMessage)
    assert not confirmed.update
    assert confirmed.identifier == confirmed.received.identifier == confirmed.received.first_registration
    updated = parse_return_message(
        f"<AggiornamentoConferma{ns}>{own}{received}</AggiornamentoConferma>".encode()
    )
    assert isinstance(updated, ConfirmationMessage)
    assert updated.update
    described = "<MessaggioRicevuto><DescrizioneMessaggio>mail</DescrizioneMessaggio></MessaggioRicevuto>"
    refused = parse_return_message(
        f"<NotificaEccezione{ns}>{described}<Motivo>no</Motivo></NotificaEccezione>".encode()
    )
    assert refused == ExceptionMessage(None, refused.received, "no")  # type: ignore[union-attr]
    annulled = parse_return_message(
        f"<AnnullamentoProtocollazione{ns}>{own}<Motivo>errore</Motivo><Provvedimento>n. 3</Provvedimento>"
        "</AnnullamentoProtocollazione>".encode()
    )
    assert annulled == AnnulmentMessage(confirmed.identifier, "errore", "n. 3")
    with pytest.raises(InvalidSegnatura):
        parse_return_message(f"<ConfermaRicezione{ns}>{received}</ConfermaRicezione>".encode())
    with pytest.raises(InvalidSegnatura):
        parse_return_message(b"<Altro/>")
