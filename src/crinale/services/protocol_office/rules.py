"""Decisions of the pages: advice on the length of a subject, how an act is cited.

The advised length of a subject comes from Circolare AgID 60/2013; that it says what the document is
about from DPR 445/2000 art. 53.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from crinale.spine.protocol.queries import ADVISED_LENGTH, MAXIMUM_LENGTH

if TYPE_CHECKING:
    from datetime import date

LONG: Final = 250


@dataclass(frozen=True)
class Advice:
    """A sentence about what is being written; ``warns`` when it should be acted upon."""

    text: str
    warns: bool = False


def subject_advice(subject: str) -> Advice:
    """Say how the length of a subject compares with what is advised."""
    length = len(" ".join(subject.split()))
    counted = _("%(n)d characters.") % {"n": length}
    if length == 0:
        return Advice(_("At least %(n)d characters are advised.") % {"n": ADVISED_LENGTH})
    if length < ADVISED_LENGTH:
        missing = _("Write at least %(n)d, so that it can be found and understood by itself.")
        return Advice(f"{counted} {missing % {'n': ADVISED_LENGTH}}", warns=True)
    if length > MAXIMUM_LENGTH:
        limit = _("The limit is %(n)d.") % {"n": MAXIMUM_LENGTH}
        return Advice(f"{counted} {limit}", warns=True)
    if length > LONG:
        too_long = _("It is long: put the details in the document.")
        return Advice(f"{counted} {too_long}", warns=True)
    return Advice(counted)


def cite_act(*, kind: str, number: str, day: date) -> str:
    """Cite an act as the register keeps it: ``Determinazione n. 45 del 03/08/2026``. Always in Italian."""
    return f"{kind} n. {number.strip()} del {day:%d/%m/%Y}"
