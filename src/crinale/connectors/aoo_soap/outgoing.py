"""A message to be sent, as pieces of canonical XML with places for the files between them.

The signature of a message covers the base64 text of its files even when MTOM carries their bytes beside the
envelope (XOP 1.0 section 3: the infoset is that of the optimised content put back). So the same pieces
serve for the digest, for the text on the wire and for the evidence that is kept; no file is ever whole in
memory, except small ones, whose text is made once and used for both digest and sending.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.base64_text import encode

if TYPE_CHECKING:
    import hashlib
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from crinale.spine.exchange.ports import OutgoingFile

INLINE_BYTES: Final = 64 * 1024


@dataclass
class FileSlot:
    """The place of a file in an envelope."""

    file: OutgoingFile
    inline: bool

    @cached_property
    def inline_text(self) -> bytes:
        """Base64 text of a small file."""
        return b"".join(self._encoded())

    def text(self) -> Iterable[bytes]:
        """Base64 text in pieces."""
        return (self.inline_text,) if self.inline else self._encoded()

    def _encoded(self) -> Iterator[bytes]:
        with self.file.open() as stream:
            yield from encode(stream)

    def content_id(self) -> str:
        """Name of the file's part: its digest, so that the evidence says which bytes were sent."""
        return f"{self.file.sha256}@sha256"

    def include(self) -> bytes:
        """The element that stands for the content."""
        return include(self.file.sha256)


def include(sha256: str, layout: str = "") -> bytes:
    """``xop:Include`` for a content known by its digest; ``layout`` tells where lines were broken."""
    lines = f' xmlns:e="{names.EVIDENCE}" e:layout="{layout}"' if layout else ""
    return f'<xop:Include xmlns:xop="{names.XOP}"{lines} href="cid:{sha256}@sha256"></xop:Include>'.encode()


Piece = bytes | FileSlot


def update(digest: hashlib._Hash, pieces: Iterable[Piece]) -> None:
    """Feed a digest with the canonical text of the pieces."""
    for piece in pieces:
        if isinstance(piece, bytes):
            digest.update(piece)
        else:
            for text in piece.text():
                digest.update(text)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed message, ready to be sent in either form."""

    pieces: tuple[Piece, ...]
    message_id: str
    signature: bytes

    @property
    def slots(self) -> list[FileSlot]:
        """The places of files, in order."""
        return [piece for piece in self.pieces if isinstance(piece, FileSlot)]

    @property
    def packaged(self) -> list[FileSlot]:
        """Files that travel beside the envelope."""
        return [slot for slot in self.slots if not slot.inline]

    def on_the_wire(self) -> bytes:
        """The envelope as it is sent."""
        return b"".join(
            piece if isinstance(piece, bytes) else piece.inline_text if piece.inline else piece.include()
            for piece in self.pieces
        )

    def evidence(self) -> bytes:
        """The envelope with every file known by its digest: what is kept. See ``evidence.restore``."""
        return b"".join(piece if isinstance(piece, bytes) else piece.include() for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Wire:
    """What goes over HTTP: content type, exact length, and the bytes in pieces, as often as asked."""

    content_type: str
    length: int
    parts: tuple[bytes | FileSlot, ...]

    def pieces(self) -> Iterator[bytes]:
        """The bytes, in pieces."""
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
            else:
                with part.file.open() as stream:
                    while piece := stream.read(io.DEFAULT_BUFFER_SIZE * 8):
                        yield piece

    def stream(self) -> BinaryIO:
        """The whole as one readable stream (of small messages; for tests and the fake)."""
        return io.BytesIO(b"".join(self.pieces()))


def pack(envelope: Envelope) -> Wire:
    """Write the message as ``text/xml`` when all files are small, else as an MTOM package."""
    text = envelope.on_the_wire()
    if not envelope.packaged:
        return Wire('text/xml; charset="utf-8"', len(text), (text,))
    boundary = f"crinale-{envelope.message_id.rpartition(':')[2]}"
    kind = (
        f'multipart/related; type="{names.XOP_TYPE}"; start-info="text/xml"; '
        f'start="<envelope@crinale>"; boundary="{boundary}"'
    )
    head = (
        f'--{boundary}\r\nContent-Type: {names.XOP_TYPE}; charset=UTF-8; type="text/xml"\r\n'
        "Content-Transfer-Encoding: binary\r\nContent-ID: <envelope@crinale>\r\n\r\n"
    ).encode("ascii")
    parts: list[bytes | FileSlot] = [head + text]
    sent: set[str] = set()
    for slot in envelope.packaged:
        if slot.content_id() in sent:
            continue
        sent.add(slot.content_id())
        parts.append(
            (
                f"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\n"
                f"Content-Transfer-Encoding: binary\r\nContent-ID: <{slot.content_id()}>\r\n\r\n"
            ).encode("ascii")
        )
        parts.append(slot)
    parts.append(f"\r\n--{boundary}--\r\n".encode("ascii"))
    length = sum(len(part) if isinstance(part, bytes) else part.file.size for part in parts)
    return Wire(kind, length, tuple(parts))
