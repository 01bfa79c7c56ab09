"""A finding: something that is well, that will hurt soon, or that hurts now; with the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was seen, and what to do about it."""

    level: Level
    subject: str
    seen: str
    remedy: str = ""


def good(subject: str, seen: str) -> Finding:
    """All is well."""
    return Finding(Level.GOOD, subject, seen)


def warning(subject: str, seen: str, remedy: str) -> Finding:
    """It will hurt, or it hurts a little."""
    return Finding(Level.WARNING, subject, seen, remedy)


def bad(subject: str, seen: str, remedy: str) -> Finding:
    """The node cannot do its work."""
    return Finding(Level.BAD, subject, seen, remedy)
