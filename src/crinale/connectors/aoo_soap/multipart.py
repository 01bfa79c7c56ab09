"""Reading a multipart/related package (RFC 2387, MTOM) in pieces, without holding more than one piece.

``Source`` counts what is read from the connection and tells a body that ends too early from one that ended.
"""

from __future__ import annotations

import re
from email.message import Message
from typing import TYPE_CHECKING, Final

from crinale.connectors.aoo_soap.refusals import (
    TooLargeMessage,
    TruncatedBody,
    WrongContentType,
    WrongPackage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Protocol

    class Readable(Protocol):
        """What gives bytes: a WSGI input, a file, a response."""

        def read(self, size: int, /) -> bytes:
            """Return at most ``size`` bytes, none at the end."""


PIECE_BYTES: Final = 64 * 1024
MAX_HEADERS: Final = 16 * 1024
MAX_BOUNDARY: Final = 70
_FOLD: Final = re.compile(rb"\r\n[ \t]+")


def content_type(value: str) -> tuple[str, dict[str, str]]:
    """Split a Content-Type in the type (lower case) and its parameters."""
    message = Message()
    message["Content-Type"] = value
    parameters = message.get_params() or []
    return message.get_content_type(), {key.lower(): text for key, text in parameters[1:]}


class Source:
    """The body of a request, read in full pieces and never beyond the limit."""

    def __init__(self, stream: Readable, *, length: int | None, limit: int) -> None:
        if length is not None and length > limit:
            raise TooLargeMessage(f"{length} > {limit}")
        self._stream = stream
        self._length = length
        self._limit = limit
        self.taken = 0

    def read(self) -> bytes:
        """Return the next piece, empty at the end."""
        wanted = PIECE_BYTES if self._length is None else min(PIECE_BYTES, self._length - self.taken)
        pieces: list[bytes] = []
        while wanted:
            try:
                piece = self._stream.read(wanted)
            except OSError as error:  # the connection broke
                raise TruncatedBody(str(error)) from error
            if not piece:
                break
            pieces.append(piece)
            wanted -= len(piece)
            self.taken += len(piece)
        if self.taken > self._limit:
            raise TooLargeMessage(f"> {self._limit}")
        if not pieces and self._length is not None and self.taken < self._length:
            raise TruncatedBody(f"{self.taken} of {self._length} bytes")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def pieces(self) -> Iterator[bytes]:
        """All pieces to the end."""
        while piece := self.read():
            yield piece


class Multipart:
    """The parts of a package, one after the other: ``next_part`` gives headers, ``pieces`` the content."""

    def __init__(self, source: Source, parameters: Mapping[str, str]) -> None:
        boundary = parameters.get("boundary", "")
        if not 0 < len(boundary) <= MAX_BOUNDARY or not boundary.isascii():
            raise WrongContentType("boundary")
        self._source = source
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        self._ahead = bytearray(b"\r\n")
        self._ended = False
        for piece in self.pieces():  # the preamble
            if len(piece) > MAX_HEADERS:
                raise WrongPackage("no boundary at the beginning")

    def _more(self) -> None:
        piece = self._source.read()
        if not piece:
            raise TruncatedBody("no closing boundary")
        self._ahead += piece

    def pieces(self) -> Iterator[bytes]:
        """Give the content of the part in pieces, and stop at its boundary."""
        keep = len(self._delimiter) - 1
        while (at := self._ahead.find(self._delimiter)) < 0:
            if len(self._ahead) > keep:
                yield bytes(self._ahead[:-keep])
                del self._ahead[:-keep]
            self._more()
        if at:
            yield bytes(self._ahead[:at])
        del self._ahead[: at + len(self._delimiter)]

    def next_part(self) -> Message | None:
        """Return the headers of the next part, None after the last."""
        while len(self._ahead) < 2:
            self._more()
        if self._ended or self._ahead.startswith(b"--"):
            self._ended = True
            return None
        while (end := self._ahead.find(b"\r\n\r\n")) < 0:
            if len(self._ahead) > MAX_HEADERS + PIECE_BYTES:
                raise WrongPackage("headers of a part")
            self._more()
        if end > MAX_HEADERS:
            raise WrongPackage("headers of a part")
        lines = _FOLD.sub(b" ", bytes(self._ahead[:end])).split(b"\r\n")
        del self._ahead[: end + 2]  # one CR LF stays: an empty part is followed by its boundary at once
        if lines[0].strip(b" \t"):
            raise WrongPackage("text after a boundary")
        headers = Message()
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon:
                raise WrongPackage("headers of a part")
            headers[name.decode("latin-1").strip()] = value.decode("latin-1").strip()
        self._skip_blank_line()
        return headers

    def _skip_blank_line(self) -> None:
        """Drop the empty line's CR LF, unless it already belongs to the boundary of an empty part."""
        while len(self._ahead) < len(self._delimiter):
            self._more()
        if not self._ahead.startswith(self._delimiter):
            del self._ahead[:2]
