"""How what people type is read: a number, a number with its year, words, parts of names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from crinale.kernel.numbers import parse_number

LONGEST_TEXT = 200
_DIGITS = re.compile(r"\s*[0-9]{1,12}\s*")
_WORD = re.compile(r"\w+(?:['.\-]\w+)*")
_OPERATORS = re.compile(r"[\"“”]|(?:^|\s)-|\bor\b", re.IGNORECASE)
_LAST_WORD = re.compile(r"(?:^|(?<=\s))[^\W_]{4,}$")
_SHORTEST_PART = 3
_MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for.

    A number (of a year), or Italian words of title and names, the last of which may be only begun
    (``beginning``); when there are none, ``parts`` that must all be somewhere in the names.
    """

    year: int | None = None
    number: int | None = None
    words: str | None = None
    beginning: str | None = None
    parts: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to look for, so everything is wanted."""
        return self.number is None and self.words is None and self.beginning is None


def read_text(text: str) -> Wanted:
    """Read the text of a search box.

    ``123/2026`` is that registration; ``0000123`` that number in any year, or the word. Anything else is
    words, without regard to accents and case; quotes, ``-`` and ``or`` work as in web searches.
    """
    text = text[:LONGEST_TEXT].replace("\x00", "").strip()
    if not text:
        return Wanted()
    if found := parse_number(text):
        return Wanted(year=found[0], number=found[1])
    if _DIGITS.fullmatch(text):
        return Wanted(number=int(text), words=text)
    if _OPERATORS.search(text):
        return Wanted(words=text)
    plain = [part for part in map(_plain, _WORD.findall(text)) if len(part) >= _SHORTEST_PART]
    parts = tuple(f"%{_escape(part)}%" for part in plain[:_MOST_PARTS])
    if last := _LAST_WORD.search(text):
        return Wanted(words=text[: last.start()].strip() or None, beginning=last[0], parts=parts)
    return Wanted(words=text, parts=parts)


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _escape(part: str) -> str:
    return part.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
