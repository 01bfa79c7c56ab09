"""Reading a SOAP message in pieces: the envelope stays small, the files go to the blob store as they come.

Two forms are understood (Allegato 6, appendix B): ``text/xml`` with the files as base64 text, and MTOM
(``multipart/related; type="application/xop+xml"``). Either way the outcome is a *skeleton*, which is the
envelope with a mark in place of the content of each file, and the list of the contents.

expat checks the envelope while it passes: no DOCTYPE, no processing instruction, bounded depth, number of
elements and amount of markup. Contents up to ``IN_MEMORY`` stay in memory until the signature is verified;
larger ones are in the store before, because verifying needs them a second time. One that is refused
afterwards stays there without any row that refers to it, which the store may collect.
"""

from __future__ import annotations

import hashlib
import io
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote
from xml.parsers import expat

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.base64_text import Decoder, Layout, encode
from crinale.connectors.aoo_soap.multipart import PIECE_BYTES, Multipart, Source, content_type
from crinale.connectors.aoo_soap.refusals import (
    ForbiddenXml,
    MissingPart,
    NotXml,
    TooDeep,
    TooLargeMessage,
    TooMuchMarkup,
    TruncatedBody,
    WrongContentType,
    WrongFile,
    WrongPackage,
)
from crinale.spine.records.blobs import TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from crinale.connectors.aoo_soap.multipart import Readable
    from crinale.spine.records.blobs import BlobRef
    from crinale.spine.records.ports import BlobStore, BlobWriter

