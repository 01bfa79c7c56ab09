"""What goes wrong on the way is told apart, and nothing that cannot be trusted counts as an answer."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from crinale.connectors.aoo_soap import codec
from crinale.connectors.aoo_soap.client import SoapTransport
from crinale.connectors.aoo_soap.operations import CONFIRM, FORWARD
from crinale.connectors.aoo_soap.outgoing import pack
from crinale.connectors.aoo_soap.refusals import TooDeep
from crinale.connectors.aoo_soap.tests import support
from crinale.connectors.aoo_soap.tests.desk import authority_file, client_tls
from crinale.connectors.aoo_soap.tests.messages import forwarded
from crinale.connectors.aoo_soap.ws_security import ANONYMOUS, Addressing, Signer
from crinale.kernel import clock
from crinale.spine.exchange.ports import Endpoint, TransportFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crinale.spine.exchange.ports import ForwardAnswer

FILES = [support.outgoing("a.pdf", b"content")]


class Peer:
    """A peer that answers each request as it is told: one entry of ``replies`` for each."""

    def __init__(self, folder: Path, key: support.Key, *, demand: bool) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*key.write(folder, "peer"))
        if demand:
            self._context.load_verify_locations(authority_file(folder))
            self._context.verify_mode = ssl.CERT_REQUIRED
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.replies: list[Callable[[bytes], bytes | None]] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._socket.getsockname()[1]}/aoo/{support.RECIPIENT.aoo_code}"

    def _run(self) -> None:
        while True:
            try:
                plain, _address = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            try:
                with self._context.wrap_socket(plain, server_side=True) as connection:
                    self._converse(connection)
            except OSError:
                continue

    def _converse(self, connection: ssl.SSLSocket) -> None:
        with connection.makefile("rb") as stream:
            while self.replies:
                length = 0
                while (line := stream.readline().strip()) or not line:
                    if not line:
                        break
                    name, _colon, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                if not length:
                    return
                self.requests.append(stream.read(length))
                answer = self.replies.pop(0)(self.requests[-1])
                if answer is None:
                    return
                connection.sendall(answer)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)


@contextmanager
def peer(folder: Path, key: support.Key | None = None, *, demand: bool = True) -> Iterator[Peer]:
    it = Peer(folder, key or support.key("recipient"), demand=demand)
    with clock.frozen(support.NOW):
        try:
            yield it
        finally:
            it.close()


def _http(body: bytes, status: str = "200 OK", declared: str = "text/xml; charset=utf-8") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {declared}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def _signed(
    request: bytes,
    *,
    key: str = "recipient",
    relates_to: str | None = None,
    confirms: bytes | None = None,
    operation: object = FORWARD,
) -> bytes:
    from crinale.connectors.aoo_soap.tests.messages import receive

    assert operation in {FORWARD, CONFIRM}
    message = receive(request).message
    addressing = Addressing(
        ANONYMOUS, "", "urn:uuid:9", None, relates_to or message.message_id, confirms or message.signature
    )
    body = codec.response_body(FORWARD if operation is FORWARD else CONFIRM, sender=support.SENDER)
    envelope = Signer(support.key(key)).sign(body, addressing=addressing, instant=support.NOW)
    return _http(envelope.on_the_wire())


def _send(
    folder: Path, url: str, *, tls: ssl.SSLContext | None = None, seconds: float = 5, times: int = 1
) -> ForwardAnswer:
    transport = SoapTransport(
        tls=tls or client_tls(folder),
        trust=support.trust(),
        store=support.MemoryStore(),
        signer=lambda _code: Signer(support.key("sender")),
        own_endpoint=lambda _code: None,
        floor_seconds=seconds,
    )
    to = Endpoint(support.RECIPIENT.aoo_code, url, (support.key("recipient").der,))
    try:
        answers = [
            transport.forward(
                sender_aoo=support.SENDER.aoo_code, to=to, segnatura=support.segnatura(FILES), files=FILES
            )
            for _ in range(times)
        ]
        return answers[-1]
    finally:
        transport.close()


def test_a_genuine_answer_is_believed(tmp_path: Path) -> None:
    with peer(tmp_path) as it:
        it.replies = [_signed]
        answer = _send(tmp_path, it.url)

    assert answer.identifier.key == support.SENDER.key
    assert answer.evidence.response is not None
    assert answer.evidence.response in _signed(it.requests[0])


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (lambda request: _signed(request, key="unlisted"), "answer"),
        (lambda request: _signed(request, relates_to="urn:uuid:0"), "answer"),
        (lambda request: _signed(request, confirms=b"other"), "answer"),
        (lambda request: _signed(request, operation=CONFIRM), "answer"),
        (lambda request: _signed(request).replace(b"0000042", b"0000043"), "answer"),
        (lambda _request: _http(b"<html/>"), "answer"),
        (lambda _request: _http(b"ok", declared="text/plain"), "answer"),
        (lambda _request: _http(b" " * (2 << 20)), "answer"),
        (lambda _request: _http(codec.fault_envelope(TooDeep()), "500 Oops"), "fault"),
        (lambda _request: _http(codec.fault_envelope(TooDeep())), "fault"),
        (lambda _request: _http(b"busy", "503 Busy", "text/plain"), "http"),
        (lambda _request: _http(b"", "302 Found\r\nLocation: https://elsewhere/"), "http"),
        (lambda request: _signed(request).replace(b"200 OK", b"500 No"), "http"),
        (lambda _request: _http(b"cut")[:-1], "connection"),
        (lambda _request: b"nonsense\r\n\r\n", "connection"),
    ],
)
def test_failures_are_told_apart(tmp_path: Path, reply: Callable[[bytes], bytes], code: str) -> None:
    with peer(tmp_path) as it:
        it.replies = [reply]
        with pytest.raises(TransportFailure) as failure:
            _send(tmp_path, it.url)

    assert failure.value.code == code
    assert failure.value.evidence is not None
    assert b"RequestMessageInoltro" in failure.value.evidence.request
    assert (failure.value.evidence.response is None) == (code == "connection")


def test_silence_is_a_timeout(tmp_path: Path) -> None:
    waiting = threading.Event()

    def silent(_request: bytes) -> None:
        waiting.wait(5)

    with peer(tmp_path) as it:
        it.replies = [silent]
        with pytest.raises(TransportFailure) as failure:
            _send(tmp_path, it.url, seconds=0.3)
        waiting.set()

    assert failure.value.code == "timeout"


def test_nobody_there_is_a_failed_connection(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with clock.frozen(support.NOW), pytest.raises(TransportFailure) as failure:
        _send(tmp_path, f"https://127.0.0.1:{port}/aoo/A000000")

    assert failure.value.code == "connection"


@pytest.mark.parametrize(
    "client", [{"name": "stranger", "issuer": "Other CA"}, {"name": "old", "expired": True}]
)
def test_a_client_certificate_that_is_not_accepted(tmp_path: Path, client: dict[str, Any]) -> None:
    with peer(tmp_path) as it:
        it.replies = [_signed]
        with pytest.raises(TransportFailure) as failure:
            _send(tmp_path, it.url, tls=client_tls(tmp_path, **client))

    assert failure.value.code in {"tls", "connection"}
    assert not it.requests


def test_a_server_that_cannot_prove_its_name_gets_nothing(tmp_path: Path) -> None:
    stranger = ssl.create_default_context(
        cafile=str(support.authority("Other CA").write(tmp_path, "other")[0])
    )
    with peer(tmp_path, demand=False) as it:
        it.replies = [_signed]
        with pytest.raises(TransportFailure) as failure:
            _send(tmp_path, it.url, tls=stranger)
        assert failure.value.code == "tls"
        assert not it.requests
    with peer(tmp_path, support.key("elsewhere", host="elsewhere.example"), demand=False) as it:
        with pytest.raises(TransportFailure) as failure:
            _send(tmp_path, it.url)
        assert failure.value.code == "tls"
        assert not it.requests


def test_a_kept_connection_that_was_closed_is_opened_again(tmp_path: Path) -> None:
    """Else a restart of the peer would cost two hours, the first step of the retry schedule."""
    with peer(tmp_path) as it:
        it.replies = [_signed, lambda _request: None, _signed]
        assert _send(tmp_path, it.url, times=2).anomaly is None

    assert it.connections == 2
    assert it.requests[1] == it.requests[2]


def test_connections_are_kept(tmp_path: Path) -> None:
    with peer(tmp_path) as it:
        it.replies = [_signed] * 3
        _send(tmp_path, it.url, times=3)

    assert it.connections == 1


def test_large_files_travel_beside_the_envelope_and_small_ones_inside() -> None:
    small, large = support.outgoing("s", bytes(64 * 1024)), support.outgoing("l", bytes(64 * 1024 + 1))

    assert pack(forwarded([small])).content_type.startswith("text/xml")
    packed = pack(forwarded([small, large]))
    assert packed.content_type.startswith("multipart/related")
    data = b"".join(packed.pieces())
    assert len(data) == packed.length
    assert data.count(b"<xop:Include") == 1
