"""Identifiers that sort by time and never collide between nodes.

A body may move from one node to another (export and import), so rows carry identifiers that no
database sequence gives: UUID version 7 (RFC 9562, section 5.7).
"""

from __future__ import annotations

import os
import time
import uuid

_VERSION = 0x7
_VARIANT = 0b10


def new_id() -> uuid.UUID:
    """Return a new UUID version 7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80
    value |= _VERSION << 76
    value |= ((random >> 62) & 0xFFF) << 64
    value |= _VARIANT << 62
    value |= random & 0x3FFFFFFFFFFFFFFF
    return uuid.UUID(int=value)
