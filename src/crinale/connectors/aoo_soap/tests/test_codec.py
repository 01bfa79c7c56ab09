"""The messages are those of the official WSDLs, and every published spelling is understood."""

from __future__ import annotations

import os
from itertools import product
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from crinale.connectors.aoo_soap import codec, evidence, names
from crinale.connectors.aoo_soap.operations import (
    ANNUL_BY_RECIPIENT,
    ANNUL_BY_SENDER,
    CONFIRM,
    FORWARD,
    OPERATIONS,
    Operation,
)
from crinale.connectors.aoo_soap.refusals import TooDeep, WrongMessage
from crinale.connectors.aoo_soap.tests import official, support
from crinale.connectors.aoo_soap.tests.messages import forwarded, receive_packed, signed
from crinale.spine.exchange.ports import Anomaly, AnomalyCode
from crinale.spine.exchange.rules.anomalies import SPELLINGS

if TYPE_CHECKING:
    from crinale.connectors.aoo_soap.operations import Role

BOTH: dict[str, object] = {"sender": support.SENDER, "recipient": support.RECIPIENT}
REQUESTS: list[tuple[str, Operation, dict[str, object]]] = [
    ("confirm", CONFIRM, BOTH),
    ("annul_by_sender", ANNUL_BY_SENDER, {**BOTH, "act": "Det. 12 <bis> & ter", "note": None}),
    ("annul_by_sender", ANNUL_BY_SENDER, {**BOTH, "act": "Det. 12", "note": "nota\nsu due righe"}),
    ("annul_by_recipient", ANNUL_BY_RECIPIENT, {**BOTH, "act": "Det. 12", "note": ""}),
]


@official.needed
def test_a_forwarded_message_is_valid() -> None:
    files = [
        support.outgoing('a "b" <è>.pdf', os.urandom(2000)),
        support.outgoing("c.zip", os.urandom(200_000)),
    ]
    store = support.MemoryStore({file.sha256: file.open().read() for file in files})

    request = b"".join(evidence.restore(forwarded(files).evidence(), store.open))

    assert official.problems("destinatario", request) == []


@official.needed
@pytest.mark.parametrize(("_name", "operation", "values"), REQUESTS)
def test_the_other_requests_are_valid(_name: str, operation: Operation, values: dict[str, object]) -> None:
    request = signed(codec.request_body(operation, **values)).on_the_wire()  # type: ignore[arg-type]

    assert official.problems(operation.role, request) == []


ANOMALIES = [(operation, code) for operation in OPERATIONS for code in SPELLINGS[operation.key]]


@official.needed
@pytest.mark.parametrize(("operation", "code"), ANOMALIES)
def test_every_anomaly_is_written_as_the_wsdl_enumerates_it(operation: Operation, code: AnomalyCode) -> None:
    anomaly = Anomaly(code, 'perché "no" & basta')
    if operation is CONFIRM:
        body = codec.request_body(operation, sender=support.SENDER, recipient=None, anomaly=anomaly)
    else:
        recipient = None if operation is FORWARD else support.RECIPIENT
        body = codec.response_body(operation, sender=support.SENDER, recipient=recipient, anomaly=anomaly)

    assert official.problems(operation.role, signed(body).on_the_wire()) == []


@official.needed
@pytest.mark.parametrize("operation", OPERATIONS)
def test_responses_without_anomaly_are_valid(operation: Operation) -> None:
    recipient = support.RECIPIENT if operation in {ANNUL_BY_SENDER, ANNUL_BY_RECIPIENT} else None
    body = codec.response_body(operation, sender=support.SENDER, recipient=recipient)

    assert official.problems(operation.role, signed(body).on_the_wire()) == []


@official.needed
def test_the_oracle_does_find_fault() -> None:
    body = codec.response_body(FORWARD, sender=support.SENDER, recipient=support.RECIPIENT)

    assert official.problems("destinatario", signed(body).on_the_wire())


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("000_Irricevibile", "000"),
        ("000_Irricevibilita", "000"),
        ("003_DocumentoAllegatiNonLeggibili", "003"),
        ("004_DocumentoAllegatiErrorreValidazioneFirma", "004"),
        ("004_DocumentoAllegatiErroreValidazioneFirma", "004"),
        ("005_DocumentoAllegatiErroreValidazioneMarcaTemporale", "005"),
        ("005_DocumentoAllegatiErroreVaidazioneMarcaTemporale", "005"),
        (" 006_DocumentoAllegatiErroreValidazioneSigillo\n", "006"),
    ],
)
def test_every_published_spelling_is_understood(spelling: str, code: str) -> None:
    request = _confirm(f'<s:Anomalia info=" perché ">{spelling}</s:Anomalia>')

    assert codec.read_confirm(request, CONFIRM).anomaly == Anomaly(AnomalyCode(code), "perché")


