"""What a blob is: the bytes of a document, known by their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class BlobRef:
    """A stored blob: SHA-256 in hexadecimal, size in bytes, media type as detected from its content."""

    sha256: str
    size: int
    media_type: str


class BlobMissing(CrinaleError):
    """The file is recorded but its content is not in the store."""


class TooLarge(CrinaleError):
    """The file is larger than this node accepts."""


def chunks(stream: BinaryIO, *, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Read ``stream`` to its end in pieces of at most ``size`` bytes."""
    while chunk := stream.read(size):
        yield chunk
