"""Where the bytes of documents are kept: a store addressed by content (SHA-256)."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Protocol

from crinale.kernel.ports import Port

if TYPE_CHECKING:
    from crinale.spine.records.blobs import BlobRef


class BlobWriter(Protocol):
    """One blob on its way in. Exactly one of ``commit`` and ``abort`` ends it."""

    @property
    def size(self) -> int:
        """Bytes written so far."""

    def write(self, chunk: bytes) -> int:
        """Add bytes; raises :class:`~crinale.spine.records.blobs.TooLarge` when the limit is passed."""

    def commit(self) -> BlobRef:
        """Make the blob durable, then return its reference; the same bytes twice give the same blob."""

    def abort(self) -> None:
        """Forget what was written; harmless after ``commit``."""


class BlobStore(Protocol):
    """A store of immutable blobs. What ``commit`` answered survives a crash."""

    def writer(self, *, limit: int | None = None, file_name: str = "") -> BlobWriter:
        """Begin a blob of at most ``limit`` bytes; ``file_name`` helps where contents look alike."""

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob to read; raises :class:`~crinale.spine.records.blobs.BlobMissing`."""

    def size(self, sha256: str) -> int | None:
        """Return the size in bytes, or None when the blob is not here."""

    def remove_leftovers(self) -> int:
        """Remove what crashes left half written, a day old or more; return how many."""


blob_store: Port[BlobStore] = Port("records.blob_store")