def test_both_spellings_of_the_digest_anomaly_are_understood() -> None:
    for spelling in ("002_AnomaliaImpronte", "002_AnomaliaImpronta"):
        inner = _identifier("d") + f"<d:Anomalia>{spelling}</d:Anomalia>"
        body = etree.fromstring(
            f'<b xmlns:d="{names.RECIPIENT}"><d:ResponseMessageInoltro>{inner}</d:ResponseMessageInoltro></b>'
        )
        answer = codec.read_answer(body, FORWARD)
        assert isinstance(answer, codec.Answer)
        assert answer.anomaly == Anomaly(AnomalyCode.DIGEST)


def _identifier(prefix: str, *, number: str = "0000042", day: str = "2026-11-23", hour: str = "") -> str:
    time = f"<p:OraRegistrazione>{hour}</p:OraRegistrazione>" if hour else ""
    return (
        f'<{prefix}:IdentificatoreMittente xmlns:p="{names.PROT}">'
        f'<p:CodiceAmministrazione p:descrizione="x"> c_f032'
        "</p:CodiceAmministrazione><p:CodiceAOO>A1B2C3D</p:CodiceAOO><p:CodiceRegistro>PG</p:CodiceRegistro>"
        f"<p:NumeroRegistrazione>{number}</p:NumeroRegistrazione>"
        f"<p:DataRegistrazione>{day}</p:DataRegistrazione>"
        f"{time}</{prefix}:IdentificatoreMittente>"
    )


def _confirm(inner: str, **identifier: str) -> etree._Element:
    return etree.fromstring(
        f'<s:RequestConfermaMessaggioInoltro xmlns:s="{names.SENDER}">{_identifier("s", **identifier)}{inner}'
        "</s:RequestConfermaMessaggioInoltro>"
    )


ANOMALY = "<s:Anomalia>000_Irricevibile</s:Anomalia>"


@pytest.mark.parametrize("hour", ["", "10:30:00", "10:30:00.25", "10:30:00Z", "10:30:00+01:00"])
def test_identifiers_are_read_in_every_form_that_the_schema_allows(hour: str) -> None:
    found = codec.read_confirm(_confirm(ANOMALY, hour=hour, day="2026-11-23+01:00"), CONFIRM).sender

    assert found.key == support.SENDER.key
    assert (found.time is None) == (not hour)


@pytest.mark.parametrize("number", ["0000000042", "0000042"])
def test_a_number_is_given_back_as_its_sender_wrote_it(number: str) -> None:
    found = codec.read_confirm(_confirm(ANOMALY, number=number), CONFIRM).sender

    (_open, inner, _close) = codec.response_body(CONFIRM, sender=found)

    assert isinstance(inner, bytes)
    assert f">{number}<".encode() in inner
    assert found.key == support.SENDER.key


@pytest.mark.parametrize(
    ("inner", "identifier", "reason"),
    [
        ("", {}, "either"),
        ("<s:Anomalia>009_Altro</s:Anomalia>", {}, "009_Altro"),
        (ANOMALY, {"number": "x"}, "IdentificatoreMittente"),
        (ANOMALY, {"day": "23/11/2026"}, "IdentificatoreMittente"),
        (ANOMALY, {"hour": "25:00"}, "IdentificatoreMittente"),
    ],
)
def test_what_does_not_make_sense_is_refused_with_its_reason(
    inner: str, identifier: dict[str, str], reason: str
) -> None:
    with pytest.raises(WrongMessage, match=reason):
        codec.read_confirm(_confirm(inner, **identifier), CONFIRM)


def test_a_file_outside_the_request_is_refused() -> None:
    files = [support.outgoing("a.pdf", b"content")]
    received = receive_packed(forwarded(files))
    _operation, request = codec.operation_of(received.message.body, "destinatario")
    stranger = etree.SubElement(request, names.q(names.MSGPROT, "File"))
    stranger.text = "YQ=="

    with pytest.raises(WrongMessage, match="outside"):
        codec.read_forward(request, received.reading)


def test_operations_belong_to_one_interface() -> None:
    roles: tuple[Role, Role] = ("destinatario", "mittente")
    for operation, role in product(OPERATIONS, roles):
        body = etree.Element("body")
        etree.SubElement(body, names.q(operation.namespace, operation.request))
        if operation.role == role:
            assert codec.operation_of(body, role)[0] is operation
        else:
            with pytest.raises(WrongMessage, match=role):
                codec.operation_of(body, role)


def test_a_fault_is_readable_by_people_and_programs() -> None:
    text = codec.fault_envelope(TooDeep("\x00<100>"))
    fault = codec.read_answer(etree.fromstring(text)[0], FORWARD)

    assert isinstance(fault, codec.Fault)
    assert fault.code == "soap:Client"
    assert "annidati" in fault.text
    assert "nested" in fault.text
    assert etree.fromstring(text).findtext(".//{urn:crinale:fault}motivo") == "depth"
