"""A foreign area that exchanges with the network: it sends what it likes, and answers what it is told."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import itertools
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from uuid import UUID, uuid4
from wsgiref.simple_server import make_server

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from crinale.connectors.aoo_soap.client import SoapTransport
from crinale.connectors.aoo_soap.node import Node
from crinale.connectors.aoo_soap.node import node as node_port
from crinale.connectors.aoo_soap.tests.desk import _Quiet, _Server, application
from crinale.connectors.aoo_soap.ws_security import Signer
from crinale.connectors.blob_folder import FolderBlobStore
from crinale.connectors.file_keys import FileSealKey
from crinale.kernel import clock
from crinale.spine.exchange.values import ConfirmReply, Endpoint, OutgoingFile, WireRef
from crinale.spine.protocol.rules.digests import Digest
from crinale.spine.protocol.rules.identifier import Identifier
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.protocol.rules.segnatura import prepare
from crinale.spine.protocol.rules.segnatura_data import Classification, DocumentData, SegnaturaContent
from crinale.spine.records.signatures.certificates import TrustStore
from crinale.spine.records.signatures.xades import seal
from tests.network import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crinale.connectors.aoo_soap.node import Desk
    from crinale.spine.exchange.values import ForwardAnswer
    from tests.network import Network

RECIPIENT = "AI45401"
_numbers = itertools.count(int(datetime.now(UTC).timestamp()))


@dataclass(frozen=True)
class Letter:
    """A sealed segnatura and its files, ready to go, or to be spoilt first."""

    identifier: Identifier
    segnatura: bytes
    files: tuple[OutgoingFile, ...]


@dataclass
class Peer:
    """The test client of `endpoints.json`."""

    network: Network
    confirmations: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @property
    def described(self) -> dict[str, Any]:
        found: dict[str, Any] = self.network.endpoints["test_client"]
        return found

    @property
    def store(self) -> FolderBlobStore:
        """Where it keeps what it receives."""
        return FolderBlobStore(self.network.home / "peer")

    def credentials(self, kind: str = "") -> dict[str, Any]:
        """Our own, or those of a `kind` that must be refused: expired, unknown_authority."""
        found: dict[str, Any] = (
            self.network.endpoints["refused_credentials"][kind] if kind else self.described
        )
        return found

    def letter(
        self,
        *,
        files: Sequence[OutgoingFile] | None = None,
        to: str = RECIPIENT,
        classification: Classification | None = None,
        subject: str = "Prova di interoperabilità con un sistema di terzi",
        seal_with: str = "",
    ) -> Letter:
        """Make a sealed letter to an area."""
        given = tuple(files or (outgoing("lettera.txt", b"Si trasmette quanto in oggetto.\n"),))
        area = self.network.area(to)
        held = self.described
        identifier = Identifier(held["ipa_code"], held["aoo_code"], "PG", next(_numbers), clock.today(), None)
        documents = [
            DocumentData(file_name=one.name, mime_type=one.media_type, digest=Digest.of_sha256(one.sha256))
            for one in given
        ]
        content = SegnaturaContent(
            subject=subject,
            classification=classification or Classification("1.15", "Forme associative"),
            sender=PartyData(
                kind="administration", name=held["body"], ipa_code=held["ipa_code"], aoo_code=held["aoo_code"]
            ),
            recipients=(
                PartyData(
                    kind="administration",
                    name=area["body"],
                    ipa_code=area["ipa_code"],
                    aoo_code=area["aoo_code"],
                ),
            ),
            primary=documents[0],
            attachments=tuple(documents[1:]),
        )
        key = _key(self.credentials(seal_with)["seal"])
        xml = seal(prepare(content).finish(identifier), key=key, signing_time=clock.now())
        return Letter(identifier, xml, given)

    def send(
        self, letter: Letter, *, to: str = RECIPIENT, tls: str = "", sign_with: str = ""
    ) -> ForwardAnswer:
        """MessaggioInoltro over HTTPS, as the foreign system's own client would."""
        return self.transport(tls=tls, sign_with=sign_with).forward(
            sender_aoo=self.described["aoo_code"],
            to=self.endpoint(to),
            segnatura=letter.segnatura,
            files=letter.files,
        )

    def endpoint(self, aoo_code: str) -> Endpoint:
        area = self.network.area(aoo_code)
        certificate = x509.load_pem_x509_certificate(Path(area["message_certificate"]).read_bytes())
        return Endpoint(aoo_code, area["endpoint"], (certificate.public_bytes(Encoding.DER),))

    def transport(self, *, tls: str = "", sign_with: str = "") -> SoapTransport:
        signer = Signer(_key(self.credentials(sign_with)["message_signature"]))
        return SoapTransport(
            tls=self.client_tls(tls),
            trust=self.trust(),
            store=self.store,
            signer=lambda _: signer,
            own_endpoint=lambda _: self.described["endpoint"],
        )

    def client_tls(self, kind: str = "") -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.network.endpoints["ca"])
        held = self.credentials(kind)["tls"]
        context.load_cert_chain(held["certificate"], held["key"])
        return context

    def trust(self) -> TrustStore:
        return TrustStore.from_pem(Path(self.network.endpoints["ca"]).read_bytes())

    # What it answers

    def receive_confirmation(self, **values: Any) -> ConfirmReply:
        self.confirmations.append(values)
        return ConfirmReply(
            values["sender_identifier"], WireRef(UUID(int=1), uuid4(), uuid4(), None, "confirm")
        )

    def keep_response(self, *_: object) -> None:
        """A foreign system keeps its own evidence."""

    def confirmation_of(self, letter: Letter, *, seconds: float = 30) -> dict[str, Any]:
        """Wait for ConfermaMessaggioInoltro about a letter."""

        def found() -> list[dict[str, Any]]:
            number = letter.identifier.number
            return [one for one in self.confirmations if one["sender_identifier"].number == number]

        wait_until(
            lambda: bool(found()),
            seconds,
            f"the confirmation of {letter.identifier.number_text}",
            story=self.network.story,
        )
        return found()[0]

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Serve the address that the index gives for this area."""
        address = urlsplit(self.described["endpoint"])
        server = make_server(
            "127.0.0.1", address.port or 0, application, server_class=_Server, handler_class=_Quiet
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        held = self.described["tls"]
        context.load_cert_chain(held["certificate"], held["key"])
        context.load_verify_locations(self.network.endpoints["ca"])
        context.verify_mode = ssl.CERT_REQUIRED
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        with node_port.replaced(self._node()):
            thread.start()
            try:
                yield
            finally:
                server.shutdown()
                server.server_close()
                thread.join()

    def _node(self) -> Node:
        held = self.described
        listed = {
            self.endpoint(area["aoo_code"]).message_certificates[0]: frozenset({area["aoo_code"]})
            for node in self.network.endpoints["nodes"].values()
            for area in node["areas"]
        }
        return Node(
            desk=cast("Desk", self),  # it is asked for confirmations only
            store=self.store,
            trust=self.trust(),
            endpoint=lambda code: held["endpoint"] if code == held["aoo_code"] else None,
            peers=lambda certificate: listed.get(certificate, frozenset()),
            signer=lambda _: Signer(_key(held["message_signature"])),
        )


def _key(held: dict[str, str]) -> FileSealKey:
    return FileSealKey.load(key=Path(held["key"]), certificate=Path(held["certificate"]))


def outgoing(name: str, content: bytes, media_type: str = "text/plain") -> OutgoingFile:
    """A file in memory."""
    return OutgoingFile(
        name, media_type, len(content), hashlib.sha256(content).hexdigest(), lambda: io.BytesIO(content)
    )
