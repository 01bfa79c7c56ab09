"""The open-data files of the IPA: administrations (enti), registry areas (AOO), organisational units (UO).

Columns as the index publishes them (``Codice_IPA``, ``Codice_uni_aoo``, ``URI_Protocollo_informatico``
...), in any order and case, with others besides, separated by comma, semicolon, tab or bar, in UTF-8 (with
or without mark) or Windows-1252. Rows that cannot be used are reported with their line, field and reason;
the others go in.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TextIO, TypeVar

from crinale.kernel.codes import check_ipa_code
from crinale.kernel.errors import Invalid
from crinale.spine.exchange import actions
from crinale.spine.exchange.actions import ImportReport
from crinale.spine.exchange.rules.index import AreaEntry, BodyEntry, OfficeEntry, check_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

E = TypeVar("E")
Table = Literal["areas", "bodies", "offices"]
MAX_BYTES: Final = 1024 * 1024 * 1024
_MAX_FIELD: Final = 64 * 1024
_SEPARATORS: Final = ",;\t|"
_MAIL_COLUMNS: Final = tuple(f"mail{number}" for number in range(1, 6))
_NOTHING: Final = frozenset({"", "-", "null", "n/a", "nd", "da_indicare"})
_UNIT_CODE_LENGTH: Final = 6


class NotAnIpaFile(Invalid):
    """The file does not have the columns of any table of the IPA."""

    def __init__(self) -> None:
        """Say which columns tell the tables apart."""
        super().__init__(
            "file", "give one with Codice_uni_aoo and Denominazione_aoo, Codice_uni_uo, or Codice_IPA"
        )


@dataclass(frozen=True, slots=True)
class OpenDataFile:
    """A file of the IPA, its table recognised from its columns."""

    table: Table
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_file(content: bytes) -> OpenDataFile:
    """Read a file whole.

    :raises NotAnIpaFile: when its columns are those of no table.
    :raises Invalid: when it is too large or not a text.
    """
    if len(content) > MAX_BYTES:
        raise Invalid("file", "the file is too large to be one of the IPA")
    stream = io.StringIO(_decoded(content), newline="")
    header, rows = _rows(stream)
    return OpenDataFile(table=_table_of(header), rows=tuple(rows))


def import_file(content: bytes) -> tuple[Table, ImportReport]:
    """Bring a file of the IPA into the index; return its table and the report, row by row.

    :raises NotAnIpaFile: when its columns are those of no table.
    """
    file = read_file(content)
    report = ImportReport()
    if file.table == "areas":
        actions.import_areas(_good(file, report, _area), source="ipa", report=report)
    elif file.table == "bodies":
        actions.import_bodies(_good(file, report, _body), source="ipa", report=report)
    else:
        actions.import_offices(_good(file, report, _office), source="ipa", report=report)
    report.refused.sort()
    return file.table, report


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _rows(stream: TextIO) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    csv.field_size_limit(_MAX_FIELD)
    first = stream.readline()
    separator = max(_SEPARATORS, key=first.count)
    header = [_column(name) for name in next(csv.reader([first], delimiter=separator), [])]
    reader = csv.reader(stream, delimiter=separator)

    def rows() -> Iterator[tuple[int, dict[str, str]]]:
        try:
            for values in reader:
                if any(value.strip() for value in values):
                    yield (
                        reader.line_num + 1,
                        {name: _value(text) for name, text in zip(header, values, strict=False)},
                    )
        except csv.Error as broken:
            raise Invalid("file", f"line {reader.line_num + 1} cannot be read: {broken}") from broken

    return header, rows()


def _column(name: str) -> str:
    return name.strip().strip('\ufeff"').casefold().replace(" ", "_")


def _value(text: str) -> str:
    stripped = " ".join(text.split())
    return "" if stripped.casefold() in _NOTHING else stripped


def _table_of(header: list[str]) -> Table:
    names = set(header)
    if "codice_uni_uo" in names:
        return "offices"
    if names & {"codice_uni_aoo", "cod_aoo"} and "denominazione_aoo" in names:
        return "areas"
    if "codice_ipa" in names and "denominazione_ente" in names:
        return "bodies"
    raise NotAnIpaFile


def _good(
    file: OpenDataFile, report: ImportReport, read: Callable[[Mapping[str, str]], E]
) -> Iterator[tuple[int, E]]:
    for line, row in file.rows:
        try:
            yield line, read(row)
        except Invalid as objection:
            report.refused.append((line, objection.field, objection.remedy))


def _area(row: Mapping[str, str]) -> AreaEntry:
    if not row.get("codice_uni_aoo"):
        raise Invalid("Codice_uni_aoo", "an area without its unique code cannot be addressed since 2022")
    return AreaEntry(
        ipa_code=_required(row, "codice_ipa", "Codice_IPA"),
        body_name=_required(row, "denominazione_ente", "Denominazione_ente")[:300],
        aoo_code=row["codice_uni_aoo"],
        aoo_name=_required(row, "denominazione_aoo", "Denominazione_aoo")[:300],
        former_aoo_code=row.get("cod_aoo", "")[:50],
        endpoint=_endpoint(row),
        emails=_emails(row),
        phone=row.get("telefono", "")[:60],
        address=_address(row)[:300],
        responsible=" ".join(
            one for one in (row.get("nome_responsabile", ""), row.get("cognome_responsabile", "")) if one
        )[:200],
    )


def _endpoint(row: Mapping[str, str]) -> str:
    """The prefix of the services, when the administration says that it has them and gives a usable URL.

    Many rows hold free text here; they are areas all the same, reached by other channels.
    """
    try:
        return check_endpoint(row.get("uri_protocollo_informatico", ""))
    except Invalid:
        return ""


def _body(row: Mapping[str, str]) -> BodyEntry:
    return BodyEntry(
        ipa_code=check_ipa_code(_required(row, "codice_ipa", "Codice_IPA"), field="Codice_IPA"),
        name=_required(row, "denominazione_ente", "Denominazione_ente")[:300],
        fiscal_code=row.get("codice_fiscale_ente", "")[:16],
        category=row.get("codice_categoria", "")[:20],
        kind=row.get("tipologia", "")[:200],
        site=row.get("sito_istituzionale", "")[:300],
        emails=_emails(row),
    )


def _office(row: Mapping[str, str]) -> OfficeEntry:
    code = _required(row, "codice_uni_uo", "Codice_uni_uo").upper()
    if len(code) != _UNIT_CODE_LENGTH or not code.isalnum():
        raise Invalid("Codice_uni_uo", "the unique code of an office has six letters and digits")
    return OfficeEntry(
        code=code,
        ipa_code=check_ipa_code(_required(row, "codice_ipa", "Codice_IPA"), field="Codice_IPA"),
        name=_required(row, "descrizione_uo", "Descrizione_uo")[:500],
        aoo_code=row.get("codice_uni_aoo", "").upper()[:7],
        parent_code=row.get("codice_uni_uo_padre", "").upper()[:7],
        emails=_emails(row),
    )


def _required(row: Mapping[str, str], column: str, shown: str) -> str:
    value = row.get(column, "")
    if not value:
        raise Invalid(shown, "this column is empty")
    return value


def _emails(row: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses of a row, certified mail first: those are the contacts when an exchange fails."""
    found = [
        (row.get(f"tipo_{column}", "").casefold() != "pec", row[column][:254])
        for column in _MAIL_COLUMNS
        if "@" in row.get(column, "")
    ]
    return tuple(address for _, address in sorted(found, key=lambda one: one[0]))


def _address(row: Mapping[str, str]) -> str:
    return " ".join(one for one in (row.get("indirizzo", ""), row.get("cap", "")) if one)
