"""Where a node takes the index from: the hub's ``/ipar/index``, over TLS with both certificates shown.

What came is asked for again with its ETag, so that an unchanged index costs one empty answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import urllib3
from urllib3.exceptions import HTTPError

from crinale.spine.exchange.ports import TransportFailure

if TYPE_CHECKING:
    import ssl

PATH: Final = "/ipar/index"
MAX_BYTES: Final = 512 * 1024 * 1024
_CHUNK: Final = 256 * 1024
_NOT_MODIFIED: Final = 304
_OK: Final = 200


class HubIndex:
    """The port ``exchange.index_source``, answered by the hub."""

    def __init__(
        self,
        *,
        url: str,
        tls: ssl.SSLContext | None,
        seconds: float = 30.0,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Prepare to ask the hub at a base URL; nothing is opened yet."""
        self._url = url.rstrip("/") + PATH
        self._max_bytes = max_bytes
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=1,
            ssl_context=tls,
            timeout=urllib3.Timeout(connect=min(5.0, seconds), read=seconds),
            retries=False,
        )

    def fetch(self, *, etag: str) -> tuple[str, bytes] | None:
        """Return the hub's newest edition as (etag, JSON), None when ``etag`` still names it.

        :raises TransportFailure: when the hub does not answer, or not with an index.
        """
        headers = {"Accept": "application/json", **({"If-None-Match": etag} if etag else {})}
        try:
            response = self._pool.request(
                "GET", self._url, headers=headers, preload_content=False, redirect=False
            )
            try:
                return self._read(response)
            finally:
                response.release_conn()
        except (HTTPError, OSError) as error:
            raise TransportFailure(
                "connection", f"The hub does not answer ({type(error).__name__})."
            ) from error

    def _read(self, response: urllib3.BaseHTTPResponse) -> tuple[str, bytes] | None:
        if response.status == _NOT_MODIFIED:
            return None
        if response.status != _OK:
            raise TransportFailure("http", f"The hub answered with status {response.status}.")
        content = bytearray()
        while chunk := response.read(_CHUNK):
            content += chunk
            if len(content) > self._max_bytes:
                response.close()
                raise TransportFailure("answer", "The hub's index is larger than this node accepts.")
        return response.headers.get("ETag", ""), bytes(content)
