"""The client of the four operations: the transport of the exchange, over HTTPS with mutual authentication.

How long to wait is the retransmission threshold of Allegato 6 (section 3.2.3): one second for each 50 KB of
the message, not below a floor that the node configures. What may pass by itself (time-outs, broken
connections, faults, 5xx, answers that cannot be trusted) is a ``TransportFailure``, to be tried again
later.
"""

from __future__ import annotations

import io
import ssl
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from crinale.connectors.aoo_soap import codec
from crinale.connectors.aoo_soap.evidence import restore
from crinale.connectors.aoo_soap.limits import Limits
from crinale.connectors.aoo_soap.operations import (
    ANNUL_BY_RECIPIENT,
    ANNUL_BY_SENDER,
    CONFIRM,
    FORWARD,
)
from crinale.connectors.aoo_soap.outgoing import pack
from crinale.connectors.aoo_soap.reading import read_message
from crinale.connectors.aoo_soap.refusals import MessageRefused
from crinale.connectors.aoo_soap.verifying import Verifier, parse
from crinale.connectors.aoo_soap.ws_security import Addressing, new_message_id
from crinale.kernel import clock
from crinale.spine.exchange.ports import AnnulAnswer, ForwardAnswer, TransportFailure, WireEvidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import BinaryIO

    from crinale.connectors.aoo_soap.codec import Answer
    from crinale.connectors.aoo_soap.operations import Operation
    from crinale.connectors.aoo_soap.outgoing import Envelope, Piece, Wire
    from crinale.connectors.aoo_soap.ws_security import Signer
    from crinale.spine.exchange.ports import Anomaly, Endpoint, Identifier, OutgoingFile
    from crinale.spine.records.ports import BlobStore
    from crinale.spine.records.signatures.certificates import TrustStore

REFERENCE_BYTES: Final = 50 * 1024
REFERENCE_SECONDS: Final = 1.0
SENT_AGAIN_BYTES: Final = 4 << 20
CONNECT_SECONDS: Final = 10.0
ANSWER_LIMITS: Final = Limits(total=1 << 20, markup=1 << 20, files=0)
EVIDENCE_TYPE: Final = "text/xml; charset=utf-8"


