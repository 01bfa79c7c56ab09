"""The folder store: temporary file, fsync, link to the final name, fsync of the folders."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from crinale.spine.records.blobs import BlobMissing, BlobRef, TooLarge
from crinale.spine.records.signatures.media_types import HEAD_BYTES, TAIL_BYTES, detect_media_type

if TYPE_CHECKING:
    from io import BufferedReader

_INCOMING = "incoming"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_STALE_SECONDS = 24 * 3600
_BUFFER = 1 << 20


class FolderBlobStore:
    """A store of blobs under ``root``, for one machine (or several that share a POSIX file system)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / _INCOMING

    def writer(self, *, limit: int | None = None, file_name: str = "") -> FolderBlobWriter:
        """Begin a blob of at most ``limit`` bytes; ``file_name`` helps where contents look alike."""
        self._incoming.mkdir(parents=True, exist_ok=True)
        return FolderBlobWriter(self, self._incoming, limit, file_name)

    def open(self, sha256: str) -> BufferedReader:
        """Open a blob to read.

        :raises BlobMissing: when it is not here.
        """
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise BlobMissing from None

    def size(self, sha256: str) -> int | None:
        """Return the size in bytes, or None when the blob is not here."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def path(self, sha256: str) -> Path:
        """Return where a blob lies. Anything but a SHA-256 is refused, so no name leads out of the folder.

        :raises BlobMissing: when ``sha256`` is not 64 hexadecimal digits.
        """
        if not _SHA256.fullmatch(sha256):
            raise BlobMissing
        return self.root / sha256[:2] / sha256

    def remove_leftovers(self, *, older_than: float = _STALE_SECONDS) -> int:
        """Remove what crashes left in the incoming folder; return how many files."""
        limit, removed = time.time() - older_than, 0
        for leftover in self._incoming.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if leftover.stat().st_mtime < limit:
                    leftover.unlink()
                    removed += 1
        return removed


class FolderBlobWriter:
    """One blob on its way into the folder."""

    def __init__(self, store: FolderBlobStore, incoming: Path, limit: int | None, file_name: str) -> None:
        descriptor, name = tempfile.mkstemp(dir=incoming)
        self._file = os.fdopen(descriptor, "wb", buffering=_BUFFER)
        self._temporary: Path | None = Path(name)
        self._store = store
        self._limit = limit
        self._file_name = file_name
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    def write(self, chunk: bytes) -> int:
        """Add bytes.

        :raises TooLarge: when the limit is passed; the blob is forgotten.
        """
        self._size += len(chunk)
        if self._limit is not None and self._size > self._limit:
            self.abort()
            raise TooLarge
        self._digest.update(chunk)
        return self._file.write(chunk)

    def commit(self) -> BlobRef:
        """Make the blob durable, then return its reference; the same bytes twice give the same blob."""
        if self._temporary is None:
            raise RuntimeError("this writer has ended already")
        sha256 = self._digest.hexdigest()
        final = self._store.path(sha256)
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            os.fchmod(self._file.fileno(), 0o440)
            self._file.close()
            _make_durable_folder(final.parent, self._store.root)
            with contextlib.suppress(FileExistsError):  # the same content is there: nothing to do
                os.link(self._temporary, final)
            # Also when it was there: whoever linked it may not have flushed the folder yet.
            _flush_folder(final.parent)
            media_type = _media_type(final, self._size, self._file_name)
        finally:
            self.abort()
        return BlobRef(sha256=sha256, size=self._size, media_type=media_type)

    def abort(self) -> None:
        """Forget what was written; harmless after ``commit``."""
        if self._temporary is not None:
            self._file.close()
            self._temporary.unlink(missing_ok=True)
            self._temporary = None


def _media_type(blob: Path, size: int, file_name: str) -> str:
    with blob.open("rb") as stored:
        head = stored.read(HEAD_BYTES)
        stored.seek(max(0, size - TAIL_BYTES))
        return detect_media_type(head, tail=stored.read(TAIL_BYTES), file_name=file_name)


def _make_durable_folder(folder: Path, root: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    while folder != root:
        folder = folder.parent
        _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
