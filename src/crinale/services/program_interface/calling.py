"""The one call that the interface makes: an event to the address of a subscription.

A name is resolved once, every address that it has is judged, and the connection goes to the address that was
judged: nobody makes the node call a machine behind its own walls.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.conf import settings

from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE: Final = urllib3.Timeout(connect=5.0, read=15.0)
LONGEST_URL: Final = 2000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: the status of the answer (0 without one) and what failed ("" if nothing)."""

    status: int
    failure: str = ""


def check_url(url: str) -> str:
    """Check the address of a subscription: https, or http where this node may call its own machine.

    :raises Invalid: when it cannot be called.
    """
    parts = _parts(url)
    allowed = {"https", "http"} if _may_call_private() else {"https"}
    if parts is None or len(url) > LONGEST_URL or parts.scheme not in allowed:
        raise Invalid("url", "write an address that begins with https:// and is reached over the Internet")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Invalid("url", "leave out user names, passwords and what follows a #")
    return url


def call(url: str, *, headers: Mapping[str, str], content: bytes) -> Outcome:
    """Deliver an event; redirections are not followed, and what is answered is not read."""
    parts = _parts(url)
    if parts is None or parts.hostname is None:
        return Outcome(0, "address")
    address = _address(parts.hostname, _port(parts))
    if address is None:
        return Outcome(0, "address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {**headers, "Host": parts.netloc.rpartition("@")[2]}
    try:
        with _pool(parts, address) as pool:
            answer = pool.urlopen(
                "POST", path, body=content, headers=sent, redirect=False, retries=False, preload_content=False
            )
            answer.release_conn()
            return Outcome(answer.status, "" if 200 <= answer.status < 300 else "status")
    except urllib3.exceptions.SSLError:
        return Outcome(0, "tls")
    except urllib3.exceptions.TimeoutError:
        return Outcome(0, "timeout")
    except (urllib3.exceptions.HTTPError, OSError, UnicodeError):
        return Outcome(0, "connection")


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError:
        return None
    printable = url.isascii() and url.isprintable() and " " not in url
    return parts if parts.hostname and printable else None


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _may_call_private() -> bool:
    return bool(getattr(settings, "CRINALE_PRIVATE_WEBHOOKS", False))


def _address(host: str, port: int) -> str | None:
    """The address to connect to; None when the name has none, or one that may not be called."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not (_may_call_private() or all(map(_is_public, addresses))):
        return None
    return addresses[0]


def _is_public(text: str) -> bool:
    address: Any = ipaddress.ip_address(text.partition("%")[0])
    # Addresses that carry one of IPv4 lead to that one (mapped, 6to4, Teredo, NAT64).
    if address.version == 6 and (
        any((address.ipv4_mapped, address.sixtofour, address.teredo)) or address in _NAT64
    ):
        return False
    return bool(address.is_global and not address.is_multicast)


_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def _pool(parts: SplitResult, address: str) -> urllib3.HTTPConnectionPool:
    shown = f"[{address}]" if ":" in address else address
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(shown, _port(parts), timeout=PATIENCE)
    return urllib3.HTTPSConnectionPool(
        shown,
        _port(parts),
        timeout=PATIENCE,
        cert_reqs="CERT_REQUIRED",
        assert_hostname=parts.hostname,
        server_hostname=parts.hostname,
    )
