"""The outside world of the audit: somebody who can prove that a digest existed at an instant."""

from __future__ import annotations

from typing import Protocol

from crinale.kernel.ports import Port


class TimestampAuthority(Protocol):
    """A time-stamp authority (RFC 3161)."""

    def stamp(self, digest: bytes) -> bytes:
        """Return a token over a SHA-256 digest."""


timestamp_authority: Port[TimestampAuthority] = Port("audit.timestamp_authority")
