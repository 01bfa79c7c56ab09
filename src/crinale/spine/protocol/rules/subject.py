"""What may stand as the subject of a registration (DPR 445/2000 art. 53 c.1 d; Circolare AgID 60/2013).

The subject can never be corrected after registration, only annulled (art. 54): so it is checked before.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from crinale.kernel.errors import Invalid

MINIMUM_LETTERS: Final = 4
ADVISED_LENGTH: Final = 30  # Circolare AgID 60/2013: a subject of at least 30 characters is recommended
MAXIMUM_LENGTH: Final = 2000
_SPACES: Final = re.compile(r"\s+")
_BLANKS: Final = "\t\n\r"
_SAME_CHARACTER: Final = re.compile(r"(.)\1*", re.DOTALL)
_EMPTY_SUBJECTS: Final = frozenset(
    {"oggetto", "nessun oggetto", "senza oggetto", "no subject", "documento", "varie"}
)


@dataclass(frozen=True, slots=True)
class SubjectAdvice:
    """A subject that may be registered, and what would make it better (empty when nothing would)."""

    subject: str
    advice: str = ""


def check_subject(subject: str, *, field: str = "subject") -> SubjectAdvice:
    """Normalise a subject and check it; :class:`Invalid` when it may not be registered."""
    _refuse_control_characters(subject, field)
    # Composed characters and single spaces: two spellings that look alike are one text for search and for the
    # seal.
    clean = _SPACES.sub(" ", unicodedata.normalize("NFC", subject)).strip()
    if not clean:
        raise Invalid(field, "write what the document is about")
    if len(clean) > MAXIMUM_LENGTH:
        raise Invalid(field, f"shorten it to {MAXIMUM_LENGTH} characters")
    letters = sum(character.isalnum() for character in clean)
    if letters < MINIMUM_LETTERS or _SAME_CHARACTER.fullmatch(clean) or clean.lower() in _EMPTY_SUBJECTS:
        raise Invalid(field, "say what the document is about, so that it can be found by its subject")
    if len(clean) < ADVISED_LENGTH:
        return SubjectAdvice(clean, f"a subject of at least {ADVISED_LENGTH} characters is recommended")
    return SubjectAdvice(clean)


def subject_as_received(subject: str) -> str:
    """Return the subject that somebody else wrote and sealed, on one line, without what hides text."""
    shown = "".join(one if one in _BLANKS or not _hides(one) else " " for one in subject)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", shown)).strip()[:MAXIMUM_LENGTH] or "(senza oggetto)"


def _refuse_control_characters(subject: str, field: str) -> None:
    for character in subject:
        # Cc: control, Cs: halves of pairs, Bidi controls: they show a text other than the one that is sealed.
        if character not in _BLANKS and _hides(character):
            raise Invalid(field, "remove the control characters")


def _hides(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Cc", "Cs", "Cn"}
        or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
