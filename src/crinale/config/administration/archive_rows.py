"""Read the registrations that older software wrote into a CSV file, with a folder of their files.

The first line names the columns, in Italian or English; the separator is a comma, a semicolon or a tab; the
text is UTF-8 or Windows-1252. A line that cannot be read becomes an error that names column and remedy.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from crinale.kernel import clock
from crinale.kernel.digests import sha256_stream
from crinale.kernel.errors import Invalid
from crinale.spine.protocol.actions.archive import ArchivedAnnulment, ArchivedFile, ArchivedRegistration
from crinale.spine.protocol.queries import PartyData, ReceivedReference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crinale.spine.protocol.views import DirectionName

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "number": ("number", "numero", "protocollo", "numero_protocollo"),
    "date": ("date", "data", "data_protocollo", "data_registrazione"),
    "time": ("time", "ora", "ora_protocollo"),
    "direction": ("direction", "tipo", "verso", "flusso", "e_u"),
    "subject": ("subject", "oggetto"),
    "senders": ("senders", "sender", "mittente", "mittenti"),
    "recipients": ("recipients", "recipient", "destinatario", "destinatari"),
    "classification": ("classification", "classifica", "classificazione", "titolario"),
    "files": ("files", "file", "documenti", "allegati"),
    "received_number": ("received_number", "protocollo_mittente", "numero_mittente"),
    "received_date": ("received_date", "data_protocollo_mittente", "data_mittente"),
    "annulled_on": ("annulled_on", "annullato_il", "data_annullamento"),
    "annulment_act": ("annulment_act", "atto_annullamento", "provvedimento"),
    "annulment_reason": ("annulment_reason", "motivo_annullamento", "motivo"),
    "confidential": ("confidential", "riservato"),
    "channel": ("channel", "mezzo", "canale"),
    "operator": ("operator", "operatore", "utente"),
}
_NEEDED: Final = ("number", "date", "direction", "subject")
_DIRECTIONS: Final[dict[str, DirectionName]] = {
    **dict.fromkeys(("e", "entrata", "in entrata", "arrivo", "in arrivo", "a", "incoming", "in"), "incoming"),
    **dict.fromkeys(("u", "uscita", "in uscita", "partenza", "p", "outgoing", "out"), "outgoing"),
    **dict.fromkeys(("i", "interno", "interna", "internal"), "internal"),
}
_CHANNELS: Final[dict[str, str]] = {
    "pec": "pec", "posta certificata": "pec", "email": "email", "e-mail": "email", "mail": "email",
    "posta": "post", "posta ordinaria": "post", "raccomandata": "registered_post", "corriere": "courier",
    "a mano": "hand", "mano": "hand", "fax": "fax", "interoperabilita": "aoo",
}  # fmt: skip
_YES: Final = frozenset({"1", "s", "si", "sì", "y", "yes", "x", "true", "vero"})
_NO: Final = frozenset({"", "0", "n", "no", "false", "falso"})
_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_TIME: Final = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?")
_NUMBER: Final = re.compile(r"(?:\d{4}/)?0*(\d{1,12})(?:/\d{4})?")
# A day without an hour stands at noon: the law asks for the day.
_NOON: Final = time(12)
_PERSON: Final = re.compile(r"^(?P<name>.+?)\s*\((?P<code>[A-Za-z0-9]{11}|[A-Za-z0-9]{16})\)$")
LARGEST_FIELD: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line that cannot be taken over, with the column and what to do about it."""

    line: int
    number: str
    column: str
    remedy: str


Line = ArchivedRegistration | WrongLine


def read_rows(
    file: Path, *, files: Path | None, default_heading: str, known: Mapping[str, object]
) -> Iterator[Line]:
    """Give the lines of a file in its order.

    :param files: the folder of the files that lines name, by paths below it, separated by ``|`` or ``;``.
    :param default_heading: for lines that name no heading, or one that is not in ``known``.
    :raises Invalid: when the file as a whole cannot be read.
    """
    csv.field_size_limit(LARGEST_FIELD)
    text = _text(file)
    rows = csv.reader(io.StringIO(text, newline=""), _dialect(text))
    columns = _columns(next(rows, []))
    seen: set[tuple[int, int]] = set()
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        values = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
        try:
            one = _row(rows.line_num, values, files=files, default_heading=default_heading, known=known)
            _note(seen, one)
            yield one
        except Invalid as error:
            yield WrongLine(rows.line_num, values["number"], error.field, error.remedy)


def _note(seen: set[tuple[int, int]], one: ArchivedRegistration) -> None:
    if (one.year, one.number) in seen:
        raise Invalid("number", "this number stands in the file twice: keep one line")
    seen.add((one.year, one.number))


