"""A client generated from our WSDL by a foreign library talks with us; our signer adds the signature only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import requests
import zeep
import zeep.plugins
import zeep.transports
from lxml import etree

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.sealed import embed
from crinale.connectors.aoo_soap.tests import support
from crinale.connectors.aoo_soap.tests.desk import RecordingDesk, authority_file, make_node, serving
from crinale.connectors.aoo_soap.ws_security import Addressing, Signer, new_message_id
from crinale.kernel import clock
from crinale.spine.exchange.ports import Anomaly, AnomalyCode
from crinale.spine.records.signatures.xades import verify_seal
from crinale.spine.records.signatures.xmldsig import canonicalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crinale.connectors.aoo_soap.operations import Role


class AddSignature(zeep.plugins.Plugin):
    """Signs what zeep is about to send.

    zeep writes elements anew with prefixes of its own, which no seal survives: the sealed one goes in as it
    was.
    """

    def __init__(self) -> None:
        self.segnatura: bytes | None = None

    def egress(
        self,
        envelope: etree._Element,
        http_headers: Any,
        operation: Any,  # noqa: ARG002 - zeep passes it
        binding_options: Any,
    ) -> Any:
        body = envelope.find(names.q(names.SOAP, "Body"))
        assert body is not None
        if self.segnatura is not None:
            body[0].replace(body[0][0], etree.fromstring(self.segnatura))
        signed = Signer(support.key("sender")).sign(
            [canonicalize(body[0])],
            addressing=Addressing(binding_options["address"], "", new_message_id()),
            instant=support.NOW,
        )
        return etree.fromstring(signed.on_the_wire()), http_headers


@pytest.fixture
def desk() -> RecordingDesk:
    return RecordingDesk()


@pytest.fixture
def connect(tmp_path: Path, desk: RecordingDesk) -> Iterator[Callable[[Role], zeep.Client]]:
    session = requests.Session()
    session.trust_env = False  # else a bundle named in the environment would win over ours
    session.verify = str(authority_file(tmp_path))
    certificate, key = support.key("sender").write(tmp_path, "zeep")
    session.cert = (str(certificate), str(key))
    store = support.MemoryStore()
    with (
        clock.frozen(support.NOW),
        serving(tmp_path, lambda prefix: make_node(desk, store, prefix=prefix)) as prefix,
    ):

        def client(role: Role) -> zeep.Client:
            url = f"{prefix}/aoo/{support.RECIPIENT.aoo_code}/protocollo/{role}?wsdl"
            transport = zeep.transports.Transport(  # type: ignore[no-untyped-call]
                session=session, timeout=10, operation_timeout=10
            )
            return zeep.Client(  # type: ignore[no-untyped-call]
                url, transport=transport, plugins=[AddSignature()]
            )

        yield client
        session.close()


IDENTIFIER = {
    "CodiceAmministrazione": "c_f032",
    "CodiceAOO": "A1B2C3D",
    "CodiceRegistro": "PG",
    "NumeroRegistrazione": "0000042",
    "DataRegistrazione": "2026-11-23",
}
OTHER = {**IDENTIFIER, "CodiceAOO": "AZZ9PLU", "NumeroRegistrazione": "0000007"}


def test_a_message_with_its_seal_and_files(
    connect: Callable[[Role], zeep.Client], desk: RecordingDesk
) -> None:
    client = connect("destinatario")
    content = os.urandom(100_000)
    file = support.outgoing("delibera è.pdf", content)
    kind = client.get_type(  # type: ignore[no-untyped-call]
        names.q(names.PROT, "SegnaturaInformaticaType")
    )
    client.plugins[0].segnatura = embed(support.segnatura([file]))
    sealed = kind.parse_xmlelement(etree.fromstring(client.plugins[0].segnatura), client.wsdl.types)

    answer = client.service.MessaggioInoltro(
        Segnatura=sealed, File=[{"_value_1": content, "nomeFile": file.name, "mimeType": file.media_type}]
    )

    assert answer.IdentificatoreMittente.NumeroRegistrazione == "0000042"
    assert answer.Anomalia is None
    ((_name, received),) = desk.calls
    assert [(one.name, one.sha256) for one in received["files"]] == [(file.name, file.sha256)]
    assert verify_seal(received["segnatura"], trust=support.trust(), at=support.NOW).valid


def test_a_confirmation(connect: Callable[[Role], zeep.Client], desk: RecordingDesk) -> None:
    answer = connect("mittente").service.ConfermaMessaggioInoltro(
        IdentificatoreMittente=OTHER, IdentificatoreDestinatario=IDENTIFIER
    )

    assert answer.NumeroRegistrazione == "0000007"
    assert desk.calls[0][1]["recipient_identifier"].number == 42


def test_annulments_and_their_anomalies(connect: Callable[[Role], zeep.Client], desk: RecordingDesk) -> None:
    desk.anomaly = Anomaly(AnomalyCode.NOT_FOUND, "mai ricevuto")
    first = connect("destinatario").service.AnnullamentoInoltroMittente(
        IdentificatoreMittente=IDENTIFIER, IdentificatoreDestinatario=OTHER, RiferimentoProvvedimento="Det. 1"
    )
    second = connect("mittente").service.AnnullamentoInoltroDestinatario(
        IdentificatoreMittente=OTHER,
        IdentificatoreDestinatario=IDENTIFIER,
        RiferimentoProvvedimento="Det. 2",
        Note="nota",
    )

    for answer in (first, second):
        assert answer.Anomalia["_value_1"] == "007_ErroreIdentificatoreNonTrovato"
        assert answer.Anomalia.info == "mai ricevuto"


def test_a_fault_reaches_the_foreign_client(
    connect: Callable[[Role], zeep.Client], desk: RecordingDesk
) -> None:
    desk.error = RuntimeError()
    with pytest.raises(zeep.exceptions.Fault, match="riprovare"):
        connect("mittente").service.ConfermaMessaggioInoltro(
            IdentificatoreMittente=OTHER, IdentificatoreDestinatario=IDENTIFIER
        )
