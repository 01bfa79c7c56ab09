"""The simplest elements of a segnatura, as canonical text."""

from __future__ import annotations

from crinale.spine.records.signatures.canonical import text


def element(name: str, value: str, *, field: str) -> str:
    """Write an element that holds a text."""
    return f"<prot:{name}>{text(value, field=field)}</prot:{name}>"


def optional(name: str, value: str, *, field: str) -> str:
    """Write an element that holds a text, or nothing when there is no text."""
    return element(name, value, field=field) if value else ""
