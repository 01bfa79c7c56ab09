"""A desk that remembers what it received, and a server that answers for it over mutual TLS."""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.handlers.wsgi import WSGIRequest
from django.urls import resolve

from crinale.connectors.aoo_soap.node import Node
from crinale.connectors.aoo_soap.node import node as node_port
from crinale.connectors.aoo_soap.tests import support
from crinale.connectors.aoo_soap.ws_security import Signer
from crinale.spine.exchange.values import AnnulReply, ConfirmReply, ForwardReply, WireRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crinale.connectors.aoo_soap.limits import Limits
    from crinale.spine.exchange.ports import Anomaly

BODY = UUID(int=1)


@dataclass
class RecordingDesk:
    """Answers every message; ``anomaly`` and ``error`` say how."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    responses: dict[WireRef, bytes] = field(default_factory=dict)
    anomaly: Anomaly | None = None
    error: Exception | None = None

    def _note(self, name: str, values: dict[str, Any]) -> WireRef:
        self.calls.append((name, values))
        if self.error is not None:
            raise self.error
        return WireRef(BODY, uuid4(), uuid4(), None, name)

    def receive_forward(self, **values: Any) -> ForwardReply:
        return ForwardReply(support.SENDER, self.anomaly, self._note("forward", values))

    def receive_confirmation(self, **values: Any) -> ConfirmReply:
        return ConfirmReply(values["sender_identifier"], self._note("confirm", values))

    def receive_annulment_by_sender(self, **values: Any) -> AnnulReply:
        return self._annul("annul_by_sender", values)

    def receive_annulment_by_recipient(self, **values: Any) -> AnnulReply:
        return self._annul("annul_by_recipient", values)

    def _annul(self, name: str, values: dict[str, Any]) -> AnnulReply:
        wire = self._note(name, values)
        return AnnulReply(values["sender_identifier"], values["recipient_identifier"], self.anomaly, wire)

    def keep_response(self, wire_id: WireRef, response_bytes: bytes, /) -> None:
        self.responses[wire_id] = response_bytes


def make_node(
    desk: RecordingDesk,
    store: support.MemoryStore,
    *,
    prefix: str = "https://localhost",
    limits: Limits | None = None,
) -> Node:
    """A node that serves the recipient's area, and knows the keys of both."""
    listed = {
        support.key("sender").der: frozenset({support.SENDER.aoo_code}),
        support.key("recipient").der: frozenset({support.RECIPIENT.aoo_code}),
    }
    return Node(
        desk=desk,
        store=store,
        trust=support.trust(),
        endpoint=lambda code: f"{prefix}/aoo/{code}" if code == support.RECIPIENT.aoo_code else None,
        peers=lambda certificate: listed.get(certificate, frozenset()),
        signer=lambda _code: Signer(support.key("recipient")),
        **({"limits": limits} if limits is not None else {}),
    )


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """The views of this connector alone, as a WSGI application."""
    request = WSGIRequest(environ)
    match = resolve(request.path_info, urlconf="crinale.connectors.aoo_soap.urls")
    response = match.func(request, *match.args, **match.kwargs)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.headers.items()))
    return [response.content]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Handshakes that fail are what some tests are about."""


class _Quiet(WSGIRequestHandler):
    timeout = 20

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path, node: Callable[[str], Node]) -> Iterator[str]:
    """Serve a node on loopback; gives the address prefix ``https://127.0.0.1:port``."""
    server = make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Quiet)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*support.key("recipient").write(folder, "server"))
    context.load_verify_locations(authority_file(folder))
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    prefix = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    with node_port.replaced(node(prefix)):
        thread.start()
        try:
            yield prefix
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def authority_file(folder: Path) -> Path:
    """The test authority as a PEM file."""
    return support.authority("Test CA").write(folder, "ca")[0]


def client_tls(folder: Path, name: str = "sender", **how: Any) -> ssl.SSLContext:
    """What a client shows and believes."""
    context = ssl.create_default_context(cafile=str(authority_file(folder)))
    context.load_cert_chain(*support.key(name, **how).write(folder, f"client-{name}"))
    return context
