"""The client: one call, one connection, to the address that was judged (RFC 9110; OWASP on SSRF).

A name is resolved once, every address that it has is judged, and the connection goes to one of those: nobody
makes the node call a machine behind its own walls by changing the name in between, nor by a redirection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import urllib3

from crinale.connectors.web_calls import addresses

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence
    from urllib.parse import SplitResult

PATIENCE: Final = urllib3.Timeout(connect=5.0, read=15.0)


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call: the status of the answer (0 without one) and what failed ("" if nothing)."""

    status: int
    failure: str = ""


class WebCalls:
    """Calls over TLS, certificates checked; with ``private`` also to machines of the node's own network."""

    def __init__(
        self,
        *,
        tls: Callable[[], ssl.SSLContext],
        private: bool = False,
        resolve: Callable[[str, int], Sequence[str]] = addresses.resolve,
        patience: urllib3.Timeout = PATIENCE,
    ) -> None:
        self._tls, self._private, self._resolve, self._patience = tls, private, resolve, patience

    def refusal(self, url: str) -> str:
        """Return what must be changed in an address that cannot be called; "" when nothing must."""
        return addresses.refusal(url, private=self._private)

    def post(self, url: str, *, headers: Mapping[str, str], content: bytes) -> Called:
        """Deliver content; what is answered beyond the status is not read."""
        parts = addresses.parts_of(url)
        address = None if parts is None or self.refusal(url) else self._address(parts)
        if parts is None or address is None:
            return Called(0, "address")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            with self._pool(parts, address) as pool:
                answer = pool.urlopen(
                    "POST",
                    path,
                    body=content,
                    headers={**headers, "Host": parts.netloc},
                    redirect=False,
                    retries=False,
                    preload_content=False,
                )
                answer.close()
                return Called(answer.status, "" if 200 <= answer.status < 300 else "status")
        except urllib3.exceptions.SSLError:
            return Called(0, "tls")
        except urllib3.exceptions.NewConnectionError:  # which urllib3 counts among those that took too long
            return Called(0, "connection")
        except urllib3.exceptions.TimeoutError:
            return Called(0, "timeout")
        except (urllib3.exceptions.HTTPError, OSError, UnicodeError):
            return Called(0, "connection")

    def _address(self, parts: SplitResult) -> str | None:
        """The address to connect to; None when the name has none, or one that may not be called."""
        found = self._resolve(parts.hostname or "", addresses.port_of(parts))
        if not found or not (self._private or all(map(addresses.is_public, found))):
            return None
        return found[0]

    def _pool(self, parts: SplitResult, address: str) -> urllib3.HTTPConnectionPool:
        shown = f"[{address}]" if ":" in address else address
        if parts.scheme == "http":
            return urllib3.HTTPConnectionPool(shown, addresses.port_of(parts), timeout=self._patience)
        return urllib3.HTTPSConnectionPool(
            shown,
            addresses.port_of(parts),
            timeout=self._patience,
            ssl_context=self._tls(),
            cert_reqs="CERT_REQUIRED",
            assert_hostname=parts.hostname,
            server_hostname=parts.hostname,
        )
