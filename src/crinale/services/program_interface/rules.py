"""Decisions of the interface: ranges, limits of requests, when an event is tried again, what is signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

EVENTS: Final = {
    "registration.created": "registration.created",
    "registration.sealed": "registration.created",  # seen by nobody before its seal came
    "registration.annulled": "registration.annulled",
    "registration.assigned": "registration.assigned",
    "registration.reclassified": "registration.reclassified",
    "registration.filed": "registration.filed",
    "receipt.written": "message.state_changed",
}
"""The kinds of facts that are told, and the kind of event that each makes."""

KINDS: Final = tuple(dict.fromkeys(EVENTS.values()))
MESSAGE: Final = "message.state_changed"
CREATED: Final = "registration.created"
WAITS: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600))
GIVEN_UP_AFTER: Final = timedelta(days=3)
SECRET_PREFIX: Final = "whsec_"  # noqa: S105  as Standard Webhooks marks them
_RANGE: Final = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*")
_DIGEST: Final = re.compile(r"(?:^|,)\s*(sha-256|sha-512)=:([A-Za-z0-9+/=]*):")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document: its first and its last byte."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.last - self.first + 1


class NoSuchRange(ValueError):
    """The document ends before the range begins."""


def read_range(header: str, size: int) -> Part | None:
    """Return the part that a Range asks for; None for the whole, also where it is not understood.

    Several ranges at once are not served: whoever asks for them gets the whole (RFC 9110, section 14.2).

    :raises NoSuchRange: when nothing of it is in the document.
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        wanted = int(found[2])
        if wanted == 0:
            raise NoSuchRange
        return Part(max(0, size - wanted), size - 1)
    first = int(found[1])
    last = int(found[2]) if found[2] else size - 1
    if found[2] and last < first:
        return None
    if first >= size:
        raise NoSuchRange
    return Part(first, min(last, size - 1))


def read_digests(header: str) -> dict[str, bytes]:
    """Return the digests of a Content-Digest (RFC 9530) that can be checked, by algorithm.

    :raises ValueError: when one is not base64.
    """
    try:
        return {name: base64.b64decode(value, validate=True) for name, value in _DIGEST.findall(header)}
    except binascii.Error as error:
        raise ValueError(header) from error


def network_of(address: str) -> str:
    """Return by what an address is counted: itself, or the /64 of one subscriber in IPv6; "" for none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def wait_before_attempt(failed: int) -> timedelta:
    """Return how long an event waits after so many failed attempts."""
    return WAITS[min(failed, len(WAITS)) - 1]


def signature(*, secret: str, event_id: str, timestamp: int, content: str) -> str:
    """Sign a delivery as Standard Webhooks does: HMAC-SHA256 over its id, its instant and its content."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{event_id}.{timestamp}.{content}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
