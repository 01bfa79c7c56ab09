"""What the exchange may count on from a transport: the real one (HTTPS, mutual TLS) and the fake alike."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from crinale.connectors.aoo_soap.client import SoapTransport
from crinale.connectors.aoo_soap.fake import FakeTransport
from crinale.connectors.aoo_soap.tests import support
from crinale.connectors.aoo_soap.tests.desk import RecordingDesk, client_tls, make_node, serving
from crinale.connectors.aoo_soap.tests.support import RECIPIENT, SENDER
from crinale.connectors.aoo_soap.ws_security import Signer
from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.exchange.ports import Anomaly, AnomalyCode, Endpoint, TransportFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crinale.spine.exchange.ports import Transport


@dataclass
class Setting:
    """A transport of the sender and the desk of the recipient behind it."""

    transport: Transport
    desk: RecordingDesk
    store: support.MemoryStore
    to: Endpoint
    nowhere: Endpoint


@pytest.fixture(params=["real", "fake"])
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Setting]:
    desk, store = RecordingDesk(), support.MemoryStore()
    certificates = (support.key("recipient").der,)
    with clock.frozen(support.NOW):
        if request.param == "fake":
            transport = FakeTransport(
                store,
                desks={RECIPIENT.aoo_code: desk},
                certificates={SENDER.aoo_code: support.key("sender").der},
            )
            to = Endpoint(RECIPIENT.aoo_code, "https://localhost", certificates)
            yield Setting(transport, desk, store, to, Endpoint("A000000", "https://localhost", certificates))
            return
        with serving(tmp_path, lambda prefix: make_node(desk, store, prefix=prefix)) as prefix:
            real = SoapTransport(
                tls=client_tls(tmp_path),
                trust=support.trust(),
                store=support.MemoryStore(),
                signer=lambda _code: Signer(support.key("sender")),
                own_endpoint=lambda code: f"https://localhost/aoo/{code}",
                floor_seconds=10,
            )
            to = Endpoint(RECIPIENT.aoo_code, f"{prefix}/aoo/{RECIPIENT.aoo_code}", certificates)
            yield Setting(real, desk, store, to, Endpoint("A000000", f"{prefix}/aoo/A000000", certificates))
            real.close()


def test_a_forwarded_message_arrives_with_its_seal_and_its_files(setting: Setting) -> None:
    contents = {"delibera è.pdf": os.urandom(50_000), "piano.zip": os.urandom(700_001), "nota.txt": b"a"}
    files = [support.outgoing(name, content) for name, content in contents.items()]
    segnatura = support.segnatura(files)

    answer = setting.transport.forward(
        sender_aoo=SENDER.aoo_code, to=setting.to, segnatura=segnatura, files=files
    )

    assert answer.identifier == SENDER
    assert answer.anomaly is None
    ((name, received),) = setting.desk.calls
    assert name == "forward"
    assert received["area_code"] == RECIPIENT.aoo_code
    assert received["peer"].aoo_code == SENDER.aoo_code
    assert received["peer"].certificate == support.key("sender").der
    assert etree.tostring(
        etree.fromstring(received["segnatura"]), method="c14n", exclusive=True
    ) == etree.tostring(etree.fromstring(segnatura), method="c14n", exclusive=True)
    assert [(one.name, one.size, one.sha256) for one in received["files"]] == [
        (one.name, one.size, one.sha256) for one in files
    ]
    assert {
        name: setting.store.blobs[one.sha256] for name, one in zip(contents, received["files"], strict=True)
    } == (contents)


def test_both_sides_keep_the_same_envelopes(setting: Setting) -> None:
    files = [support.outgoing("a.pdf", os.urandom(1000)), support.outgoing("b.pdf", os.urandom(200_000))]

    answer = setting.transport.forward(
        sender_aoo=SENDER.aoo_code, to=setting.to, segnatura=support.segnatura(files), files=files
    )

    ((_, received),) = setting.desk.calls
    assert answer.evidence.request == received["evidence_request"]
    assert answer.evidence.response == next(iter(setting.desk.responses.values()))
    restored = b"".join(setting.transport.restore(answer.evidence.request, setting.store.open))
    texts = etree.fromstring(restored, etree.XMLParser(huge_tree=True)).findall(".//{*}File")
    assert [len(text.text or "") for text in texts] == [1336, 266_668]


@pytest.mark.parametrize("code", [AnomalyCode.SEAL, AnomalyCode.DIGEST])
def test_an_anomaly_is_an_answer(setting: Setting, code: AnomalyCode) -> None:
    files = [support.outgoing("a.pdf", b"content")]
    setting.desk.anomaly = Anomaly(code, 'Sigillo "errato" & altro')

    answer = setting.transport.forward(
        sender_aoo=SENDER.aoo_code, to=setting.to, segnatura=support.segnatura(files), files=files
    )

    assert answer.anomaly == setting.desk.anomaly


@pytest.mark.parametrize(
    ("number", "anomaly"),
    [
        (RECIPIENT, None),
        *((None, Anomaly(AnomalyCode(code), "perché")) for code in ("000", "003", "004", "005", "006")),
    ],
)
def test_a_confirmation_carries_the_number_or_the_refusal(
    setting: Setting, number: object, anomaly: Anomaly | None
) -> None:
    answer = setting.transport.confirm(
        sender_aoo=SENDER.aoo_code,
        to=setting.to,
        sender_identifier=RECIPIENT,
        recipient_identifier=SENDER if number else None,
        anomaly=anomaly,
    )

    assert answer.identifier == RECIPIENT
    ((name, received),) = setting.desk.calls
    assert name == "confirm"
    assert received["sender_identifier"] == RECIPIENT
    assert received["recipient_identifier"] == (SENDER if number else None)
    assert received["anomaly"] == anomaly
    assert received["peer"].aoo_code == SENDER.aoo_code


@pytest.mark.parametrize(
    "anomaly", [None, Anomaly(AnomalyCode.UNRECEIVABLE, "x"), Anomaly(AnomalyCode.NOT_FOUND)]
)
def test_annulments_name_both_registrations(setting: Setting, anomaly: Anomaly | None) -> None:
    setting.desk.anomaly = anomaly
    to = setting.to

    first = setting.transport.annul_by_sender(
        sender_aoo=SENDER.aoo_code,
        to=to,
        sender_identifier=SENDER,
        recipient_identifier=RECIPIENT,
        act="Det. 1",
        note=None,
    )
    second = setting.transport.annul_by_recipient(
        sender_aoo=SENDER.aoo_code,
        to=to,
        sender_identifier=RECIPIENT,
        recipient_identifier=SENDER,
        act="Det. 2",
        note="n",
    )

    assert (first.sender_identifier, first.recipient_identifier, first.anomaly) == (
        SENDER,
        RECIPIENT,
        anomaly,
    )
    assert (second.sender_identifier, second.recipient_identifier, second.anomaly) == (
        RECIPIENT,
        SENDER,
        anomaly,
    )
    assert [(name, call["act"], call["note"]) for name, call in setting.desk.calls] == [
        ("annul_by_sender", "Det. 1", None),
        ("annul_by_recipient", "Det. 2", "n"),
    ]


@pytest.mark.parametrize("error", [Invalid("segnatura", "unreadable"), NotVisible()])
def test_what_the_desk_does_not_accept_fails_with_evidence(setting: Setting, error: Exception) -> None:
    setting.desk.error = error
    files = [support.outgoing("a.pdf", b"content")]

    with pytest.raises(TransportFailure) as failure:
        setting.transport.forward(
            sender_aoo=SENDER.aoo_code, to=setting.to, segnatura=support.segnatura(files), files=files
        )

    assert failure.value.code == "fault"
    assert failure.value.evidence is not None
    assert b"Segnatura" in failure.value.evidence.request


def test_an_area_that_is_not_there_is_a_failure(setting: Setting) -> None:
    files = [support.outgoing("a.pdf", b"content")]

    with pytest.raises(TransportFailure) as failure:
        setting.transport.forward(
            sender_aoo=SENDER.aoo_code, to=setting.nowhere, segnatura=support.segnatura(files), files=files
        )

    assert failure.value.code == "fault"
    assert "unknown-area" in failure.value.text or "AOO" in failure.value.text
    assert not setting.desk.calls
