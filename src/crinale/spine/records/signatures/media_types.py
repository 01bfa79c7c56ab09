"""What a file is, by its content: declared type and name are only hints (Allegato 2 AgID, file formats)."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import Final

HEAD_BYTES: Final = 8192
TAIL_BYTES: Final = 65536
UNKNOWN: Final = "application/octet-stream"
EMPTY: Final = "application/x-empty"
PDF: Final = "application/pdf"
CMS: Final = "application/pkcs7-mime"
TIME_STAMPED_DATA: Final = "application/timestamped-data"
TIME_STAMP_TOKEN: Final = "application/vnd.etsi.timestamp-token"  # noqa: S105  a media type
TIME_STAMP_REPLY: Final = "application/timestamp-reply"
STAMPS: Final = frozenset({TIME_STAMPED_DATA, TIME_STAMP_TOKEN, TIME_STAMP_REPLY})
XML: Final = "application/xml"
ZIP: Final = "application/zip"

_OOXML: Final = "application/vnd.openxmlformats-officedocument"
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_TST_INFO: Final = bytes.fromhex("060b2a864886f70d0109100104")
_TIME_STAMPED: Final = bytes.fromhex("060b2a864886f70d010910011f")
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"AC10", "image/vnd.dwg"),
)
_OLE_BY_NAME: Final = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".msg": "application/vnd.ms-outlook",
}
_TEXT_BY_NAME: Final = {".csv": "text/csv", ".json": "application/json", ".md": "text/markdown"}
_PEM: Final = re.compile(rb"\s*-----BEGIN (?:PKCS7|CMS)-----")
_BASE64_START: Final = re.compile(rb"\s*(M[A-P][A-Za-z0-9+/=\s]{60,})")
_MAIL_HEADER: Final = re.compile(
    rb"(?:Return-Path|Received|Delivered-To|Message-ID|MIME-Version|Date|From|To|Subject|X-[A-Za-z\-]+):\s",
    re.IGNORECASE,
)
_MAIL_SURE: Final = re.compile(
    rb"^(?:Message-ID|MIME-Version|Received|Return-Path):\s", re.IGNORECASE | re.MULTILINE
)
_ZIP_MIMETYPE: Final = re.compile(rb"mimetype([a-z0-9.+\-]+/[a-zA-Z0-9.+\-]{3,100}?)(?:PK|\s|$)")


def detect_media_type(  # noqa: PLR0911  one way out for each family
    head: bytes, *, tail: bytes = b"", file_name: str = ""
) -> str:
    """Name the type by the first 8 KB and the last 64 KB.

    The name only tells apart what looks the same inside.
    """
    if not head:
        return EMPTY
    if head.startswith(b"%PDF-"):
        return PDF
    if head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        return _zip_member(head, tail or head)
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(_OLE):
        return _OLE_BY_NAME.get(_suffix(file_name), "application/x-ole-storage")
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if cms := _cms(head):
        return cms
    # Readers accept a PDF behind other bytes; asked after CMS, which may hold one.
    return PDF if b"%PDF-" in head[:1024] else _text(head, file_name)


def _suffix(file_name: str) -> str:
    dot = file_name.rfind(".")
    return file_name[dot:].lower() if dot >= 0 else ""


def _zip_member(head: bytes, tail: bytes) -> str:
    """Tell the families of ZIP apart: ODF, EPUB and ASiC name themselves, OOXML is known by its parts."""
    if named := _ZIP_MIMETYPE.search(head[26:400]):
        return named[1].decode("ascii")
    names = head + tail
    if b"[Content_Types].xml" in names:
        for part, kind in ((b"word/", "wordprocessingml.document"), (b"xl/", "spreadsheetml.sheet")):
            if part in names:
                return f"{_OOXML}.{kind}"
        if b"ppt/" in names:
            return f"{_OOXML}.presentationml.presentation"
    if b"META-INF/" in names and (b"signature" in names or b".p7s" in names or b"timestamp.tst" in names):
        return "application/vnd.etsi.asic-e+zip"
    return ZIP


def _cms(head: bytes) -> str | None:  # noqa: PLR0911  one way out for each family
    """Recognise the family of CMS: DER or BER, also as PEM or base64 text."""
    if _PEM.match(head):
        return CMS
    if text := _BASE64_START.match(head):
        digits = b"".join(text[1].split())[:400]
        try:
            return _cms(b64decode(digits[: len(digits) // 4 * 4]))
        except (binascii.Error, ValueError):
            return None
    if head[0] != 0x30:
        return None
    if _TIME_STAMPED in head[:32]:
        return TIME_STAMPED_DATA
    position = head[:64].find(_SIGNED_DATA)
    if position < 0:
        return None
    if position > 6 and head[:position].find(b"\x02\x01") > 0:
        return TIME_STAMP_REPLY
    return TIME_STAMP_TOKEN if _TST_INFO in head[:128] else CMS


def _text(head: bytes, file_name: str) -> str:
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return XML if b"<\x00?\x00x" in head[:16] or b"\x00<\x00?\x00x" in head[:16] else "text/plain"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lower = start[:512].lower()
    if lower.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    if start.startswith(b"<?xml") or re.match(rb"<(?:!--|[A-Za-z_][\w.:\-]*[\s/>])", start):
        return "image/svg+xml" if re.search(rb"<svg[\s>]", head) else XML
    if _MAIL_HEADER.match(start) and _MAIL_SURE.search(start):
        return "message/rfc822"
    if b"\0" in head or _control_share(head) > 0.02:
        return UNKNOWN
    return _TEXT_BY_NAME.get(_suffix(file_name), "text/plain")


_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r\f\x1b"))


def _control_share(head: bytes) -> float:
    return 1 - len(head.translate(None, _CONTROLS)) / len(head)
