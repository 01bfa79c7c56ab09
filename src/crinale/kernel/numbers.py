"""How a registration number is written and read.

The number has at least seven digits and restarts each calendar year (DPR 445/2000 art. 57).
"""

from __future__ import annotations

import re

DIGITS = 7
_WITH_YEAR = re.compile(r"\s*0*([0-9]{1,12})\s*/\s*((?:19|20)[0-9]{2})\s*")
_YEAR_FIRST = re.compile(r"\s*((?:19|20)[0-9]{2})\s*/\s*([0-9]{7,12})\s*")


def format_number(number: int) -> str:
    """Write a registration number with at least seven digits: ``123`` is ``0000123``."""
    return f"{number:0{DIGITS}d}"


def parse_number(text: str) -> tuple[int, int] | None:
    """Read ``123/2026``, ``0000123/2026`` or ``2026/0000123`` as year and number; None when it is neither."""
    if found := _WITH_YEAR.fullmatch(text):
        return int(found[2]), int(found[1])
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[2])
    return None
