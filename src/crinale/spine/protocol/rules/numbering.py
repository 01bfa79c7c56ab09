"""Year, day and stamp of a registration.

The number restarts each calendar year and has at least seven digits (DPR 445/2000 art. 57); the stamp carries
at least number, date and the short name of the administration or area (art. 55).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.kernel.numbers import format_number

if TYPE_CHECKING:
    from datetime import datetime

_FLOW = {"incoming": "in entrata", "outgoing": "in uscita", "internal": "interno"}


def legal_year(instant: datetime) -> int:
    """Return the year, in Europe/Rome, whose series numbers a document registered at ``instant``."""
    return clock.legal_day(instant).year


def stamp(
    *,
    body_name: str,
    aoo_code: str,
    register_code: str,
    number: int,
    registered_at: datetime,
    direction: str,
    classification: str,
    annulled: bool = False,
) -> str:
    """Write the segnatura as text, in Italian whatever the language of the page: it goes on the document."""
    day = clock.legal_day(registered_at)
    parts = [
        body_name,
        f"AOO {aoo_code}",
        f"Registro {register_code}",
        f"Prot. n. {format_number(number)} del {day:%d/%m/%Y}",
        _FLOW[direction],
        f"Class. {classification}",
    ]
    if annulled:
        parts.append("ANNULLATO")
    return " - ".join(parts)
