"""Base64 text of a file inside an envelope: decoded in pieces, and written again exactly as it came.

The signature of a message covers the text, not the bytes that it stands for. Most stacks write base64
without white space, some break lines (at 64 or 76 characters, with LF or CR LF). ``Layout`` remembers where
the breaks were in a few runs, so that the signed text can be made again from the stored bytes and need not
be kept.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from crinale.connectors.aoo_soap.refusals import WrongFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
BLANK: Final = b" \t\r\n"
MAX_RUNS: Final = 10_000
PIECE_BYTES: Final = 48 * 1024  # a multiple of 3: pieces encode without padding in between
LINES_AT_ONCE: Final = 1024
REGULAR: Final = 8  # so many lines alike make it worth to look for more of them
_LINE = re.compile(rb"([^ \t\r\n]*)([ \t\r\n]+)")
_RUN = re.compile(r"([0-9]+)([nrts]+)\*([0-9]+)")
_LETTERS: Final = {ord("\n"): "n", ord("\r"): "r", ord("\t"): "t", ord(" "): "s"}
_BLANKS: Final = {letter: bytes([code]) for code, letter in _LETTERS.items()}


@lru_cache
def _lines_of(length: int, blanks: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:[^ \t\r\n]{%d}%s(?![ \t\r\n]))+" % (length, re.escape(blanks)))


@dataclass(slots=True)
class Layout:
    """Where white space stood in a base64 text: runs of (characters, then these blanks, so many times)."""

    runs: list[tuple[int, bytes, int]] = field(default_factory=list)
    tail: int = 0

    def note(self, text: bytes) -> None:
        """Take the next piece of text."""
        end = 0
        while (line := _LINE.match(text, end)) is not None:
            self._add(self.tail + len(line[1]), line[2])
            self.tail, end = 0, line.end()
            end = self._add_alike(text, end)
        self.tail += len(text) - end

    def _add_alike(self, text: bytes, start: int) -> int:
        """Take all lines that are like the last one at a stroke: large files have millions of them."""
        length, blanks, count = self.runs[-1]
        alike = _lines_of(length, blanks).match(text, start) if count >= REGULAR else None
        if alike is None:
            return start
        self.runs[-1] = (length, blanks, count + len(alike[0]) // (length + len(blanks)))
        return alike.end()

    def _add(self, length: int, blanks: bytes) -> None:
        if length == 0 and self.runs:  # a piece ended between two blanks: they belong together
            before, start, count = self.runs.pop()
            if count > 1:
                self.runs.append((before, start, count - 1))
            length, blanks = before, start + blanks
        if self.runs and self.runs[-1][:2] == (length, blanks):
            self.runs[-1] = (length, blanks, self.runs[-1][2] + 1)
            return
        if len(self.runs) >= MAX_RUNS:
            raise WrongFile("irregular white space")
        self.runs.append((length, blanks, 1))

    def write(self) -> str:
        """One line of text, to keep with the evidence; ``read`` gives the layout back."""
        return ";".join(
            f"{length}{blanks.decode('ascii').translate(_LETTERS)}*{count}"
            for length, blanks, count in self.runs
        )

    @classmethod
    def read(cls, written: str) -> Layout:
        """Read what ``write`` wrote."""
        runs = []
        for part in filter(None, written.split(";")):
            if (found := _RUN.fullmatch(part)) is None:
                raise WrongFile("layout")
            runs.append((int(found[1]), b"".join(_BLANKS[letter] for letter in found[2]), int(found[3])))
        return cls(runs)

    def apply(self, characters: Iterator[bytes]) -> Iterator[bytes]:
        """Put the white space back into pieces of base64 text."""
        source = _Pieces(characters)
        for length, blanks, count in self.runs:
            left = count
            while left:
                lines = min(left, max(1, min(LINES_AT_ONCE, PIECE_BYTES // max(1, length))))
                block = source.take(length * lines)
                yield b"".join(block[at * length : (at + 1) * length] + blanks for at in range(lines))
                left -= lines
        yield from source.rest()


class _Pieces:
    """Pieces of text, taken in the sizes that the reader wants."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._ahead = bytearray()

    def take(self, size: int) -> bytes:
        while len(self._ahead) < size:
            piece = next(self._pieces, None)
            if piece is None:
                raise WrongFile("layout")
            self._ahead += piece
        taken = bytes(self._ahead[:size])
        del self._ahead[:size]
        return taken

    def rest(self) -> Iterator[bytes]:
        yield bytes(self._ahead)
        yield from self._pieces


class Decoder:
    """Base64 text in pieces of any length, to bytes. Everything that RFC 4648 does not allow is refused."""

    def __init__(self) -> None:
        self.layout: Layout | None = None
        self._characters = 0
        self._waiting = b""
        self._last = b""

    def feed(self, text: str) -> bytes:
        """Decode the next piece; raises ``WrongFile``."""
        try:
            raw = text.encode("ascii")
        except UnicodeEncodeError as error:
            raise WrongFile("not base64") from error
        stray = raw.translate(None, ALPHABET)
        if stray:
            if stray.translate(None, BLANK):
                raise WrongFile("not base64")
            if self.layout is None:
                self.layout = Layout(tail=self._characters)
        if self.layout is not None:
            self.layout.note(raw)
        if stray:
            raw = raw.translate(None, BLANK)
        if not raw:
            return b""
        self._characters += len(raw)
        if self._last.endswith(b"="):
            raise WrongFile("text after the padding")
        raw = self._waiting + raw
        whole = len(raw) - len(raw) % 4
        self._waiting = raw[whole:]
        return self._decode(raw[:whole])

    def _decode(self, raw: bytes) -> bytes:
        if not raw:
            return b""
        try:
            data = binascii.a2b_base64(raw, strict_mode=True)
        except binascii.Error as error:
            raise WrongFile("not base64") from error
        self._last = raw[-4:]
        return data

    def close(self) -> None:
        """Check that the text ended where base64 may end."""
        if self._waiting:
            raise WrongFile("the text ends within a group")
        if self._last.endswith(b"="):
            again = binascii.b2a_base64(binascii.a2b_base64(self._last), newline=False)
            if again != self._last:
                raise WrongFile("stray bits in the last group")


def encode(stream: BinaryIO) -> Iterator[bytes]:
    """Base64 text of a stream, in pieces, without white space."""
    while piece := _read_exactly(stream, PIECE_BYTES):
        yield binascii.b2a_base64(piece, newline=False)


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    """Read ``size`` bytes unless the stream ends: after a short read, padding would stand inside."""
    piece = stream.read(size)
    while 0 < len(piece) < size and (more := stream.read(size - len(piece))):
        piece += more
    return piece
