"""Rewriting BER as the definite form, in one pass (X.690 section 8; RFC 5652 allows BER in signed files).

Signing programs that stream write lengths as unknown and cut the content into thousands of pieces. Parsers
that join the pieces one by one need minutes for a file of 30 MB: here they are joined at once.
"""

from __future__ import annotations

from typing import Final

from crinale.kernel.errors import CrinaleError

_MAX_ELEMENTS: Final = 50_000
_MAX_DEPTH: Final = 16
_LARGE: Final = 65_536
_PIECES: Final = 0x24  # an OCTET STRING in pieces
_WHOLE: Final = b"\x04"
_END: Final = b"\0\0"

_Element = tuple[bytes, list[memoryview | bytes], int, int]


class BerDamaged(CrinaleError):
    """The structure of the file is damaged."""


def definite(data: bytes) -> bytes:
    """Give the first element of ``data`` with known lengths and its content in one piece.

    :raises BerDamaged: when it is cut off, nested too deeply or in too many pieces.
    """
    header, parts, _, _ = _Rewriter(data).element(0, len(data), 0)
    return b"".join((header, *parts))


class _Rewriter:
    """One pass over one file; an element is its new header, the parts of its content, their size, its end."""

    def __init__(self, data: bytes) -> None:
        self.data = memoryview(data)
        self.count = 0

    def element(self, start: int, end: int, depth: int) -> _Element:
        self.count += 1
        if self.count > _MAX_ELEMENTS or depth > _MAX_DEPTH:
            raise BerDamaged
        tag, content, length = self._header(start, end)
        if length is None:
            if not tag[0] & 0x20:
                raise BerDamaged
            return self._rewritten(tag, content, end, depth, ended=True)
        stop = content + length
        if stop > end:
            raise BerDamaged
        constructed_and_large = tag[0] & 0x20 and length >= _LARGE
        if tag[0] == _PIECES or constructed_and_large:
            return self._rewritten(tag, content, stop, depth, ended=False)
        # What is small and of known length stays byte for byte: certificates and signed attributes.
        return bytes(self.data[start:content]), [self.data[content:stop]], length, stop

    def _rewritten(self, tag: bytes, start: int, stop: int, depth: int, *, ended: bool) -> _Element:
        parts: list[memoryview | bytes] = []
        size, position = 0, start
        while True:
            if ended and bytes(self.data[position : position + 2]) == _END:
                position += 2
                break
            if not ended and position == stop:
                break
            header, inner, inner_size, position = self.element(position, stop, depth + 1)
            if tag[0] != _PIECES:
                parts.append(header)
                size += len(header)
            parts += inner
            size += inner_size
        new_tag = _WHOLE if tag[0] == _PIECES else tag
        return new_tag + _length(size), parts, size, position

    def _header(self, start: int, end: int) -> tuple[bytes, int, int | None]:
        """Read tag and length; give the tag, where the content begins, its length or None when unknown."""
        try:
            position = start + 1
            if self.data[start] & 0x1F == 0x1F:
                while self.data[position] & 0x80:
                    position += 1
                position += 1
            tag = bytes(self.data[start:position])
            first = self.data[position]
            position += 1
            if first < 0x80:
                return tag, position, first
            if first == 0x80:
                return tag, position, None
            width = first & 0x7F
            if width > 8 or position + width > end:
                raise BerDamaged
            return tag, position + width, int.from_bytes(self.data[position : position + width], "big")
        except IndexError:
            raise BerDamaged from None


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits
