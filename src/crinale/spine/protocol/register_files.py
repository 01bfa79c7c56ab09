"""A copy of the register as a file: CSV, ODS (OpenDocument) or PDF/A, written as the rows come.

None of them holds more than some rows in memory. A PDF that would be long is made in parts, in one zip.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

import typst

from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from typing import BinaryIO

    from crinale.spine.protocol.queries.copy_rows import CopyRow

COLUMNS: Final[tuple[tuple[str, Callable[[CopyRow], Any]], ...]] = (
    ("Numero", lambda row: row.number_text),
    ("Anno", lambda row: row.year),
    ("Data", lambda row: row.day),
    ("Ora", lambda row: row.time),
    ("Flusso", lambda row: row.flow),
    ("Oggetto", lambda row: row.subject),
    ("Mittenti", lambda row: row.senders),
    ("Destinatari", lambda row: row.recipients),
    ("Classificazione", lambda row: row.classification),
    ("Classificazione alla registrazione", lambda row: row.first_classification),
    ("Ufficio", lambda row: row.office),
    ("Canale", lambda row: row.channel),
    ("Arrivo", lambda row: _local(row.arrived_at)),
    ("Protocollo del mittente", lambda row: row.received_number),
    ("Data del mittente", lambda row: row.received_date),
    ("Documenti", lambda row: row.documents),
    ("Numero di emergenza", lambda row: row.emergency_number),
    ("Riservato", lambda row: "sì" if row.confidential else ""),
    ("Operatore", lambda row: row.operator),
    ("Annullato il", lambda row: _local(row.annulled_at)),
    ("Atto e motivo dell'annullamento", lambda row: row.annulment),
    ("Correzioni", lambda row: row.corrections),
    ("Impronta", lambda row: row.digest),
)
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
PDF_PART: Final = 1000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class CopyHeader:
    """Whose register it is, and which part of it was asked for, in words."""

    administration_name: str
    aoo: str
    aoo_name: str
    title: str


def extension_of(kind: str, total: int) -> str:
    """Return the extension of the file of a copy with so many rows."""
    return "zip" if kind == "pdf" and total > PDF_PART else kind


def write_copy(
    kind: str, rows: Iterator[CopyRow], target: BinaryIO, *, header: CopyHeader, total: int
) -> None:
    """Write the rows to a file of this kind: ``csv``, ``ods`` or ``pdf``."""
    if kind == "csv":
        _write_csv(rows, target)
    elif kind == "ods":
        _write_ods(rows, target)
    elif kind == "pdf":
        _write_pdf(rows, target, header, total)
    else:
        raise ValueError(kind)


def _write_csv(rows: Iterator[CopyRow], target: BinaryIO) -> None:
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";")
    writer.writerow([name for name, _value in COLUMNS])
    for row in rows:
        writer.writerow([harmless(_written(value(row))) for _name, value in COLUMNS])
    text.detach()


def harmless(value: str) -> str:
    """Return a value that no spreadsheet takes for a formula: an apostrophe before what begins like one."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _written(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "hour"):
        return f"{value:%d/%m/%Y %H:%M}"
    if hasattr(value, "year"):
        return f"{value:%d/%m/%Y}"
    return str(value)


def _local(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(clock.ROME).replace(tzinfo=None)


_NAMESPACES: Final = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
    ' office:version="1.3"'
)
_STYLES: Final = (
    '<office:automatic-styles><number:date-style style:name="giorno"><number:day number:style="long"/>'
    '<number:text>/</number:text><number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/></number:date-style>'
    '<style:style style:name="data" style:family="table-cell" style:data-style-name="giorno"/>'
    "</office:automatic-styles>"
)
_MANIFEST: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    ' manifest:version="1.3"><manifest:file-entry manifest:full-path="/"'
    f' manifest:media-type="{MEDIA_TYPES["ods"]}"/><manifest:file-entry manifest:full-path="content.xml"'
    ' manifest:media-type="text/xml"/></manifest:manifest>'
)


def _write_ods(rows: Iterator[CopyRow], target: BinaryIO) -> None:
    """Write the table element by element: a document model would hold all its cells."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        # First and not compressed, so that the first bytes tell the type (OpenDocument 1.3, part 2, 3.3).
        archive.writestr("mimetype", MEDIA_TYPES["ods"], zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        with archive.open("content.xml", "w", force_zip64=True) as content:
            content.write(
                f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMESPACES}>{_STYLES}'
                '<office:body><office:spreadsheet><table:table table:name="Registro">'.encode()
            )
            content.write(_ods_row([name for name, _value in COLUMNS]))
            for row in rows:
                content.write(_ods_row([value(row) for _name, value in COLUMNS]))
            content.write(b"</table:table></office:spreadsheet></office:body></office:document-content>")


def _ods_row(values: list[Any]) -> bytes:
    return f"<table:table-row>{''.join(map(_ods_cell, values))}</table:table-row>".encode()


def _ods_cell(value: Any) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    shown = f"<text:p>{escape(_clean(_written(value)))}</text:p>"
    if isinstance(value, int):
        kind = f'office:value-type="float" office:value="{value}"'
    elif isinstance(value, str):
        kind = 'office:value-type="string"'
    else:
        instant = quoteattr(value.isoformat())
        kind = f'table:style-name="data" office:value-type="date" office:date-value={instant}'
    return f"<table:table-cell {kind}>{shown}</table:table-cell>"


def _clean(value: str) -> str:
    return "".join(max(one, " ") for one in value)


def _write_pdf(rows: Iterator[CopyRow], target: BinaryIO, header: CopyHeader, total: int) -> None:
    if total <= PDF_PART:
        target.write(_pdf(list(islice(rows, PDF_PART)), header, "1"))
        return
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        part = 1
        while some := list(islice(rows, PDF_PART)):
            archive.writestr(f"registro-parte-{part:04}.pdf", _pdf(some, header, str(part)))
            part += 1


def _pdf(rows: list[CopyRow], header: CopyHeader, part: str) -> bytes:
    now = clock.now().astimezone(clock.ROME)
    data = {
        "administration_name": header.administration_name,
        "aoo": header.aoo,
        "aoo_name": header.aoo_name,
        "title": header.title,
        "made_at": f"{now:%d/%m/%Y, %H:%M}",
        "date": [now.year, now.month, now.day],
        "part": part,
        "rows": [_pdf_row(row) for row in rows],
    }
    return typst.compile(
        (resources.files("crinale.spine.protocol") / "data" / "register_copy.typ").read_bytes(),
        format="pdf",
        pdf_standards="a-2b",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
    )


def _pdf_row(row: CopyRow) -> Mapping[str, Any]:
    notes = []
    if row.annulled_at is not None:
        notes.append(f"Annullata il {_written(_local(row.annulled_at))}. {row.annulment}")
    if row.first_classification != row.classification:
        notes.append(f"Classificata {row.first_classification} alla registrazione")
    if row.corrections:
        notes.append(f"Corretta: {row.corrections}")
    if row.emergency_number:
        notes.append(f"Registro di emergenza n. {row.emergency_number}")
    return {
        "number": f"{row.number_text}/{row.year}",
        "at": f"{_written(row.day)} {row.time}",
        "flow": row.flow,
        "subject": row.subject,
        "parties": row.senders if row.flow == "E" else row.recipients,
        "office": row.office,
        "classification": row.classification,
        "notes": ". ".join(notes),
        "annulled": row.annulled_at is not None,
    }
