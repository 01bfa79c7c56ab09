"""The parts of a mail as regions of its bytes: nothing is copied, so a mail of 100 MB costs no memory.

RFC 2046. Boundaries are searched in the bytes; the exact bytes of a part are what an S/MIME signature covers
 (RFC 8551 section 3.1.1).
"""

from __future__ import annotations

import contextlib
import io
import mmap
import re
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from crinale.connectors.pec import findings as f
from crinale.connectors.pec.encodings import decoded
from crinale.connectors.pec.headers import Headers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.connectors.pec.findings import Findings
    from crinale.connectors.pec.limits import MailLimits

_HEADERS_END: Final = re.compile(rb"\r?\n\r?\n")
_MAX_BOUNDARY: Final = 250
_CHUNK: Final = 1 << 20


@contextlib.contextmanager
def mapped(stream: BinaryIO, *, limit: int) -> Iterator[bytes | mmap.mmap]:
    """Give the first ``limit`` bytes of a stream as one sequence that lies on disk, not in memory."""
    with contextlib.ExitStack() as stack:
        if not (isinstance(stream, io.BufferedReader) and isinstance(stream.raw, io.FileIO)):
            copy = stack.enter_context(tempfile.TemporaryFile())
            left = limit
            while left > 0 and (chunk := stream.read(min(left, _CHUNK))):
                copy.write(chunk)
                left -= len(chunk)
            copy.flush()
            stream = copy
        size = min(limit, stream.seek(0, io.SEEK_END))
        if not size:
            yield b""
            return
        data = mmap.mmap(stream.fileno(), size, access=mmap.ACCESS_READ)
        try:
            yield data
        finally:
            with contextlib.suppress(BufferError):  # something still looks at it: freed with the last view
                data.close()


@dataclass(slots=True)
class Part:
    """One entity: its headers, where its body begins and ends, and the entities in it.

    ``raw_start`` is where its headers begin. ``cut`` says that it is a multipart whose parts were not read.
    """

    headers: Headers
    data: bytes | mmap.mmap
    raw_start: int
    start: int
    end: int
    media_type: str
    children: list[Part] = field(default_factory=list)
    cut: bool = False

    @property
    def encoding(self) -> str:
        """The content transfer encoding."""
        return self.headers.token("content-transfer-encoding")

    def stream(self, findings: Findings) -> Iterator[bytes]:
        """Decode the body piece by piece."""
        return decoded(self.data, self.start, self.end, self.encoding, findings)

    def content(self, findings: Findings, *, limit: int) -> bytes:
        """Decode at most ``limit`` bytes of the body."""
        held = bytearray()
        for piece in self.stream(findings):
            held += piece
            if len(held) >= limit:
                break
        return bytes(held[:limit])

    def raw(self, *, canonical: bool) -> Iterator[bytes]:
        """Give the entity with its headers as it stands, or with every line ended by CR LF."""
        previous = b""
        for position in range(self.raw_start, self.end, _CHUNK):
            piece = self.data[position : min(self.end, position + _CHUNK)]
            if canonical:
                last = piece[-1:]
                joined = re.sub(rb"(?<!\r)\n", b"\r\n", previous + piece)
                piece, previous = joined[len(previous) :], last
            yield piece

    def leaves(self) -> Iterator[Part]:
        """Give the entities that hold no others, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


class PartReader:
    """Reads entities and counts them, within the limits of one mail."""

    def __init__(self, limits: MailLimits, findings: Findings) -> None:
        self._limits, self._findings, self._left = limits, findings, limits.parts

    def entity(
        self, data: bytes | mmap.mmap, start: int, end: int, *, depth: int = 0, default: str = "text/plain"
    ) -> Part:
        """Read an entity and those in it."""
        self._left -= 1
        headers, body = self._headers(data, start, end)
        part = Part(headers, data, start, min(body, end), end, headers.content_type(default))
        if part.media_type.startswith("multipart/"):
            self._split(part, depth)
        return part

    def _headers(self, data: bytes | mmap.mmap, start: int, end: int) -> tuple[Headers, int]:
        if data[start : start + 1] == b"\n" or data[start : start + 2] == b"\r\n":
            return Headers(), start + (1 if data[start : start + 1] == b"\n" else 2)
        limit = min(end, start + self._limits.header_bytes)
        found = _HEADERS_END.search(data, start, limit)
        if found:
            return Headers.parse(data[start : found.start()]), found.end()
        if limit < end:
            self._findings.add(f.LONG_HEADERS)
            further = _HEADERS_END.search(data, limit - 4, end)
            return Headers.parse(data[start:limit]), further.end() if further else end
        return Headers.parse(data[start:end]), end

    def _split(self, part: Part, depth: int) -> None:
        regions, closed = _regions(part)
        if not regions:
            self._findings.add(f.NO_PARTS)
            part.media_type = "text/plain"
            return
        if depth >= self._limits.depth:
            self._findings.add(f.TOO_DEEP)
            part.cut = True
            return
        if not closed:
            self._findings.add(f.NOT_CLOSED)
        default = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
        for start, end in regions:
            if self._left <= 0:
                self._findings.add(f.TOO_MANY_PARTS)
                return
            part.children.append(self.entity(part.data, start, end, depth=depth + 1, default=default))


def _regions(part: Part) -> tuple[list[tuple[int, int]], bool]:
    """Give where the parts of a multipart begin and end, and whether the last one is closed."""
    boundary = part.headers.parameter("content-type", "boundary").rstrip()
    if not boundary or len(boundary) > _MAX_BOUNDARY:
        return [], False
    line = re.compile(
        rb"^--" + re.escape(boundary.encode("utf-8", errors="replace")) + rb"(--)?[ \t]*\r?$", re.MULTILINE
    )
    regions: list[tuple[int, int]] = []
    begun = -1
    for found in line.finditer(part.data, part.start, part.end):
        if begun >= 0:
            regions.append((begun, max(begun, _before_break(part.data, found.start()))))
        if found[1]:
            return regions, True
        begun = min(part.end, found.end() + 1)
    if 0 <= begun < part.end:
        regions.append((begun, part.end))
    return regions, False


def _before_break(data: bytes | mmap.mmap, position: int) -> int:
    """Give the end of the content before a boundary: the line break before it belongs to the boundary."""
    if data[max(0, position - 2) : position] == b"\r\n":
        return position - 2
    return position - 1 if data[max(0, position - 1) : position] == b"\n" else position


def headers_begin(data: bytes | mmap.mmap, start: int = 0, end: int | None = None) -> int:
    """Give where the headers begin: after a byte order mark and blank lines."""
    end = len(data) if end is None else end
    if data[start : start + 3] == b"\xef\xbb\xbf":
        start += 3
    while start < end and data[start : start + 1] in {b"\r", b"\n"}:
        start += 1
    return start