def _text(file: Path) -> str:
    content = file.read_bytes()
    if b"\x00" in content:
        raise Invalid("file", f"{file.name} is not a text: save the table as CSV in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _dialect(text: str) -> type[csv.Dialect]:
    first = text.splitlines()[0] if text.strip() else ""
    separator = max(";,\t", key=first.count)

    class Dialect(csv.excel):
        delimiter = separator

    return Dialect


def _columns(heading: list[str]) -> dict[str, int]:
    names = [re.sub(r"[\s\-/]+", "_", cell.strip().casefold()) for cell in heading]
    found = {
        column: next((names.index(one) for one in spellings if one in names), len(names))
        for column, spellings in COLUMNS.items()
    }
    missing = [COLUMNS[name][1] for name in _NEEDED if found[name] == len(names)]
    if missing:
        raise Invalid("file", f"its first line must name the columns {', '.join(missing)}")
    return found


def _row(
    line: int,
    values: Mapping[str, str],
    *,
    files: Path | None,
    default_heading: str,
    known: Mapping[str, object],
) -> ArchivedRegistration:
    if not (number := _NUMBER.fullmatch(values["number"])) or not int(number[1]):
        raise Invalid("number", "give the protocol number, such as 123 or 0000123")
    direction = _DIRECTIONS.get(values["direction"].casefold())
    if direction is None:
        raise Invalid("direction", "write E (arrivo), U (partenza) or I (interno)")
    if not values["subject"]:
        raise Invalid("subject", "the subject is missing")
    heading = values["classification"]
    if heading not in known:
        if default_heading not in known:
            raise Invalid(
                "classification", f"no filing plan of the body has {heading!r}: give --default-class"
            )
        heading = default_heading
    return ArchivedRegistration(
        line=line,
        number=int(number[1]),
        registered_at=_instant(values["date"], values["time"], "date"),
        direction=direction,
        subject=values["subject"],
        classification=heading,
        senders=_parties(values["senders"]),
        recipients=_parties(values["recipients"]),
        files=_files(values["files"], files),
        confidential=_yes(values["confidential"], "confidential"),
        channel=_CHANNELS.get(values["channel"].casefold(), ""),
        operator=values["operator"],
        received=_received(values),
        annulment=_annulment(values),
    )


def _day(text: str, column: str) -> date:
    found = _DATE.match(text)
    if found is None:
        raise Invalid(column, "write the day as 31/12/2025 or 2025-12-31")
    year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Invalid(column, f"{text} is no day of the calendar") from None


def _instant(text: str, hour: str, column: str) -> datetime:
    day, at = _day(text, column), _NOON
    if found := _TIME.fullmatch(hour) or _TIME.search(text[8:]):
        try:
            at = time(int(found[1]), int(found[2]), int(found[3] or 0))
        except ValueError:
            raise Invalid("time", "write the hour as 09:30") from None
    elif hour:
        raise Invalid("time", "write the hour as 09:30")
    instant = datetime.combine(day, at, tzinfo=clock.ROME)
    if instant > clock.now():
        raise Invalid(column, "this day is still to come")
    return instant


def _parties(text: str) -> tuple[PartyData, ...]:
    """Read names separated by ``|`` or ``;``, each with its tax code in brackets if it has one."""
    return tuple(_party(name.strip()) for name in re.split(r"[|;]", text) if name.strip())


def _party(text: str) -> PartyData:
    found = _PERSON.match(text)
    name, code = (found["name"], found["code"].upper()) if found else (text, "")
    # What was one text in the older software stays one text: where a surname begins nobody can tell.
    if len(code) == len("RSSMRA80A01E202X"):
        return PartyData(kind="natural_person", last_name=name, tax_code=code)
    return PartyData(kind="legal_person", name=name, tax_code=code)


def _files(text: str, folder: Path | None) -> tuple[ArchivedFile, ...]:
    names = [name.strip() for name in re.split(r"[|;]", text) if name.strip()]
    if names and folder is None:
        raise Invalid("files", "say with --files in which folder they are")
    return tuple(_file(name, folder) for name in names if folder is not None)


def _file(name: str, folder: Path) -> ArchivedFile:
    path = locate(name, folder)
    with path.open("rb") as stream:
        digest, size = sha256_stream(stream)
    if not size:
        raise Invalid("files", f"{name} is empty")
    return ArchivedFile(name=name, sha256=digest, size=size)


def locate(name: str, folder: Path) -> Path:
    """Return the file that a line names.

    :raises Invalid: when it is not there, or lies outside the folder.
    """
    root = folder.resolve()
    path = (root / name.replace("\\", "/")).resolve()
    if not path.is_relative_to(root):
        raise Invalid("files", f"{name} lies outside the folder")
    if not path.is_file():
        raise Invalid("files", f"{name} is not in the folder")
    return path


def _received(values: Mapping[str, str]) -> ReceivedReference | None:
    number, day = values["received_number"][:100], values["received_date"]
    if not number and not day:
        return None
    return ReceivedReference(number=number, date=_day(day, "received_date") if day else None)


def _annulment(values: Mapping[str, str]) -> ArchivedAnnulment | None:
    if not values["annulled_on"]:
        return None
    return ArchivedAnnulment(
        at=_instant(values["annulled_on"], "", "annulled_on"),
        act=values["annulment_act"] or "not given by the older software",
        reason=values["annulment_reason"] or "not given by the older software",
    )


def _yes(text: str, column: str) -> bool:
    said = text.casefold()
    if said not in _YES | _NO:
        raise Invalid(column, "write sì or no")
    return said in _YES
