"""Messages are read in pieces, whatever the pieces; what is wrong is refused soon and by name."""

from __future__ import annotations

import hashlib
import io
import os
import time
import tracemalloc
from base64 import b64encode, encodebytes
from typing import TYPE_CHECKING, BinaryIO

import pytest

from crinale.connectors.aoo_soap import names, refusals
from crinale.connectors.aoo_soap.base64_text import MAX_RUNS, Layout
from crinale.connectors.aoo_soap.contents import IN_MEMORY
from crinale.connectors.aoo_soap.limits import Limits
from crinale.connectors.aoo_soap.reading import Reading, read_message
from crinale.connectors.aoo_soap.tests.support import MemoryStore
from crinale.spine.records.blobs import BlobRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLAIN = "text/xml; charset=utf-8"
PACKAGE = (
    'multipart/related; type="application/xop+xml"; start="<root>"; start-info="text/xml"; boundary="b0"'
)
LIMITS = Limits(total=64 << 20)


def envelope(*files: str, before: str = "", segnatura: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<s:Envelope xmlns:s="{names.SOAP}"'
        f' xmlns:m="{names.MSGPROT}" xmlns:p="{names.PROT}"><s:Body><r><m:Segnatura>{segnatura}</m:Segnatura>'
        f"{''.join(files)}</r></s:Body></s:Envelope>"
    ).encode()


def file(text: str) -> str:
    return f"<m:File m:nomeFile='a>b.pdf' m:mimeType=\"application/pdf\">{text}</m:File>"


def include(content_id: str) -> str:
    return file(f'<i:Include xmlns:i="{names.XOP}" href="cid:{content_id}"/>')


def package(root: bytes, *parts: tuple[str, bytes], end: bytes = b"\r\n--b0--\r\n") -> bytes:
    head_of_root = (
        b'Content-Type: application/xop+xml; charset=UTF-8;\r\n type="text/xml"\r\nContent-ID: <root>'
    )
    chunks = [b"--b0\r\n", head_of_root, b"\r\n\r\n", root]
    for content_id, content in parts:
        head = f"\r\n--b0\r\nContent-ID: <{content_id}>\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        chunks += [head.encode(), content]
    return b"".join([*chunks, end])


