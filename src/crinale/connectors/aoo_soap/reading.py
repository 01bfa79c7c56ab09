"""Reading a SOAP message in pieces: the envelope stays small, the files go to the blob store as they come.

Two forms are understood (Allegato 6, appendix B): ``text/xml`` with the files as base64 text, and MTOM
(``multipart/related; type="application/xop+xml"``). Either way the outcome is a *skeleton*, which is the
envelope with a mark in place of the content of each file, and the list of the contents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.contents import Content, Files
from crinale.connectors.aoo_soap.envelope_stream import EnvelopeStream
from crinale.connectors.aoo_soap.multipart import Multipart, Source, content_type
from crinale.connectors.aoo_soap.refusals import MissingPart, WrongContentType, WrongPackage

if TYPE_CHECKING:
    from collections.abc import Callable

    from crinale.connectors.aoo_soap.limits import Limits
    from crinale.connectors.aoo_soap.multipart import Readable
    from crinale.spine.records.ports import BlobStore


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


def read_message(
    stream: Readable, *, declared_type: str, length: int | None, store: BlobStore, limits: Limits
) -> Reading:
    """Read a message to its end; raises a ``MessageRefused`` that says what is wrong with it."""
    kind, parameters = content_type(declared_type)
    _check_charset(parameters)
    source = Source(stream, length=length, limit=limits.total)
    files = Files(store, limits)
    reader: Callable[[Source, dict[str, str], Files, Limits], tuple[EnvelopeStream, bytes]]
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
    source: Source, _parameters: dict[str, str], files: Files, limits: Limits
) -> tuple[EnvelopeStream, bytes]:
    envelope = EnvelopeStream(files, limits, packaged=False)
    for piece in source.pieces():
        envelope.feed(piece)
    return envelope, envelope.close()


def _read_package(
    source: Source, parameters: dict[str, str], files: Files, limits: Limits
) -> tuple[EnvelopeStream, bytes]:
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
    envelope = EnvelopeStream(files, limits, packaged=True)
    for piece in package.pieces():
        envelope.feed(piece)
    skeleton = envelope.close()
    _read_attachments(package, envelope, files)
    return envelope, skeleton


def _read_attachments(package: Multipart, envelope: EnvelopeStream, files: Files) -> None:
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
