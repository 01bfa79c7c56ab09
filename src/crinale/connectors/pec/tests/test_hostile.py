"""However badly a mail is made, it is read, and the clerk is told what was wrong with it."""

from __future__ import annotations

import resource
import time
from base64 import encodebytes
from typing import TYPE_CHECKING

import pytest

from crinale.connectors.aoo_soap.tests.support import MemoryStore, MemoryWriter
from crinale.connectors.blob_folder import FolderBlobStore
from crinale.connectors.pec import findings as f
from crinale.connectors.pec.limits import MailLimits
from crinale.connectors.pec.reading import MailReader
from crinale.connectors.pec.tests import corpus, support

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", corpus.BUILDERS)
def test_it_is_read_for_what_it_is(name: str) -> None:
    expected, store = corpus.BUILDERS[name](), MemoryStore()
    begun = time.process_time()

    mail = support.read(expected.raw, store=store)

    assert (mail.kind, mail.subject, mail.sender_address) == (
        expected.kind,
        expected.subject,
        expected.sender,
    )
    assert tuple(file.name for file in mail.files) == expected.files
    assert mail.findings == expected.findings
    if expected.text is not None:
        assert mail.text == expected.text
    if expected.content is not None:
        assert store.blobs[mail.files[0].sha256] == expected.content
    assert time.process_time() - begun < 10


def test_the_corpus_is_large() -> None:
    assert len(corpus.BUILDERS) >= 60


@pytest.mark.parametrize("name", corpus.BUILDERS)
def test_it_is_read_wherever_it_was_cut(name: str) -> None:
    raw = corpus.BUILDERS[name]().raw
    store = MemoryStore()
    for share in range(1, 8):
        cut = raw[: min(len(raw), 20_000) * share // 8]
        assert support.read(cut, store=store).kind in {"ordinary", "unreadable"}


def test_a_mail_above_the_limit_is_not_read_but_named() -> None:
    mail = support.read(
        support.letter(body=b"\r\n" + b"x" * 5000, subject="Grande"), limits=MailLimits(mail_bytes=1000)
    )
    assert (mail.kind, mail.subject, mail.sender_address) == ("unreadable", "Grande", support.OURS)
    assert mail.findings == (f.TOO_LARGE,)


def test_a_file_of_fifty_megabytes_needs_no_memory(tmp_path: Path) -> None:
    store = FolderBlobStore(tmp_path)
    writer = store.writer(file_name="grande.eml")
    block = encodebytes(bytes(range(256)) * 57 * 16).replace(b"\n", b"\r\n")
    writer.write(corpus.parts(corpus.text(), corpus.file(content=b""), close=False).removesuffix(b"\r\n"))
    for _ in range(225):
        writer.write(block)
    writer.write(b"\r\n--bb--\r\n")
    blob = writer.commit()
    assert blob.size > 70_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    mail = MailReader(store, support.trust()).read(blob)

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert [(file.name, file.size) for file in mail.files] == [("a.pdf", 225 * 256 * 57 * 16)]
    assert mail.findings == ()
    assert grown < 120_000  # kilobytes; the pages of the mapped file count as well


def test_an_error_of_the_machine_is_not_the_mail_s() -> None:
    class FullStore(MemoryStore):
        def writer(self, **_: object) -> MemoryWriter:
            raise OSError(28, "No space left on device")

    store = FullStore()
    blob = support.put(MemoryStore(), b"")
    store.blobs[blob.sha256] = corpus.parts(corpus.text(), corpus.file())
    with pytest.raises(OSError, match="No space"):
        MailReader(store, support.trust()).read(blob)
