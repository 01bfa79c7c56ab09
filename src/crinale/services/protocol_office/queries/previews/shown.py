"""The parts of a preview, as its page draws them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

MOST_TEXT: Final = 20_000  # characters; a page stays small
MOST_LINES: Final = 100

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of what is shown: facts by name, or a table; ``more`` lines of it are not shown."""

    title: str
    facts: Facts = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What is shown of a file. ``pages`` are pictures to be asked for one by one; ``why`` there is nothing.

    ``signed``: it was taken out of a signed file, whose signatures are judged elsewhere.
    """

    kind: Literal["pictures", "words", "none"]
    said: str = ""
    signed: bool = False
    pages: int = 0
    sections: tuple[Section, ...] = ()
    text: str = ""
    cut: bool = False
    why: str = ""


def facts(*named: tuple[str, str | None]) -> Facts:
    """Leave out what is not said."""
    return tuple((name, value) for name, value in named if value)


def words(said: str, *sections: Section, text: str = "") -> Preview:
    """Show facts, tables and a text, which is cut where it grows too long for a page."""
    return Preview(
        kind="words", said=said, sections=sections, text=text[:MOST_TEXT], cut=len(text) > MOST_TEXT
    )


def nothing(why: str, *, said: str = "") -> Preview:
    """Show nothing, and say why."""
    return Preview(kind="none", said=said, why=why)
