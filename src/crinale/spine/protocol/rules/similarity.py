"""When two subjects are nearly equal, and which words of a subject say most."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

from crinale.spine.protocol.rules.address_book import folded

NEARLY: Final = 0.85
_MOST_WORDS: Final = 3
_SHORTEST: Final = 5
_WORD: Final = re.compile(r"[^\W\d_]+")
# What stands before the subject of a mail that was answered, forwarded or certified.
_PREFIX: Final = re.compile(
    r"^\s*(?:(?:re|r|i|fw|fwd|rif|inoltra|posta certificata|anomalia messaggio)\s*:\s*)+", re.IGNORECASE
)
# Words of every second subject of an office: they tell nothing apart.
_COMMON: Final = frozenset(
    {
        "allegata", "allegato", "comune", "comunicazione", "comunicazioni", "documentazione", "documento",
        "domanda", "invio", "istanza", "lettera", "nostra", "oggetto", "pratica", "presente", "protocollo",
        "relativa", "relativo", "richiesta", "richieste", "riferimento", "risposta", "seguito", "sensi",
        "trasmette", "trasmissione", "ufficio", "unione", "vostra",
    }
)  # fmt: skip


def without_prefixes(subject: str) -> str:
    """Return the subject of a mail without ``POSTA CERTIFICATA:``, ``Re:``, ``I:`` and the like."""
    return _PREFIX.sub("", subject).strip()


def distinctive_words(subject: str) -> list[str]:
    """Return at most three words that say most about a subject, the longest first."""
    words = dict.fromkeys(
        word for word in _WORD.findall(folded(subject)) if len(word) >= _SHORTEST and word not in _COMMON
    )
    return sorted(words, key=lambda word: -len(word))[:_MOST_WORDS]


def near_equal(one: str, other: str) -> bool:
    """Say whether two subjects differ by no more than a slip of the pen; numbers in them must agree."""
    first, second = folded(without_prefixes(one)), folded(without_prefixes(other))
    if not first or not second or re.findall(r"\d+", first) != re.findall(r"\d+", second):
        return False
    return first == second or SequenceMatcher(None, first, second, autojunk=False).ratio() >= NEARLY
