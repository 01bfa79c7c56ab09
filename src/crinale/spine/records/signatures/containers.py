"""Is the structure of a file whole enough to be opened? Cheap signs, bounded work, no decoding of images."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lxml import etree

from crinale.spine.records.signatures import media_types
from crinale.spine.records.signatures.not_judged import NotJudged, is_about_the_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAX_ENTRIES: Final = 20_000
_MAX_UNPACKED: Final = 64 * 1024 * 1024
_CHUNK: Final = 1 << 16
_MAX_XML_DEPTH: Final = 256
# Bounds of the parser, 10 MB each, on attributes, comments and sections: a sound file may pass them. The
# bound on the growth of entities reads otherwise.
_LIMITS: Final = ("Resource limit exceeded", "too big", "too long")
_SIGNATURE_PART: Final = re.compile(
    r"\A(?:_xmlsignatures/|META-INF/[^/]*(?:signature|timestamp)[^/]*\Z)", re.IGNORECASE
)
_FAMILIES: Final = {
    media_types.PDF: "pdf",
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/gif": "gif",
    "image/tiff": "tiff",
    "application/rtf": "rtf",
    "text/rtf": "rtf",
    media_types.CMS: "cms",
    "application/x-pkcs7-mime": "cms",
    "application/pkcs7-signature": "cms",
    "application/x-pkcs7-signature": "cms",
    media_types.ZIP: "zip",
}


def declared_problem(declared: str, detected: str, file_name: str) -> str:
    """Say when the declared type and the content exclude each other: no program would open the file."""
    wanted = _FAMILIES.get(declared.partition(";")[0].strip().lower())
    if wanted is None or detected == media_types.EMPTY:
        return ""
    marked = {media_types.CMS, *media_types.STAMPS}
    if file_name.lower().endswith((".p7m", ".p7s", ".tsd")) and detected in marked:
        return ""  # the inner type of a signed file is often declared
    if wanted == "zip" and is_archive(detected):
        return ""
    if wanted == _FAMILIES.get(detected) or (wanted == "cms" and detected in media_types.STAMPS):
        return ""
    return f"the file is declared as {declared} and its content is {detected}"


def structure_problem(stream: BinaryIO, media_type: str, *, size: int, head: bytes, tail: bytes) -> str:
    """Say why a file of a detected type cannot be read; an empty text when nothing is against it.

    :raises NotJudged: when the file passes the bounds of what is looked at.
    """
    if size == 0:
        return "the file is empty"
    if media_type == media_types.PDF:
        return _pdf(tail)
    if media_type in {media_types.XML, "image/svg+xml"}:
        return _xml(stream)
    if head[:2] == b"PK":
        return _zip(stream, media_type)
    end = _ENDS.get(media_type)
    return end(tail) if end else ""


def _pdf(tail: bytes) -> str:
    if b"%%EOF" not in tail or b"startxref" not in tail:
        return "the PDF is cut off: its end is missing"
    return ""


def _png(tail: bytes) -> str:
    return "" if b"IEND" in tail else "the image is cut off: its end is missing"


def _jpeg(tail: bytes) -> str:
    return "" if b"\xff\xd9" in tail else "the image is cut off: its end is missing"


def _gif(tail: bytes) -> str:
    return "" if b"\x3b" in tail[-64:] else "the image is cut off: its end is missing"


def _rtf(tail: bytes) -> str:
    return "" if tail.rstrip(b"\0\r\n\t ").endswith(b"}") else "the text is cut off: its end is missing"


_ENDS: Final[dict[str, Callable[[bytes], str]]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "application/rtf": _rtf,
}


def _zip(stream: BinaryIO, media_type: str) -> str:
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            if len(entries) > _MAX_ENTRIES:
                return f"the archive has more than {_MAX_ENTRIES} entries"
            missing = _missing_part(media_type, {entry.filename for entry in entries})
            if missing:
                return f"the document is damaged: {missing} is missing"
            return _unpack_some(archive, entries)
    except Exception as error:
        # Each method of compression has exceptions of its own, of no common kind.
        if not is_about_the_file(error):
            raise
        return f"the archive is damaged: {error}"


def is_archive(media_type: str) -> bool:
    """Say whether files of a type go for ZIP archives."""
    return any(word in media_type for word in ("zip", "officedocument", "opendocument"))


def holds_signatures(stream: BinaryIO) -> bool:
    """Say whether an archive has parts that are signatures or time stamps (ASiC, OOXML, ODF)."""
    if not zipfile.is_zipfile(stream):
        return False  # gzip has "zip" in its name
    with zipfile.ZipFile(stream) as archive:
        return any(_SIGNATURE_PART.search(name) for name in archive.namelist()[:_MAX_ENTRIES])


def _missing_part(media_type: str, names: set[str]) -> str:
    if "openxmlformats" in media_type and "[Content_Types].xml" not in names:
        return "[Content_Types].xml"
    if "opendocument" in media_type and "content.xml" not in names:
        return "content.xml"
    if "asic" in media_type and not any(name.startswith("META-INF/") for name in names):
        return "META-INF"
    return ""


def _unpack_some(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    """Unpack and check sums up to a fixed amount of output, so that a bomb costs no more than a document."""
    left = _MAX_UNPACKED
    for entry in entries:
        if entry.is_dir() or entry.flag_bits & 0x1:  # encrypted: only the recipient can open it
            continue
        try:
            with archive.open(entry) as part:
                while left > 0 and (chunk := part.read(_CHUNK)):
                    left -= len(chunk)
        except (NotImplementedError, RuntimeError):
            continue  # a method of compression that is not ours to judge
        except Exception as error:
            if not is_about_the_file(error):
                raise
            return f"the archive is damaged: {entry.filename[:80]}: {error}"
        if left <= 0:
            break
    return ""


def _xml(stream: BinaryIO) -> str:
    stream.seek(0)
    target: Any = _Nothing()  # its type asks for methods that would make the parser build texts
    parser = etree.XMLParser(
        target=target, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        while chunk := stream.read(_CHUNK):
            parser.feed(chunk)
        parser.close()
    except etree.XMLSyntaxError as error:
        if any(sign in str(error) for sign in _LIMITS):
            raise NotJudged(f"the XML passes the bounds of its parser: {str(error)[:150]}") from None
        return f"the XML is not well formed: {str(error)[:150]}"
    except _TooDeep:
        return "the XML is nested too deeply"
    # Prefixes that nobody declared do not stop a parser that keeps nothing.
    for wrong in parser.feed_error_log.filter_from_errors():
        return f"the XML is not well formed: {wrong.message[:150]}"
    return ""


class _TooDeep(Exception):
    """The elements are nested too deeply."""


class _Nothing:
    """Where the parser puts what it reads: neither a text of any length nor a tree is kept in memory."""

    def __init__(self) -> None:
        self.depth = 0

    def start(self, _tag: str, _attributes: Mapping[str, str]) -> None:
        self.depth += 1
        if self.depth > _MAX_XML_DEPTH:
            raise _TooDeep

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def close(self) -> None:
        return
