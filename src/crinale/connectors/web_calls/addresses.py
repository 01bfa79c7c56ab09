"""Which addresses may be called: those of the Internet, never those behind the node's own walls."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_URL: Final = 2000
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def parts_of(url: str) -> SplitResult | None:
    """Read an address; None when it is none."""
    try:
        parts = urlsplit(url)
        port_of(parts)
    except ValueError:
        return None
    printable = url.isascii() and url.isprintable() and " " not in url
    return parts if parts.hostname and printable and len(url) <= LONGEST_URL else None


def port_of(parts: SplitResult) -> int:
    """Return the port of an address.

    :raises ValueError: when it is none.
    """
    return parts.port or (443 if parts.scheme == "https" else 80)


def refusal(url: str, *, private: bool) -> str:
    """Return what must be changed in an address; "" when nothing must."""
    parts = parts_of(url)
    if parts is None or parts.scheme not in ({"https", "http"} if private else {"https"}):
        return "write an address that begins with https:// and is reached over the Internet"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "leave out user names, passwords and what follows a #"
    return ""


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name; none when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return [str(one[4][0]) for one in found]


def is_public(text: str) -> bool:
    """Say whether an address is one of the Internet."""
    address: Any = ipaddress.ip_address(text.partition("%")[0])
    # Addresses that carry one of IPv4 lead to that one (mapped, 6to4, Teredo, NAT64).
    if address.version == 6 and (
        any((address.ipv4_mapped, address.sixtofour, address.teredo)) or address in _NAT64
    ):
        return False
    return bool(address.is_global and not address.is_multicast)
