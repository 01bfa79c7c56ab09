"""Headers, names and bodies to clean text, whatever bytes they are made of.

RFC 2047 (words in headers), RFC 2231 (parameters), and what mailers do instead.
"""

from __future__ import annotations

import binascii
import quopri
import re
import unicodedata
from base64 import b64decode
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from crinale.connectors.pec import findings as f

if TYPE_CHECKING:
    from crinale.connectors.pec.findings import Findings

_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS: Final = re.compile(r"(?<=\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
# Not character sets of mail, or costly to decode.
_NOT_CHARSETS: Final = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_LINE_ENDS: Final = re.compile(r"[ \t]*(?:\r\n|\r|\n)")
_KEPT_CONTROLS: Final = frozenset("\t\n")
_REORDERING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MANY_BREAKS: Final = re.compile(r"\n{3,}")
_TAG: Final = re.compile(r"<[^>]*>?")
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")


def decode(data: bytes, charset: str | None, findings: Findings | None = None) -> str:
    """Decode bytes by the named character set, else as UTF-8, else as Windows-1252; never fails."""
    name = (charset or "utf-8").strip().strip("\"'").lower().replace("_", "-")
    # US-ASCII is what mailers say who do not know; ISO-8859-1 is Windows-1252 in practice.
    name = {"us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "cp1252", "latin1": "cp1252"}.get(name, name)
    for candidate in dict.fromkeys((name, "utf-8")):
        if candidate in _NOT_CHARSETS:
            continue
        try:
            return data.decode(candidate)
        except (LookupError, ValueError):
            # A wrong name, or bytes that are not of it.
            continue
    if findings is not None:
        findings.add(f.WRONG_CHARSET)
    return data.decode("cp1252", errors="replace")


def header_text(raw: bytes, findings: Findings | None = None) -> str:
    """Give a header as one clean line: unfolded, encoded words decoded."""
    text = words(decode(raw, "utf-8", None), findings)
    return _BLANKS.sub(" ", without_controls(text)).strip()


def words(text: str, findings: Findings | None = None) -> str:
    """Decode the encoded words of RFC 2047; adjacent ones in one character set are joined as bytes."""
    if "=?" not in text:
        return text
    text = _BETWEEN_WORDS.sub("", text)
    pieces: list[str] = []
    position, pending, charset = 0, b"", ""

    def flush() -> None:
        nonlocal pending
        if pending:
            pieces.append(decode(pending, charset, findings))
            pending = b""

    for word in _WORD.finditer(text):
        named = word[1].partition("*")[0].lower()
        if word.start() > position or named != charset:
            flush()
        pieces.append(text[position : word.start()])
        pending, charset, position = pending + _word_bytes(word[2], word[3]), named, word.end()
    flush()
    pieces.append(text[position:])
    return "".join(pieces)


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", errors="replace")
    if encoding in "qQ":
        return quopri.decodestring(raw, header=True)
    digits = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    try:
        return b64decode(digits[: len(digits) - (len(digits) % 4 == 1)] + b"==")
    except binascii.Error:
        return raw


def without_controls(text: str) -> str:
    """Leave out what cannot be stored or seen: control characters, surrogates, marks of reading order."""
    clean = "".join(
        char for char in text if char in _KEPT_CONTROLS or unicodedata.category(char) not in {"Cc", "Cs"}
    )
    return _REORDERING.sub("", clean)


def is_invisible(char: str) -> bool:
    """Say whether a character of a name is a control, a mark of reading order, or otherwise unseen."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def body_text(data: bytes, charset: str | None, findings: Findings) -> str:
    """Give the text of a text/plain part, with plain line ends."""
    return without_controls(_LINE_ENDS.sub("\n", decode(data, charset, findings)))


def html_text(data: bytes, charset: str | None, findings: Findings) -> str:
    """Give the text of a text/html part: no markup, scripts, styles or addresses of pictures."""
    reader = _HtmlText()
    html = decode(data, charset or _declared(data), findings)
    try:
        reader.feed(html)
        reader.close()
        text = reader.text()
    except (AssertionError, ValueError):  # what html.parser raises on markup declarations that are none
        text = _TAG.sub(" ", html)
    lines = (line.strip() for line in without_controls(text).split("\n"))
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


def _declared(html: bytes) -> str | None:
    found = re.search(
        rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_\-]{2,40})", html[:4096], re.IGNORECASE
    )
    return found[1].decode("ascii") if found else None


class _HtmlText(HTMLParser):
    """Keeps the text of a page and breaks its lines where blocks end."""

    _HIDDEN: Final = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg"})
    _BLOCKS: Final = frozenset(
        {"p", "div", "br", "tr", "li", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "blockquote", "pre"}
        | {"ul", "ol", "section", "article", "header", "footer", "address", "dt", "dd", "body"}
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "body":
            self._hidden.clear()  # a head that nobody closed ends here
        if tag in self._HIDDEN:
            self._hidden.append(tag)
        elif tag in self._BLOCKS:
            self._pieces.append("\n")
        elif tag in {"td", "th"}:
            self._pieces.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in self._BLOCKS:
            self._pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass
        elif tag in self._BLOCKS:
            self._pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._pieces.append(_BLANKS.sub(" ", data))

    def text(self) -> str:
        """Return what was kept."""
        return "".join(self._pieces)
