"""What every blob store promises, on the folder store; and what only folders have."""

from __future__ import annotations

import hashlib
import io
import os
import resource
import threading
from pathlib import Path

import pytest

from crinale.connectors.blob_folder import FolderBlobStore
from crinale.spine.records.blobs import BlobMissing, TooLarge

TEXT = b"Delibera di giunta\n" * 100


@pytest.fixture
def store(tmp_path: Path) -> FolderBlobStore:
    return FolderBlobStore(tmp_path / "blobs")


def _put(store: FolderBlobStore, *pieces: bytes, limit: int | None = None) -> str:
    writer = store.writer(limit=limit)
    for piece in pieces:
        writer.write(piece)
    return writer.commit().sha256


def _files(store: FolderBlobStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_content_comes_back_and_is_known_by_its_digest(store: FolderBlobStore) -> None:
    writer = store.writer(file_name="delibera.txt")
    for start in range(0, len(TEXT), 7):
        writer.write(TEXT[start : start + 7])
    blob = writer.commit()
    assert (blob.sha256, blob.size) == (hashlib.sha256(TEXT).hexdigest(), len(TEXT))
    assert blob.media_type == "text/plain"
    with store.open(blob.sha256) as stream:
        assert stream.read() == TEXT
    assert store.size(blob.sha256) == len(TEXT)


def test_the_type_is_that_of_the_content(store: FolderBlobStore) -> None:
    writer = store.writer(file_name="innocuo.txt")
    writer.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    assert writer.commit().media_type == "application/pdf"


def test_the_same_content_is_kept_once(store: FolderBlobStore) -> None:
    assert _put(store, TEXT) == _put(store, TEXT[:10], TEXT[10:])
    assert len(_files(store)) == 1


def test_the_same_content_from_many_threads(store: FolderBlobStore) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(_put(store, TEXT))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {hashlib.sha256(TEXT).hexdigest()}
    assert len(found) == 8
    assert len(_files(store)) == 1


def test_nothing_stays_of_what_was_aborted_or_too_large(store: FolderBlobStore) -> None:
    writer = store.writer()
    writer.write(TEXT)
    writer.abort()
    writer.abort()
    with pytest.raises(TooLarge):
        _put(store, TEXT, limit=len(TEXT) - 1)
    assert _put(store, TEXT, limit=len(TEXT)) == hashlib.sha256(TEXT).hexdigest()
    assert len(_files(store)) == 1


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "A" * 64, "incoming"])
def test_what_is_not_here_is_missing(store: FolderBlobStore, name: str) -> None:
    with pytest.raises(BlobMissing):
        store.open(name)


def test_blobs_are_read_only_and_not_seen_half_written(store: FolderBlobStore) -> None:
    writer = store.writer()
    writer.write(TEXT)
    sha256 = hashlib.sha256(TEXT).hexdigest()
    assert store.size(sha256) is None
    writer.commit()
    assert store.path(sha256).stat().st_mode & 0o777 == 0o440


def test_content_and_folders_are_flushed_before_the_answer(
    store: FolderBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    final = store.path(_put(store, TEXT))
    assert flushed[0].startswith(str(store.root / "incoming"))
    assert {str(final.parent), str(final.parent.parent), str(store.root)} <= set(flushed[1:])


def test_leftovers_of_a_crash_go(store: FolderBlobStore) -> None:
    writer = store.writer()
    writer.write(TEXT)
    assert store.remove_leftovers() == 0
    assert store.remove_leftovers(older_than=-1) == 1
    assert _files(store) == []
    writer.abort()


def test_large_files_do_not_pass_through_memory(store: FolderBlobStore) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    writer, piece = store.writer(), bytes(1 << 20)
    for _ in range(128):
        writer.write(piece)
    blob = writer.commit()
    with store.open(blob.sha256) as stream:
        while stream.read(1 << 18):
            pass
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert blob.size == 128 << 20
    assert grown < 32 << 10  # kilobytes


def test_a_reader_gets_a_stream(store: FolderBlobStore) -> None:
    with store.open(_put(store, TEXT)) as stream:
        assert isinstance(stream, io.BufferedReader)
