"""Reading XML that comes from outside: no document type, no entities, no network, bounded depth and size.

A sealed text is read by people through its elements and by the seal through its canonical form; comments are
dropped while parsing, so that both see the same text (canonical XML without comments).
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Final

from lxml import etree

from crinale.kernel.errors import CrinaleError

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_DEPTH: Final = 64

# Encodings in which the characters of a document type declaration are plain ASCII bytes, so that it cannot
# hide.
_ENCODINGS: Final = frozenset(
    {
        "utf-8",
        "us-ascii",
        "ascii",
        "iso-8859-1",
        "iso-8859-15",
        "latin1",
        "windows-1252",
    }
)
_DECLARATION: Final = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")
_PROLOG_ITEM: Final = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_DEPTH_ERRORS: Final = (
    "Excessive depth",
    "too deep",
    "xmlParseElementStart: maximum depth",
)


class XmlRefused(CrinaleError):
    """The XML text cannot be accepted."""


class XmlMalformed(XmlRefused):
    """The XML text is not well formed."""


class XmlTooLarge(XmlRefused):
    """The XML text is larger than allowed."""


class XmlTooDeep(XmlRefused):
    """The elements of the XML text are nested more deeply than allowed."""


class XmlDoctype(XmlRefused):
    """The XML text has a document type declaration, which is not allowed."""


class XmlEncoding(XmlRefused):
    """The XML text is in an encoding that is not allowed: use UTF-8."""


def parse_xml(
    data: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    long_text: bool = False,
) -> etree._Element:
    """Parse an outside document and give its root; any refusal is an :class:`XmlRefused`.

    ``long_text`` lifts the parser's own bound of 10 MB on one text, for inline base64 files.
    """
    if len(data) > max_bytes:
        raise XmlTooLarge
    check_encoding(data)
    if doctype_start(data) is not None:
        raise XmlDoctype
    try:
        root = etree.fromstring(data, parser=_parser(long_text=long_text))
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from None
    if root is None:
        raise XmlMalformed
    if root.getroottree().docinfo.doctype:
        raise XmlDoctype
    if _deeper_than(max_depth)(root):
        raise XmlTooDeep
    return root


def check_encoding(data: bytes) -> None:
    """Refuse encodings in which markup could hide from the checks made on bytes."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in data[:4]:
        raise XmlEncoding
    declared = _DECLARATION.match(data.removeprefix(_UTF8_MARK)[:300])
    if declared and declared[1].decode("ascii").lower() not in _ENCODINGS:
        raise XmlEncoding


def doctype_start(data: bytes) -> int | None:
    """Give the offset of a document type declaration in the prolog, or None."""
    position = len(_UTF8_MARK) if data.startswith(_UTF8_MARK) else 0
    while item := _PROLOG_ITEM.match(data, position):
        position = item.end()
    return position if data.startswith(b"<!DOCTYPE", position) else None


class _Parsers(threading.local):
    """One pair of parsers for each thread: a shared one would make threads wait for each other."""

    def __init__(self) -> None:
        self.ordinary = _new_parser(huge=False)
        self.long_text = _new_parser(huge=True)


def _new_parser(*, huge: bool) -> etree.XMLParser[etree._Element]:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=huge,
        remove_comments=True,
        recover=False,
    )


_PARSERS: Final = _Parsers()


def _parser(*, long_text: bool) -> etree.XMLParser[etree._Element]:
    return _PARSERS.long_text if long_text else _PARSERS.ordinary


def _refusal(error: etree.XMLSyntaxError) -> XmlRefused:
    message = str(error)
    if any(sign in message for sign in _DEPTH_ERRORS):
        return XmlTooDeep()
    return XmlMalformed(f"The XML text is not well formed: {message[:200]}")


@lru_cache(maxsize=8)
def _deeper_than(depth: int) -> etree.XPath:
    # Evaluated in C: walking the tree in Python would cost more than parsing it.
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")
