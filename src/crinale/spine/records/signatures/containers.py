"""Is the structure of a file whole enough to be opened? Cheap signs, bounded work, no decoding of images."""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO, Final

from lxml import etree

from crinale.spine.records.signatures import media_types

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_ENTRIES: Final = 20_000
_MAX_UNPACKED: Final = 64 * 1024 * 1024
_CHUNK: Final = 1 << 16


def structure_problem(stream: BinaryIO, media_type: str, *, size: int, head: bytes, tail: bytes) -> str:
    """Say why a file of a detected type cannot be read; an empty text when nothing is against it."""
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
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
    ) as error:
        return f"the archive is damaged: {error}"


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
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            return f"the archive is damaged: {entry.filename[:80]}: {error}"
        except (NotImplementedError, RuntimeError):
            continue  # a method of compression that is not ours to judge
        if left <= 0:
            break
    return ""


def _xml(stream: BinaryIO) -> str:
    stream.seek(0)
    parser = etree.XMLPullParser(
        events=("end",), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        while chunk := stream.read(_CHUNK):
            parser.feed(chunk)
            _forget(parser)
        parser.close()
    except etree.XMLSyntaxError as error:
        return f"the XML is not well formed: {str(error)[:150]}"
    return ""


def _forget(parser: etree.XMLPullParser) -> None:
    """Drop finished elements: a large file must not grow in memory."""
    for _, element in parser.read_events():
        if isinstance(element, etree._Element):  # noqa: SLF001  the only public name of the class is a factory
            element.clear(keep_tail=False)
            while (before := element.getprevious()) is not None and (
                parent := element.getparent()
            ) is not None:
                parent.remove(before)