class Dripping:
    """Gives few bytes at a time, as a network does."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream, self._size = io.BytesIO(data), size

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._size))


def read(
    data: bytes | BinaryIO | Dripping,
    declared: str = PLAIN,
    *,
    length: int | None = None,
    store: MemoryStore | None = None,
    limits: Limits = LIMITS,
) -> Reading:
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    return read_message(
        stream, declared_type=declared, length=length, store=store or MemoryStore(), limits=limits
    )


def contents(reading: Reading, store: MemoryStore) -> list[bytes]:
    result = []
    for content in reading.contents:
        with content.open(store) as stream:
            result.append(stream.read())
    return result


CONTENT = bytes(range(256)) * 3
LARGE = os.urandom(IN_MEMORY * 2 + 1)


@pytest.mark.parametrize("size", [1, 7, 64, 1000, 1 << 20])
@pytest.mark.parametrize("large", [False, True])
def test_files_come_out_whatever_the_pieces(size: int, large: bool) -> None:
    first = LARGE if large and size > 500 else CONTENT
    data = envelope(file(b64encode(first).decode()), file(b64encode(b"second").decode()))
    store = MemoryStore()

    reading = read(Dripping(data, size), store=store)

    assert contents(reading, store) == [first, b"second"]
    assert [content.sha256 for content in reading.contents] == [
        hashlib.sha256(first).hexdigest(),
        hashlib.sha256(b"second").hexdigest(),
    ]
    assert b64encode(b"second") not in reading.skeleton
    assert reading.skeleton.count(b"<m:File m:nomeFile='a>b.pdf'") == 2
    assert all(mark in reading.skeleton for mark in reading.marks)


@pytest.mark.parametrize("size", [1, 3, 50, 1 << 20])
def test_parts_of_a_package_come_out_whatever_the_pieces(size: int) -> None:
    tricky = b"\r\n--b\r\n--bx\r\n-" + CONTENT + b"\r\n--b"
    data = package(
        envelope(include("one%40x"), include("two")), ("two", tricky), ("unused", b"u"), ("one@x", b"")
    )
    store = MemoryStore()

    reading = read(Dripping(data, size), PACKAGE, store=store)

    assert contents(reading, store) == [b"", tricky]


def test_small_files_reach_the_store_only_when_settled() -> None:
    store = MemoryStore()
    reading = read(envelope(file(b64encode(CONTENT).decode()), file(b64encode(LARGE).decode())), store=store)
    assert list(store.blobs.values()) == [LARGE]

    reading.settle(store)

    assert sorted(store.blobs.values()) == sorted([LARGE, CONTENT])
    assert store.names == ["a>b.pdf"] * 2
    assert [content.blob is not None for content in reading.contents] == [True, True]


def test_digests_named_in_the_segnatura_are_made_while_reading() -> None:
    algorithms = ("SHA-512", "http://www.w3.org/2001/04/xmldsig-more#sha384", "HMAC-SHA-256")
    named = "".join(f'<p:Impronta p:algoritmo="{name}">x</p:Impronta>' for name in algorithms)
    reading = read(envelope(file(b64encode(CONTENT).decode()), segnatura=named))

    assert reading.contents[0].digests == {
        "SHA-256": hashlib.sha256(CONTENT).digest(),
        "SHA-512": hashlib.sha512(CONTENT).digest(),
        "SHA-384": hashlib.sha384(CONTENT).digest(),
    }


def _wrapped(width: int, line_end: str) -> Callable[[bytes], str]:
    def wrap(content: bytes) -> str:
        text = b64encode(content).decode()
        return line_end.join(text[at : at + width] for at in range(0, len(text), width))

    return wrap


@pytest.mark.parametrize(
    ("wrap", "as_signed"),
    [
        (lambda content: b64encode(content).decode(), lambda text: text),
        (lambda content: "\n  " + encodebytes(content).decode() + " ", lambda text: text),
        (_wrapped(64, "&#13;\n"), lambda text: text.replace("&#13;", "&#xD;")),
        (_wrapped(76, "\r\n"), lambda text: text.replace("\r\n", "\n")),
    ],
    ids=["unbroken", "indented", "escaped-cr", "crlf"],
)
@pytest.mark.parametrize("size", [1, 65, 1 << 20])
def test_the_signed_text_can_be_made_again(
    wrap: Callable[[bytes], str], as_signed: Callable[[str], str], size: int
) -> None:
    content = os.urandom(5000 if size == 1 else 500_000)
    store = MemoryStore()
    text = wrap(content)

    reading = read(Dripping(envelope(file(text)), size), store=store)

    assert contents(reading, store) == [content]
    assert b"".join(reading.contents[0].text(store)).decode() == as_signed(text)
    layout = reading.contents[0].layout
    if layout is not None:
        assert Layout.read(layout.write()).runs == layout.runs
        assert len(layout.runs) < 5


def _bomb() -> bytes:
    entities = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, 10))
    return envelope(before=f'<!DOCTYPE x [<!ENTITY e0 "bomb">{entities}]>', segnatura="&e9;")


WRONG: dict[str, tuple[Callable[[], bytes], str, type[refusals.MessageRefused]]] = {
    "bomb": (_bomb, PLAIN, refusals.ForbiddenXml),
    "external entity": (
        lambda: envelope(before='<!DOCTYPE x SYSTEM "file:///etc/passwd">'),
        PLAIN,
        refusals.ForbiddenXml,
    ),
    "instruction": (lambda: envelope(segnatura="<?php x?>"), PLAIN, refusals.ForbiddenXml),
    "deep": (lambda: envelope(segnatura="<a>" * 10_000 + "</a>" * 10_000), PLAIN, refusals.TooDeep),
    "wide": (lambda: envelope(segnatura="<a/>" * 60_000), PLAIN, refusals.TooMuchMarkup),
    "much text": (lambda: envelope(segnatura="x" * (5 << 20)), PLAIN, refusals.TooMuchMarkup),
    "long attribute": (
        lambda: envelope(segnatura=f'<a b="{"x" * (5 << 20)}"/>'),
        PLAIN,
        refusals.TooMuchMarkup,
    ),
    "long comment in a file": (
        lambda: envelope(file("<!--" + "x" * (5 << 20) + "-->")),
        PLAIN,
        refusals.TooMuchMarkup,
    ),
    "many files": (lambda: envelope(file("YQ==") * 501), PLAIN, refusals.TooMuchMarkup),
    "truncated": (lambda: envelope(file(b64encode(CONTENT).decode()))[:-100], PLAIN, refusals.TruncatedBody),
    "empty": (lambda: b"", PLAIN, refusals.TruncatedBody),
    "json": (lambda: b"{}", "application/json", refusals.WrongContentType),
    "soap 1.2": (envelope, "application/soap+xml", refusals.WrongContentType),
    "latin-1": (lambda: envelope().replace(b"UTF-8", b"ISO-8859-1"), PLAIN, refusals.NotXml),
    "utf-16": (
        lambda: envelope().decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        PLAIN,
        refusals.NotXml,
    ),
    "charset": (envelope, "text/xml; charset=iso-8859-1", refusals.WrongContentType),
    "not base64": (lambda: envelope(file("abc$")), PLAIN, refusals.WrongFile),
    "not ascii": (lambda: envelope(file("abcè")), PLAIN, refusals.WrongFile),
    "cut base64": (lambda: envelope(file("YWJ")), PLAIN, refusals.WrongFile),
    "text after padding": (lambda: envelope(file("YQ==YQ==")), PLAIN, refusals.WrongFile),
    "stray bits": (lambda: envelope(file("YR==")), PLAIN, refusals.WrongFile),
    "element in a file": (lambda: envelope(file("YQ==<x/>")), PLAIN, refusals.WrongFile),
    "irregular blanks": (
        lambda: envelope(
            file("".join("A" * (1 + at % 9) + " " * (1 + at % 7) for at in range(MAX_RUNS * 2)))
        ),
        PLAIN,
        refusals.WrongFile,
    ),
    "include outside a package": (lambda: envelope(include("a")), PLAIN, refusals.MissingPart),
    "missing part": (lambda: package(envelope(include("a"))), PACKAGE, refusals.MissingPart),
    "other boundary": (
        lambda: package(envelope()).replace(b"--b0", b"--b1"),
        PACKAGE,
        refusals.TruncatedBody,
    ),
    "no boundary": (lambda: package(envelope()), PACKAGE.replace("boundary", "x"), refusals.WrongContentType),
    "no closing boundary": (
        lambda: package(envelope(include("a")), ("a", b"content"), end=b""),
        PACKAGE,
        refusals.TruncatedBody,
    ),
    "root not first": (
        lambda: package(envelope()),
        PACKAGE.replace("<root>", "<other>"),
        refusals.WrongPackage,
    ),
    "part as base64": (
        lambda: package(envelope(include("a")), ("a", b"YQ==")).replace(b": binary", b": base64"),
        PACKAGE,
        refusals.WrongPackage,
    ),
    "two includes": (
        lambda: package(envelope(include("a"), include("a")), ("a", b"x")),
        PACKAGE,
        refusals.WrongPackage,
    ),
    "include and text": (
        lambda: package(envelope(include("a").replace("</m:File>", "YQ==</m:File>")), ("a", b"x")),
        PACKAGE,
        refusals.WrongFile,
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_refused_soon_and_by_name(case: str) -> None:
    make, declared, expected = WRONG[case]
    data = make()
    begin = time.perf_counter()

    with pytest.raises(expected) as refused:
        read(data, declared, length=len(data))

    assert time.perf_counter() - begin < 1
    assert refused.value.code in {
        "doctype",
        "depth",
        "markup",
        "truncated",
        "xml",
        "content-type",
        "base64",
        "missing-part",
        "package",
    }
    assert " / " in refused.value.bilingual


def test_a_body_shorter_than_announced_is_truncated() -> None:
    data = envelope()
    with pytest.raises(refusals.TruncatedBody, match=f"{len(data)} of {len(data) + 1}"):
        read(data, length=len(data) + 1)


def test_a_connection_that_breaks_is_truncated() -> None:
    class Broken:
        def read(self, _size: int, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(refusals.TruncatedBody):
        read_message(Broken(), declared_type=PLAIN, length=10, store=MemoryStore(), limits=LIMITS)


@pytest.mark.parametrize("announced", [True, False])
def test_a_message_over_the_limit_is_refused(announced: bool) -> None:
    data = envelope(file("A" * 400_000))
    with pytest.raises(refusals.TooLargeMessage):
        read(data, length=len(data) if announced else None, limits=Limits(total=300_000))


class Endless:
    """A file of any size that is nowhere whole: base64 or binary between a head and a tail."""

    def __init__(self, head: bytes, block: bytes, count: int, tail: bytes) -> None:
        self.length = len(head) + len(block) * count + len(tail)
        self._parts = self._generate(head, block, count, tail)
        self._ahead = b""

    @staticmethod
    def _generate(head: bytes, block: bytes, count: int, tail: bytes) -> Iterator[bytes]:
        yield head
        for _ in range(count):
            yield block
        yield tail

    def read(self, size: int, /) -> bytes:
        while not self._ahead:
            piece = next(self._parts, None)
            if piece is None:
                return b""
            self._ahead = piece
        taken, self._ahead = self._ahead[:size], self._ahead[size:]
        return taken


class CountingStore(MemoryStore):
    """Counts bytes and keeps none."""

    def writer(  # type: ignore[override]
        self,
        *,
        limit: int | None = None,  # noqa: ARG002 - it counts, no more
        file_name: str = "",  # noqa: ARG002
    ) -> CountingWriter:
        return CountingWriter()


class CountingWriter:
    def __init__(self) -> None:
        self.size = 0

    def write(self, chunk: bytes) -> int:
        self.size += len(chunk)
        return len(chunk)

    def commit(self) -> BlobRef:
        return BlobRef("", self.size, "")

    def abort(self) -> None:
        pass


@pytest.mark.parametrize("form", ["inline", "wrapped", "package"])
def test_memory_stays_flat_for_a_large_file(form: str) -> None:
    block = os.urandom(57 * 1024)
    count = (8 << 20) // len(block)
    if form == "package":
        head, tail = package(envelope(include("a")), ("a", b"@@")).split(b"@@")
        stream = Endless(head, block, count, tail)
    else:
        head, tail = envelope(file("@@")).split(b"@@")
        stream = Endless(head, b64encode(block) if form == "inline" else encodebytes(block), count, tail)
    tracemalloc.start()
    try:
        reading = read_message(
            stream,
            declared_type=PACKAGE if form == "package" else PLAIN,
            length=stream.length,
            store=CountingStore(),
            limits=LIMITS,
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert reading.contents[0].size == len(block) * count
    assert peak < 4 << 20