@dataclass(frozen=True)
class SoapTransport:
    """Carries messages to other areas; one per process, used from many threads.

    ``signer`` gives the signer of an area of this node, ``own_endpoint`` the address prefix under which the
    index publishes it (None if it has none). ``tls`` holds the client certificate and the authorities of
    servers.
    """

    tls: ssl.SSLContext
    trust: TrustStore
    store: BlobStore
    signer: Callable[[str], Signer]
    own_endpoint: Callable[[str], str | None]
    floor_seconds: float = 30.0
    connections: int = 16
    _pool: urllib3.PoolManager = field(init=False, repr=False)
    _verifier: Verifier = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Open the pool of kept connections."""
        pool = urllib3.PoolManager(
            num_pools=64, maxsize=self.connections, ssl_context=self.tls, retries=False, block=False
        )
        object.__setattr__(self, "_pool", pool)
        object.__setattr__(self, "_verifier", Verifier(trust=self.trust, store=self.store))

    def close(self) -> None:
        """Close the kept connections."""
        self._pool.clear()

    def forward(
        self, *, sender_aoo: str, to: Endpoint, segnatura: bytes, files: Sequence[OutgoingFile]
    ) -> ForwardAnswer:
        """MessaggioInoltro."""
        answer, evidence = self._call(FORWARD, sender_aoo, to, codec.forward_body(segnatura, files))
        return ForwardAnswer(answer.sender, answer.anomaly, evidence)

    def confirm(
        self,
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier | None,
        anomaly: Anomaly | None,
    ) -> ForwardAnswer:
        """ConfermaMessaggioInoltro."""
        body = codec.request_body(
            CONFIRM, sender=sender_identifier, recipient=recipient_identifier, anomaly=anomaly
        )
        answer, evidence = self._call(CONFIRM, sender_aoo, to, body)
        return ForwardAnswer(answer.sender, answer.anomaly, evidence)

    def annul_by_sender(
        self,
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier,
        act: str,
        note: str | None,
    ) -> AnnulAnswer:
        """AnnullamentoInoltroMittente."""
        body = codec.request_body(
            ANNUL_BY_SENDER, sender=sender_identifier, recipient=recipient_identifier, act=act, note=note
        )
        return _annulled(*self._call(ANNUL_BY_SENDER, sender_aoo, to, body))

    def annul_by_recipient(
        self,
        *,
        sender_aoo: str,
        to: Endpoint,
        sender_identifier: Identifier,
        recipient_identifier: Identifier,
        act: str,
        note: str,
    ) -> AnnulAnswer:
        """AnnullamentoInoltroDestinatario."""
        body = codec.request_body(
            ANNUL_BY_RECIPIENT, sender=sender_identifier, recipient=recipient_identifier, act=act, note=note
        )
        return _annulled(*self._call(ANNUL_BY_RECIPIENT, sender_aoo, to, body))

    def restore(self, envelope: bytes, open_blob: Callable[[str], BinaryIO]) -> Iterable[bytes]:
        """Give a kept envelope as it was signed."""
        return restore(envelope, open_blob)

    def _call(
        self, operation: Operation, sender_aoo: str, to: Endpoint, body: list[Piece]
    ) -> tuple[Answer, WireEvidence]:
        url = f"{to.url.rstrip('/')}/protocollo/{operation.role}"
        addressing = Addressing(
            to=url,
            action=operation.action(operation.request),
            message_id=new_message_id(),
            sent_from=self.own_endpoint(sender_aoo),
        )
        envelope = self.signer(sender_aoo).sign(body, addressing=addressing, instant=clock.now())
        received = self._send(url, pack(envelope), envelope)
        evidence = WireEvidence(envelope.evidence(), received.content, EVIDENCE_TYPE)
        return self._understand(operation, to, envelope, received, evidence), evidence

    def _send(self, url: str, wire: Wire, envelope: Envelope) -> _Received:
        try:
            try:
                return self._post(url, wire)
            except (HTTPError, OSError) as error:
                # Most often a kept connection that the server closed meanwhile. The receiver answers a
                # repeated message the same, so it is sent again at once, on a fresh connection.
                if not _broke(error) or wire.length > SENT_AGAIN_BYTES:
                    raise
                return self._post(url, wire)
        except (HTTPError, OSError) as error:
            unanswered = WireEvidence(envelope.evidence(), None, EVIDENCE_TYPE)
            raise TransportFailure(_code_of(error), _reason(error), unanswered) from error

    def _post(self, url: str, wire: Wire) -> _Received:
        seconds = max(self.floor_seconds, REFERENCE_SECONDS * wire.length / REFERENCE_BYTES)
        deadline = time.monotonic() + seconds
        single = wire.parts[0] if len(wire.parts) == 1 and isinstance(wire.parts[0], bytes) else None
        response = self._pool.request(
            "POST",
            url,
            body=single if single is not None else wire.pieces(),
            headers={
                "Content-Type": wire.content_type,
                "Content-Length": str(wire.length),
                "SOAPAction": '""',
                "Accept": "text/xml, multipart/related",
            },
            timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds),
            preload_content=False,
            redirect=False,
        )
        try:
            content = bytearray()
            while piece := response.read(64 * 1024):
                content += piece
                if len(content) > ANSWER_LIMITS.total:
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError
        finally:
            if response.length_remaining in {0, None} and len(content) <= ANSWER_LIMITS.total:
                response.release_conn()
            else:
                response.close()
        return _Received(response.status, response.headers.get("Content-Type", ""), bytes(content))

    def _understand(
        self,
        operation: Operation,
        to: Endpoint,
        envelope: Envelope,
        received: _Received,
        evidence: WireEvidence,
    ) -> Answer:
        instant = clock.now()
        try:
            reading = read_message(
                io.BytesIO(received.content),
                declared_type=received.content_type,
                length=len(received.content),
                store=self.store,
                limits=ANSWER_LIMITS,
            )
            parts = parse(reading, ANSWER_LIMITS)
            answer = codec.read_answer(parts.body, operation)
            if isinstance(answer, codec.Fault):
                raise TransportFailure("fault", f"{answer.code}: {answer.text}", evidence)
            if received.status != HTTPStatus.OK:
                raise TransportFailure("http", f"HTTP {received.status}", evidence)
            message = self._verifier.verify(parts, reading, instant=instant)
        except MessageRefused as refused:
            if received.status != HTTPStatus.OK:
                raise TransportFailure("http", f"HTTP {received.status}", evidence) from refused
            raise TransportFailure("answer", str(refused), evidence) from refused
        if message.relates_to != envelope.message_id:
            raise TransportFailure("answer", "The answer is to another message.", evidence)
        if message.confirms not in {None, envelope.signature}:
            raise TransportFailure("answer", "The answer confirms another signature than ours.", evidence)
        if message.certificate not in to.message_certificates:
            raise TransportFailure(
                "answer", "The index does not list the certificate of the answer.", evidence
            )
        return answer


@dataclass(frozen=True, slots=True)
class _Received:
    status: int
    content_type: str
    content: bytes


def _annulled(answer: Answer, evidence: WireEvidence) -> AnnulAnswer:
    if answer.recipient is None:
        raise TransportFailure("answer", "The answer does not name the recipient's registration.", evidence)
    return AnnulAnswer(answer.sender, answer.recipient, answer.anomaly, evidence)


def _inner(error: Exception) -> Exception:
    return error.reason if isinstance(error, MaxRetryError) and error.reason is not None else error


def _broke(error: Exception) -> bool:
    """Say whether a connection ended without an answer; TLS calls it so when nobody said goodbye."""
    inner = _inner(error)
    if isinstance(inner, SSLError):
        return any(isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError) for cause in inner.args)
    return isinstance(inner, ProtocolError | ConnectionResetError | BrokenPipeError)


def _code_of(error: Exception) -> str:
    inner = _inner(error)
    if isinstance(inner, NewConnectionError):  # which urllib3 counts among the time-outs
        return "connection"
    if isinstance(inner, ConnectTimeoutError | ReadTimeoutError | TimeoutError):
        return "timeout"
    return "tls" if isinstance(inner, SSLError) and not _broke(inner) else "connection"


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:500]
