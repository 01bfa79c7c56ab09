"""The contents of the files of a message: digested as they come, kept in memory or in the blob store.

Contents up to ``IN_MEMORY`` stay in memory until the signature is verified; larger ones are in the store
before, because verifying needs them a second time. One that is refused afterwards stays there without any row
that refers to it, which the store may collect.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from crinale.connectors.aoo_soap.base64_text import Layout, encode
from crinale.connectors.aoo_soap.refusals import TooLargeMessage
from crinale.spine.protocol.rules.digests import Digest
from crinale.spine.records.blobs import TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from crinale.connectors.aoo_soap.limits import Limits
    from crinale.spine.records.blobs import BlobRef
    from crinale.spine.records.ports import BlobStore, BlobWriter

IN_MEMORY: Final = 256 * 1024
ALL_IN_MEMORY: Final = 4 * 1024 * 1024
SHA256: Final = "SHA-256"


@dataclass(slots=True)
class Content:
    """The content of one File element, once it was read; ``digests`` by the short names of table 1."""

    name: str = ""
    href: str | None = None
    layout: Layout | None = None
    size: int = 0
    digests: dict[str, bytes] = field(default_factory=dict)
    memory: bytes | None = None
    blob: BlobRef | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 in hexadecimal."""
        return self.digests[SHA256].hex()

    def open(self, store: BlobStore) -> BinaryIO:
        """Open the bytes of the file."""
        if self.memory is not None:
            return io.BytesIO(self.memory)
        return store.open(self.sha256)

    def text(self, store: BlobStore) -> Iterator[bytes]:
        """The base64 text as the signature covers it, in pieces; CR as canonical XML writes it."""
        with self.open(store) as stream:
            if self.layout is None:
                yield from encode(stream)
            else:
                for piece in self.layout.apply(encode(stream)):
                    yield piece.replace(b"\r", b"&#xD;")


class Intake:
    """Takes the bytes of one file: digests, and memory or blob."""

    def __init__(
        self, content: Content, *, algorithms: set[str], room: int, store: BlobStore, limit: int
    ) -> None:
        self._content = content
        self._hashes = {name: Digest(b"", name).new() for name in algorithms | {SHA256}}
        self._room = room
        self._store = store
        self._limit = limit
        self._memory: list[bytes] = []
        self._writer: BlobWriter | None = None

    def write(self, data: bytes) -> None:
        if not data:
            return
        for each in self._hashes.values():
            each.update(data)
        self._content.size += len(data)
        try:
            if self._writer is not None:
                self._writer.write(data)
                return
            self._memory.append(data)
            if self._content.size > self._room:
                self._writer = self._store.writer(limit=self._limit, file_name=self._content.name)
                for piece in self._memory:
                    self._writer.write(piece)
                self._memory = []
        except TooLarge as error:
            raise TooLargeMessage from error

    def close(self) -> int:
        """End the file; return how much of it stays in memory."""
        self._content.digests = {name: each.digest() for name, each in self._hashes.items()}
        if self._writer is not None:
            self._content.blob = self._writer.commit()
            return 0
        self._content.memory = b"".join(self._memory)
        return self._content.size

    def abort(self) -> None:
        if self._writer is not None:
            self._writer.abort()


class Files:
    """Opens an intake for each file, and knows how much memory is left for small ones."""

    def __init__(self, store: BlobStore, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._room = ALL_IN_MEMORY
        self._open: Intake | None = None
        self.algorithms: set[str] = set()

    def begin(self, content: Content) -> Intake:
        self._open = Intake(
            content,
            algorithms=self.algorithms,
            room=min(IN_MEMORY, self._room),
            store=self._store,
            limit=self._limits.total,
        )
        return self._open

    def end(self, intake: Intake) -> None:
        self._room -= intake.close()
        self._open = None

    def abort(self) -> None:
        if self._open is not None:
            self._open.abort()
