"""The emergency register as a table: many lines at once, as they were typed while the system was away.

The first row names the columns, in any order, with ``;`` or ``,`` between them::

    numero;data;ora;flusso;tipo;nome;cognome;oggetto;classificazione;canale;protocollo;del;riservato

``flusso`` is E or U; ``tipo`` is persona, impresa or ente. The columns of :data:`NEEDED` must be there.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine.protocol.rules.parties import PartyData

if TYPE_CHECKING:
    from collections.abc import Mapping

NEEDED: Final = ("numero", "data", "ora", "flusso", "nome", "oggetto", "classificazione")
OPTIONAL: Final = ("tipo", "cognome", "canale", "protocollo", "del", "riservato")
MOST: Final = 200
_KINDS: Final = {
    "": "natural_person",
    "persona": "natural_person",
    "impresa": "legal_person",
    "ente": "administration",
}
_CHANNELS: Final = {
    "": "hand",
    "mano": "hand",
    "posta": "post",
    "raccomandata": "registered_post",
    "pec": "pec",
    "email": "email",
    "fax": "fax",
}
_FLOWS: Final = {"e": "incoming", "u": "outgoing"}
_YES: Final = {"": False, "no": False, "n": False, "si": True, "sì": True, "s": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLine:
    """One line of the table, read."""

    number: int
    at: datetime
    direction: str
    document: bytes
    party: PartyData
    subject: str
    classification: str
    channel: str
    received_number: str
    received_date: date | None
    confidential: bool


def rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """Split a table into rows, each with the number of its line; empty rows are left out.

    :raises Invalid: when columns are missing or unknown, or there are more than :data:`MOST` rows.
    """
    text = text.lstrip("\ufeff")
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ",", strict=False)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise Invalid("lines", "this is not a table: save the sheet as CSV") from error
    if len(lines) < len(("head", "line")):
        raise Invalid("lines", "paste the row with the names of the columns, then one row for each line")
    names = [name.strip().lower() for name in lines[0][1]]
    unknown, missing = set(names) - {*NEEDED, *OPTIONAL}, set(NEEDED) - set(names)
    if missing or unknown or len(names) != len(set(names)):
        raise Invalid("lines", f"the columns must be {', '.join(NEEDED)}; and may be {', '.join(OPTIONAL)}")
    if len(lines) > MOST + 1:
        raise Invalid("lines", f"at most {MOST} lines at once: divide the table")
    return [(line, dict(zip(names, [cell.strip() for cell in row], strict=False))) for line, row in lines[1:]]


def read_line(row: Mapping[str, str]) -> WrittenLine:
    """Read one row.

    :raises Invalid: naming the column.
    """
    kind = _one_of(row, "tipo", _KINDS)
    person = kind == "natural_person"
    return WrittenLine(
        number=_number(row.get("numero", "")),
        at=datetime.combine(_day(row.get("data", ""), "data"), _time(row.get("ora", "")), tzinfo=clock.ROME),
        direction=_one_of(row, "flusso", _FLOWS),
        document=line_file(row),
        party=PartyData(
            kind=kind,  # type: ignore[arg-type]
            name="" if person else row.get("nome", ""),
            first_name=row.get("nome", "") if person else "",
            last_name=row.get("cognome", "") if person else "",
            confirm=False,
        ),
        subject=row.get("oggetto", ""),
        classification=row.get("classificazione", ""),
        channel=_one_of(row, "canale", _CHANNELS),
        received_number=row.get("protocollo", ""),
        received_date=_day(row["del"], "del") if row.get("del") else None,
        confidential=_YES[_one_of(row, "riservato", {key: key for key in _YES})],
    )


def line_file(row: Mapping[str, str]) -> bytes:
    """Write one row as a table of its own: the document of a registration whose document is on paper."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerow(row.keys())
    writer.writerow(row.values())
    return target.getvalue().encode()


def _one_of(row: Mapping[str, str], column: str, known: Mapping[str, str]) -> str:
    found = known.get(row.get(column, "").lower())
    if found is None:
        raise Invalid(column, f"write one of: {', '.join(key for key in known if key)}")
    return found


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > len("9999999999"):
        raise Invalid("numero", "write the number given by hand")
    return int(text)


def _day(text: str, column: str) -> date:
    day, _slash, rest = text.partition("/")
    month, _slash, year = rest.partition("/")
    try:
        return date(int(year), int(month), int(day)) if rest else date.fromisoformat(text)
    except ValueError:
        raise Invalid(column, "write the day as 31/12/2026") from None


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text.replace(".", ":").zfill(len("09:30")))
    except ValueError:
        raise Invalid("ora", "write the time as 09:30") from None
