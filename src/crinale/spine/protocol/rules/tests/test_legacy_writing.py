"""What is written for mail is valid by the official grammars, and says the same when it is read again."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from crinale.kernel.errors import Invalid
from crinale.spine.protocol.rules.legacy_segnatura import parse_legacy_segnatura, parse_return_message
from crinale.spine.protocol.rules.legacy_writing import Correspondence, answer_file, write_segnatura
from crinale.spine.protocol.rules.segnatura import RepliedMessage, SegnaturaData
from crinale.spine.protocol.rules.segnatura_data import (
    AnnulmentMessage,
    Classification,
    ConfirmationMessage,
    DocumentData,
    ExceptionMessage,
    ReceivedMessage,
)
from crinale.spine.protocol.rules.tests.samples import (
    ALLEGATO_6,
    FIRST,
    HARD,
    IDENTIFIER,
    OFFICIAL,
    PARTIES,
    TOWN,
    needs_official,
)

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.legacy_writing import AnswerEdition, OldEdition
    from crinale.spine.protocol.rules.segnatura_data import ReturnMessage

ADDRESSES = Correspondence("protocollo@pec.massa.example.it", "protocollo@pec.sassetta.example.it")
PRIMARY = DocumentData(file_name="lettera & c.pdf", mime_type="application/pdf", description=HARD)
DATA = SegnaturaData(
    identifier=IDENTIFIER,
    subject=f"Richiesta di parere {HARD}",
    classification=Classification("6.10", "Protezione civile"),
    sender=TOWN,
    recipients=tuple(replace(one, confirm=bool(place % 2)) for place, one in enumerate(PARTIES)),
    primary=PRIMARY,
    attachments=(DocumentData(file_name="tavola.pdf", mime_type="application/pdf"),),
    confidential=True,
    first_registration=FIRST,
    reply=RepliedMessage(identifier=FIRST, subject="", first_registration=IDENTIFIER),
)
PLAIN = replace(
    DATA,
    classification=None,
    recipients=(replace(PARTIES[1], for_information=True),),
    attachments=(),
    confidential=False,
    first_registration=None,
    reply=None,
)
RECEIVED = ReceivedMessage(identifier=FIRST, first_registration=IDENTIFIER)
ANSWERS: dict[str, ReturnMessage] = {
    "Conferma.xml": ConfirmationMessage(IDENTIFIER, RECEIVED),
    "Aggiornamento.xml": ConfirmationMessage(IDENTIFIER, ReceivedMessage(FIRST), update=True),
    "Eccezione.xml": ExceptionMessage(None, ReceivedMessage(None, description="senza numero"), HARD),
    "Annullamento.xml": AnnulmentMessage(IDENTIFIER, HARD, "Determina 12/2026"),
}


@cache
def grammar(edition: str) -> etree.XMLSchema | etree.DTD:
    if edition == "2001/2009":
        return etree.DTD(str(OFFICIAL / "seedoo-core" / "segnatura.dtd"))
    name = (
        "pec_message.xsd"
        if edition == "appendix_c"
        else "previous_schemas/segnatura_protocollo_circolare 60_2013.xsd"
    )
    return etree.XMLSchema(etree.parse(str(ALLEGATO_6 / name)))


def problems(xml: bytes, edition: str) -> list[str]:
    valid = grammar(edition)
    valid.validate(etree.fromstring(xml))
    return [str(one.message) for one in valid.error_log]


@needs_official
@pytest.mark.parametrize("data", [DATA, PLAIN])
@pytest.mark.parametrize("edition", ["60/2013", "2001/2009"])
def test_a_segnatura_is_valid_by_the_official_grammar(edition: OldEdition, data: SegnaturaData) -> None:
    assert problems(write_segnatura(data, edition=edition, addresses=ADDRESSES), edition) == []


@needs_official
@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("edition", ["60/2013", "2001/2009", "appendix_c"])
def test_an_answer_is_valid_by_the_official_grammar(edition: AnswerEdition, name: str) -> None:
    assert problems(answer_file(ANSWERS[name], edition=edition)[1], edition) == []


@pytest.mark.parametrize("edition", ["60/2013", "2001/2009"])
def test_what_was_written_is_read_again(edition: OldEdition) -> None:
    read = parse_legacy_segnatura(write_segnatura(DATA, edition=edition, addresses=ADDRESSES))
    assert read.version == ("60/2013" if edition == "60/2013" else "28/2001")
    register = "PG" if edition == "60/2013" else ""
    assert read.identifier == replace(IDENTIFIER, register_code=register)
    assert read.subject == " ".join(DATA.subject.split())
    assert [one.file_name for one in read.documents] == ["lettera & c.pdf", "tavola.pdf"]
    assert [one.confirm for one in read.recipients] == [one.confirm for one in DATA.recipients]
    assert read.recipients[2].office_code == "UFF001"
    assert (read.sender.ipa_code, read.sender.aoo_code) == (TOWN.ipa_code, TOWN.aoo_code)
    assert read.sender.email == ADDRESSES.sender
    assert read.confidential
    assert read.classification is not None
    assert read.classification.code == "6.10"
    assert read.reply is not None
    assert read.reply.identifier == replace(FIRST, register_code="PROT_1.A-" if register else "")


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("edition", ["60/2013", "2001/2009", "appendix_c"])
def test_an_answer_has_its_name_and_is_read_again(edition: AnswerEdition, name: str) -> None:
    written, xml = answer_file(ANSWERS[name], edition=edition)
    read = parse_return_message(xml)
    assert written == name
    assert type(read) is type(ANSWERS[name])
    if read.identifier is not None:
        assert read.identifier.number == IDENTIFIER.number


def test_what_has_no_file_cannot_go_by_mail() -> None:
    paper = replace(PLAIN, primary=replace(PRIMARY, carrier="paper"))
    with pytest.raises(Invalid):
        write_segnatura(paper, edition="60/2013", addresses=ADDRESSES)
