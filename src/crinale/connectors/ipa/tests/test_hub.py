"""The hub's index is fetched once and then only asked whether it changed; a hub that fails is a failure, no
index.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest

from crinale.connectors.ipa.hub import HubIndex
from crinale.spine.exchange.ports import TransportFailure

if TYPE_CHECKING:
    from collections.abc import Iterator


class Hub(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200
    content: ClassVar[bytes] = b'{"areas": []}'

    def do_GET(self) -> None:
        status = 304 if self.headers.get("If-None-Match") == '"one"' else Hub.status
        if self.path != "/ipar/index":
            status = 404
        self.send_response(status)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(Hub.content) if status == Hub.status else 0))
        self.end_headers()
        if status == Hub.status:
            self.wfile.write(Hub.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is that of the standard library
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Hub, "status", 200)
    server = HTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_index_comes_with_its_tag_and_then_not_again(hub: str) -> None:
    source = HubIndex(url=hub + "/", tls=None)
    assert source.fetch(etag="") == ('"one"', b'{"areas": []}')
    assert source.fetch(etag='"one"') is None


def test_an_answer_that_is_no_index_is_a_failure(hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "status", 503)
    with pytest.raises(TransportFailure, match="503"):
        HubIndex(url=hub, tls=None).fetch(etag="")


def test_an_index_beyond_the_limit_is_a_failure(hub: str) -> None:
    with pytest.raises(TransportFailure, match="larger"):
        HubIndex(url=hub, tls=None, max_bytes=4).fetch(etag="")


def test_a_hub_that_is_down_is_a_failure() -> None:
    with pytest.raises(TransportFailure) as failure:
        HubIndex(url="http://127.0.0.1:1", tls=None, seconds=1).fetch(etag="")
    assert failure.value.code == "connection"
