"""The envelope as it passes through expat, cut into a skeleton and the contents of its files.

The skeleton is the text of the envelope with a mark in place of the content of each file. expat checks it
while it passes: no DOCTYPE, no processing instruction, bounded depth, number of elements and amount of text.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote
from xml.parsers import expat

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.base64_text import Decoder
from crinale.connectors.aoo_soap.contents import Content
from crinale.connectors.aoo_soap.multipart import PIECE_BYTES
from crinale.connectors.aoo_soap.refusals import (
    ForbiddenXml,
    MissingPart,
    NotXml,
    TooDeep,
    TooMuchMarkup,
    TruncatedBody,
    WrongFile,
)
from crinale.spine.protocol.rules.digests import Digest, algorithm_name

if TYPE_CHECKING:
    from crinale.connectors.aoo_soap.contents import Files, Intake
    from crinale.connectors.aoo_soap.limits import Limits

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


class EnvelopeStream:
    """The envelope as it passes through expat, cut into the skeleton and the contents of the files."""

    def __init__(self, files: Files, limits: Limits, *, packaged: bool) -> None:
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
        self._intake: Intake | None = None
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
            named = {algorithm_name(name) for name in found}
            self._files.algorithms |= {name for name in named if Digest(b"", name).verifiable}
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
