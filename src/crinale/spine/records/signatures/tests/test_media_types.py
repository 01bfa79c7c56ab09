"""The type of a file is told by its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.spine.records.signatures import media_types
from crinale.spine.records.signatures.media_types import HEAD_BYTES, TAIL_BYTES, detect_media_type
from crinale.spine.records.signatures.tests import made_files
from crinale.spine.records.signatures.tests.made_files import needs_openssl

if TYPE_CHECKING:
    from pathlib import Path

OOXML = "application/vnd.openxmlformats-officedocument"


def detect(data: bytes, name: str = "") -> str:
    return detect_media_type(data[:HEAD_BYTES], tail=data[-TAIL_BYTES:], file_name=name)


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"", "a.pdf", media_types.EMPTY),
        (made_files.pdf(), "a.txt", "application/pdf"),
        (b"\n\n" + made_files.pdf(), "", "application/pdf"),
        (made_files.docx(), "a.zip", f"{OOXML}.wordprocessingml.document"),
        (
            made_files.archive({"[Content_Types].xml": b"", "xl/workbook.xml": b""}),
            "",
            f"{OOXML}.spreadsheetml.sheet",
        ),
        (
            made_files.archive({"[Content_Types].xml": b"", "ppt/presentation.xml": b""}),
            "",
            f"{OOXML}.presentationml.presentation",
        ),
        (made_files.odt(), "", "application/vnd.oasis.opendocument.text"),
        (made_files.asic(), "", "application/vnd.etsi.asic-e+zip"),
        (made_files.archive({"a.txt": b"a"}), "a.docx", "application/zip"),
        (made_files.png(), "", "image/png"),
        (made_files.JPEG, "", "image/jpeg"),
        (b"II*\x00" + b"\0" * 50, "", "image/tiff"),
        (b"MM\x00*" + b"\0" * 50, "", "image/tiff"),
        (b"{\\rtf1\\ansi}", "", "application/rtf"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 50, "a.doc", "application/msword"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 50, "a.bin", "application/x-ole-storage"),
        (b'<?xml version="1.0"?><a/>', "", "application/xml"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "", "application/xml"),
        (b"<a:b xmlns:a='u'/>", "", "application/xml"),
        ('<?xml version="1.0"?><a/>'.encode("utf-16"), "", "application/xml"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "", "image/svg+xml"),
        (b"<!DOCTYPE html><html></html>", "", "text/html"),
        (made_files.MAIL, "a.txt", "message/rfc822"),
        (b"From: noi\nun testo qualunque", "", "text/plain"),
        ("perché sì\n".encode(), "a.txt", "text/plain"),
        ("perché sì\n".encode("cp1252"), "a.pdf", "text/plain"),
        (b"a;b\n1;2\n", "a.csv", "text/csv"),
        (b"{}", "a.json", "application/json"),
        (b"\x00\x01\x02\x03" * 20, "a.pdf", "application/octet-stream"),
        (b"MZ\x90\x00\x03", "a.pdf", "application/octet-stream"),
    ],
)
def test_types_by_content(data: bytes, name: str, expected: str) -> None:
    assert detect(data, name) == expected


@needs_openssl
def test_the_family_of_cms(tmp_path: Path) -> None:
    assert detect(made_files.p7m(tmp_path, b"ciao")) == media_types.CMS
    assert detect(made_files.p7m(tmp_path, b"ciao", "-stream", "-indef")) == media_types.CMS
    assert detect(made_files.p7m(tmp_path, b"ciao", "-outform", "PEM")) == media_types.CMS
    assert detect(made_files.time_stamp(tmp_path, b"ciao")) == media_types.TIME_STAMP_REPLY
    assert detect(made_files.time_stamp(tmp_path, b"ciao", reply=False)) == media_types.TIME_STAMP_TOKEN
