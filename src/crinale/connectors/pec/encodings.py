"""Content transfer encodings, streamed: base64, quoted-printable, uuencode, mended where they broke.

RFC 2045 section 6. A decoder never fails: what cannot be decoded is noted and passed over.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Final

from crinale.connectors.pec import findings as f

if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

    from crinale.connectors.pec.findings import Findings

_CHUNK: Final = 1 << 20
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_OTHERS: Final = bytes(set(range(256)) - set(_ALPHABET))
_NEITHER: Final = _ALPHABET + b" \t\r\n"
UU_NAMES: Final = frozenset({"uuencode", "x-uuencode", "x-uue", "uue"})
PLAIN: Final = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit"})
UU_BEGIN: Final = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,500})\r?\n", re.MULTILINE)
_UU_END: Final = re.compile(rb"^(?:`?[ \t]*\r?\n)?end[ \t]*\r?(?:\n|\Z)", re.MULTILINE)


def decoded(data: bytes | mmap, start: int, end: int, encoding: str, findings: Findings) -> Iterator[bytes]:
    """Decode a region piece by piece."""
    if encoding == "base64":
        yield from _base64(data, start, end, findings)
    elif encoding == "quoted-printable":
        yield from _quoted_printable(data, start, end)
    elif encoding in UU_NAMES:
        begin = UU_BEGIN.search(data, start, end)
        body = begin.end() if begin else start
        yield from uu_lines(data, body, uu_end(data, body, end)[0], findings)
    else:
        if encoding not in PLAIN:
            findings.add(f.WRONG_ENCODING)
        yield from _pieces(data, start, end)


def _pieces(data: bytes | mmap, start: int, end: int) -> Iterator[bytes]:
    for position in range(start, end, _CHUNK):
        yield data[position : min(end, position + _CHUNK)]


def _base64(data: bytes | mmap, start: int, end: int, findings: Findings) -> Iterator[bytes]:
    rest = b""
    for piece in _pieces(data, start, end):
        if piece.translate(None, _NEITHER):
            findings.add(f.WRONG_ENCODING)
        *closed, rest = (rest + piece.translate(None, _OTHERS)).split(b"=")
        for run in closed:  # padding ends a run; some mailers write several, one after the other
            if run:
                yield _run(run, findings)
        whole = len(rest) - len(rest) % 4
        if whole:
            yield b64decode(rest[:whole])
            rest = rest[whole:]
    if rest:
        yield _run(rest, findings)


def _run(run: bytes, findings: Findings) -> bytes:
    if len(run) % 4 == 1:
        findings.add(f.WRONG_ENCODING)
        run = run[:-1]
    return b64decode(run + b"=" * (-len(run) % 4))


def _quoted_printable(data: bytes | mmap, start: int, end: int) -> Iterator[bytes]:
    position = start
    while position < end:
        stop = min(end, position + _CHUNK)
        if stop < end:
            # Neither a line nor an escape is torn apart.
            line_end = data.rfind(b"\n", position, stop)
            escape = data.rfind(b"=", stop - 2, stop)
            stop = line_end + 1 if line_end >= position else escape if escape > position else stop
        yield binascii.a2b_qp(data[position:stop])
        position = stop


def uu_end(data: bytes | mmap, start: int, end: int) -> tuple[int, int]:
    """Give where the lines of a uuencoded file end, and where the text goes on."""
    found = _UU_END.search(data, start, end)
    return found.span() if found else (end, end)


def uu_lines(data: bytes | mmap, start: int, end: int, findings: Findings) -> Iterator[bytes]:
    """Decode the lines of a uuencoded file."""
    position = start
    while position < end:
        stop = data.find(b"\n", position, end)
        stop = end if stop < 0 else stop
        line = data[position : min(stop, position + 200)].rstrip(b"\r\n")
        position = stop + 1
        if not line or line in {b"`", b" "}:
            continue
        try:
            yield binascii.a2b_uu(line)
        except binascii.Error:
            findings.add(f.UUENCODE_DAMAGED)
            length = ((line[0] - 32) & 63) * 4 + 5  # lines with a check character or lost blanks at the end
            try:
                yield binascii.a2b_uu(line[: length // 3])
            except binascii.Error:
                continue
