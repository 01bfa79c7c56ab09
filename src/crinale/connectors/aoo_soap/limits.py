"""What a message may be, so that a hostile one is refused before it costs anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a message may be: bytes in all, bytes of markup, nesting, number of elements and of files."""

    total: int = 1 << 30
    markup: int = 4 << 20
    depth: int = 100
    elements: int = 50_000
    files: int = 500