IN_MEMORY: Final = 256 * 1024
ALL_IN_MEMORY: Final = 4 * 1024 * 1024
TOKEN_BYTES: Final = 256 * 1024  # expat reads a token from its start again whenever a piece does not end it
FILE_DEPTH: Final = 4  # Envelope / Body / RequestMessageInoltro / File
_FILE: Final = f"{names.MSGPROT} File"
_FILE_NAME: Final = f"{names.MSGPROT} nomeFile"
_INCLUDE: Final = f"{names.XOP} Include"
_UNFINISHED: Final = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)
_START_TAG: Final = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
_ALGORITHM: Final = re.compile(rb"""[:\s]algoritmo\s*=\s*["']\s*([^"'\s]*)\s*["']""")
_SHA: Final = {
    224: "http://www.w3.org/2001/04/xmldsig-more#sha224",
    256: "http://www.w3.org/2001/04/xmlenc#sha256",
    384: "http://www.w3.org/2001/04/xmldsig-more#sha384",
    512: "http://www.w3.org/2001/04/xmlenc#sha512",
}
SHA256_URI: Final = _SHA[256]
DIGEST_URIS: Final = {f"SHA-{bits}": uri for bits, uri in _SHA.items()} | {uri: uri for uri in _SHA.values()}
"""Names of Allegato 6 table 1, acronym or URI, to the URI. The HMAC forms need a key nobody publishes."""
_HASHES: Final = {uri: f"sha{bits}" for bits, uri in _SHA.items()}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a message may be: bytes in all, bytes of markup, nesting, number of elements and of files."""

    total: int = 1 << 30
    markup: int = 4 << 20
    depth: int = 100
    elements: int = 50_000
    files: int = 500


@dataclass(slots=True)
class Content:
    """The content of one File element, once it was read."""

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
        return self.digests[SHA256_URI].hex()

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


@dataclass(slots=True)
class Reading:
    """A message as read: ``skeleton`` holds ``marks[i]`` where ``contents[i]`` was."""

    skeleton: bytes
    marks: list[bytes]
    contents: list[Content]
    size: int
    packaged: bool

    def settle(self, store: BlobStore) -> None:
        """Put in the store what is still in memory; call it once the message is known to be genuine."""
        for content in self.contents:
            if content.memory is not None and content.blob is None:
                writer = store.writer(file_name=content.name)
                writer.write(content.memory)
                content.blob = writer.commit()


class _Intake:
    """Takes the bytes of one file: digests, and memory or blob."""

    def __init__(
        self, content: Content, *, algorithms: set[str], room: int, store: BlobStore, limit: int
    ) -> None:
        self._content = content
        self._hashes = {uri: hashlib.new(_HASHES[uri]) for uri in algorithms | {SHA256_URI}}
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
        self._content.digests = {uri: each.digest() for uri, each in self._hashes.items()}
        if self._writer is not None:
            self._content.blob = self._writer.commit()
            return 0
        self._content.memory = b"".join(self._memory)
        return self._content.size

    def abort(self) -> None:
        if self._writer is not None:
            self._writer.abort()


class _Files:
    """Opens an intake for each file, and knows how much memory is left for small ones."""

    def __init__(self, store: BlobStore, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._room = ALL_IN_MEMORY
        self._open: _Intake | None = None
        self.algorithms: set[str] = set()

    def begin(self, content: Content) -> _Intake:
        self._open = _Intake(
            content,
            algorithms=self.algorithms,
            room=min(IN_MEMORY, self._room),
            store=self._store,
            limit=self._limits.total,
        )
        return self._open

    def end(self, intake: _Intake) -> None:
        self._room -= intake.close()
        self._open = None

    def abort(self) -> None:
        if self._open is not None:
            self._open.abort()


class _Envelope:
    """The envelope as it passes through expat, cut into the skeleton and the contents of the files."""

    def __init__(self, files: _Files, limits: Limits, *, packaged: bool) -> None:
        self._files = files
        self._limits = limits
        self._packaged = packaged
        self._mark = f"crinale-{secrets.token_hex(8)}-"
        self._raw = bytearray()  # bytes of the message from offset _base on
        self._base = 0
        self._skeleton = bytearray()
        self._depth = 0
        self._elements = 0
        self._file: Content | None = None
        self._file_tag_ends_itself = False
        self._intake: _Intake | None = None
        self._decoder = Decoder()
        self.marks: list[bytes] = []
        self.contents: list[Content] = []
        self._parser = self._make_parser()

    def _make_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("UTF-8", " ")
        parser.buffer_text = True
        parser.buffer_size = PIECE_BYTES
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.ProcessingInstructionHandler = _refuse_instruction
        parser.XmlDeclHandler = _check_encoding
        return parser

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the envelope."""
        self._raw += piece
        if self._intake is None and len(self._skeleton) + len(self._raw) > self._limits.markup + PIECE_BYTES:
            raise TooMuchMarkup
        self._parse(piece, final=False)
        if self._base + len(self._raw) - self._parser.CurrentByteIndex > TOKEN_BYTES:
            raise TooMuchMarkup("a tag or a comment is too long")
        if self._file is not None:
            # Bytes that expat did not report yet may hold the end tag of the file.
            self._drop(self._parser.CurrentByteIndex)

    def close(self) -> bytes:
        """End the envelope and return the skeleton."""
        self._parse(b"", final=True)
        self._skeleton += self._raw
        if len(self._skeleton) > self._limits.markup:
            raise TooMuchMarkup
        return bytes(self._skeleton)

    def _parse(self, piece: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(piece, final)
        except expat.ExpatError as error:
            if final and error.code in _UNFINISHED:
                raise TruncatedBody(str(error)) from error
            raise NotXml(str(error)) from error

    def _drop(self, upto: int) -> None:
        del self._raw[: upto - self._base]
        self._base = upto

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > self._limits.depth:
            raise TooDeep(str(self._limits.depth))
        if self._elements > self._limits.elements:
            raise TooMuchMarkup
        if self._file is not None:
            self._include(name, attributes)
        elif self._depth == FILE_DEPTH and name == _FILE:
            self._begin_file(attributes)

    def _begin_file(self, attributes: dict[str, str]) -> None:
        at = self._parser.CurrentByteIndex - self._base
        tag = _START_TAG.match(self._raw, at)
        if tag is None:
            raise NotXml("start tag")
        self._skeleton += self._raw[: tag.end()]
        self._drop(self._base + tag.end())
        self._file_tag_ends_itself = tag[0].endswith(b"/>")
        if len(self.contents) >= self._limits.files:
            raise TooMuchMarkup("files")
        if not self.contents:
            found = {value.decode("ascii", "replace") for value in _ALGORITHM.findall(self._skeleton)}
            self._files.algorithms |= {DIGEST_URIS[name] for name in found if name in DIGEST_URIS}
        self._file = Content(attributes.get(_FILE_NAME, attributes.get("nomeFile", "")))
        self.contents.append(self._file)
        mark = f"{self._mark}{len(self.marks)}.".encode("ascii")
        self.marks.append(mark)
        if not self._file_tag_ends_itself:
            self._skeleton += mark
        self._decoder = Decoder()
        self._intake = self._files.begin(self._file)
        self._parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        if self._intake is not None and self._file is not None:
            if self._file.href is not None:
                raise WrongFile("text beside xop:Include")
            self._intake.write(self._decoder.feed(text))

    def _include(self, name: str, attributes: dict[str, str]) -> None:
        if self._file is None or name != _INCLUDE or self._depth != FILE_DEPTH + 1:
            raise WrongFile(f"element {name.rpartition(' ')[2]} inside a file")
        href = attributes.get("href", "")
        if not self._packaged or not href.startswith("cid:"):
            raise MissingPart(f"xop:Include {href}")
        if self._file.href is not None or self._file.size or self._decoder.layout is not None:
            raise WrongFile("text beside xop:Include")
        self._file.href = unquote(href[4:])

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._file is None or self._depth != FILE_DEPTH - 1:
            return
        if self._intake is not None and self._file.href is None:
            self._decoder.close()
            self._files.end(self._intake)
            self._file.layout = self._decoder.layout
        self._parser.CharacterDataHandler = None
        self._intake = None
        self._file = None
        if not self._file_tag_ends_itself:
            self._drop(self._parser.CurrentByteIndex)


def _refuse_doctype(*_: object) -> None:
    raise ForbiddenXml("DOCTYPE")


def _refuse_instruction(target: str, _data: str) -> None:
    raise ForbiddenXml(f"<?{target}")


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.upper() not in {"UTF-8", "UTF8", "US-ASCII"}:
        raise NotXml(f"encoding {encoding}")


def read_message(
    stream: Readable, *, declared_type: str, length: int | None, store: BlobStore, limits: Limits
) -> Reading:
    """Read a message to its end; raises a ``MessageRefused`` that says what is wrong with it."""
    kind, parameters = content_type(declared_type)
    _check_charset(parameters)
    source = Source(stream, length=length, limit=limits.total)
    files = _Files(store, limits)
    reader: Callable[[Source, dict[str, str], _Files, Limits], Any]
    if kind == names.ENVELOPE_TYPE:
        reader = _read_plain
    elif kind == names.MULTIPART_TYPE and parameters.get("type", "").lower() == names.XOP_TYPE:
        reader = _read_package
    else:
        raise WrongContentType(declared_type[:100])
    try:
        envelope, skeleton = reader(source, parameters, files, limits)
    except BaseException:
        files.abort()
        raise
    return Reading(
        skeleton=skeleton,
        marks=envelope.marks,
        contents=envelope.contents,
        size=source.taken,
        packaged=kind == names.MULTIPART_TYPE,
    )


def _check_charset(parameters: dict[str, str]) -> None:
    if parameters.get("charset", "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise WrongContentType(f"charset {parameters['charset']}")


def _read_plain(
    source: Source, _parameters: dict[str, str], files: _Files, limits: Limits
) -> tuple[_Envelope, bytes]:
    envelope = _Envelope(files, limits, packaged=False)
    for piece in source.pieces():
        envelope.feed(piece)
    return envelope, envelope.close()


def _read_package(
    source: Source, parameters: dict[str, str], files: _Files, limits: Limits
) -> tuple[_Envelope, bytes]:
    package = Multipart(source, parameters)
    headers = package.next_part()
    if headers is None:
        raise WrongPackage("no parts")
    start = parameters.get("start")
    if start and _content_id(headers["Content-ID"]) != _content_id(start):
        raise WrongPackage("the first part must be the envelope")
    if headers.get_content_type() not in {names.XOP_TYPE, names.ENVELOPE_TYPE}:
        raise WrongPackage(f"the envelope is {headers.get_content_type()}")
    _check_transfer(headers["Content-Transfer-Encoding"])
    envelope = _Envelope(files, limits, packaged=True)
    for piece in package.pieces():
        envelope.feed(piece)
    skeleton = envelope.close()
    _read_attachments(package, envelope, files)
    return envelope, skeleton


def _read_attachments(package: Multipart, envelope: _Envelope, files: _Files) -> None:
    wanted: dict[str, Content] = {}
    for content in envelope.contents:
        if content.href is not None and wanted.setdefault(content.href, content) is not content:
            raise WrongPackage(f"two files refer to {content.href}")
    while (headers := package.next_part()) is not None:
        found = wanted.pop(_content_id(headers["Content-ID"]), None)
        if found is None:  # nothing refers to it: neither signed nor kept
            for _piece in package.pieces():
                pass
            continue
        _check_transfer(headers["Content-Transfer-Encoding"])
        intake = files.begin(found)
        for piece in package.pieces():
            intake.write(piece)
        files.end(intake)
    if wanted:
        raise MissingPart(", ".join(sorted(wanted))[:200])


def _check_transfer(encoding: str | None) -> None:
    if (encoding or "binary").strip().lower() not in {"binary", "8bit", "7bit"}:
        raise WrongPackage(f"Content-Transfer-Encoding {encoding}")


def _content_id(value: str | None) -> str:
    return (value or "").strip().removeprefix("<").removesuffix(">")
