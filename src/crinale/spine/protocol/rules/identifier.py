"""The identifier of a registration: administration, AOO, register, number, date (DPR 445/2000 art. 55.

Allegato 6).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Final

from crinale.kernel.codes import check_register_code
from crinale.kernel.errors import Invalid
from crinale.kernel.numbers import format_number

_TEXT: Final = re.compile(
    r"(?P<ipa>[^/\s]{1,50})/(?P<aoo>[^/\s]{1,50})/(?P<register>[^/\s]{1,16})"
    r"/(?P<number>[0-9]{1,18})/(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
)
_WRITTEN: Final = re.compile(r"[0-9]{7,18}")


@dataclass(frozen=True, slots=True)
class Identifier:
    """Names one registration in all registers of the country.

    ``time`` is local and not part of the identity; nor is ``written``, the number as somebody else wrote it
    where that is not how we would (:func:`written_number`).
    """

    ipa_code: str
    aoo_code: str
    register_code: str
    number: int
    date: dt.date
    time: dt.time | None = None
    written: str = field(default="", compare=False)

    @property
    def number_text(self) -> str:
        """The number as its register wrote it, with at least seven digits (DPR 445/2000 art. 57)."""
        return self.written or format_number(self.number)

    @property
    def year(self) -> int:
        """The year of the register."""
        return self.date.year

    @property
    def key(self) -> tuple[str, str, str, int, dt.date]:
        """What makes two identifiers the same: codes in lower case (IPA ignores case), number and date."""
        return (
            self.ipa_code.lower(),
            self.aoo_code.lower(),
            self.register_code.lower(),
            self.number,
            self.date,
        )

    def __str__(self) -> str:
        return (
            f"{self.ipa_code}/{self.aoo_code}/{self.register_code}/{format_number(self.number)}"
            f"/{self.date.isoformat()}"
        )


def written_number(text: str) -> str:
    """Return a number in digits as somebody else wrote it (``0000000123``); empty where we write the same.

    Whoever wrote it gets it back so, and may compare texts (Allegato 6: answers repeat the Identificatore).
    """
    if not _WRITTEN.fullmatch(text) or text == format_number(int(text)):
        return ""
    return text


def parse_identifier(text: str) -> Identifier:
    """Read what ``str(identifier)`` wrote: ``c_f032/A1B2C3D/PG/0000123/2026-11-23``."""
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise Invalid("identifier", "write it as administration/AOO/register/number/date")
    try:
        day = dt.date.fromisoformat(found["date"])
    except ValueError:
        raise Invalid("identifier", "the date does not exist") from None
    return check_identifier(
        Identifier(found["ipa"], found["aoo"], found["register"], int(found["number"]), day)
    )


def check_identifier(identifier: Identifier) -> Identifier:
    """Check that an identifier can stand in a segnatura."""
    if not identifier.ipa_code.strip():
        raise Invalid("identifier.ipa_code", "give the IPA code of the administration")
    if not identifier.aoo_code.strip():
        raise Invalid("identifier.aoo_code", "give the code of the AOO")
    check_register_code(identifier.register_code, field="identifier.register_code")
    if identifier.number < 1:
        raise Invalid("identifier.number", "registration numbers begin with 1")
    return identifier
