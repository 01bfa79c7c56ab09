"""Documents: delivered before they are registered, fetched by their digest, whole or in parts."""

from __future__ import annotations

import hashlib
import re
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from crinale.kernel.errors import NotVisible
from crinale.services.program_interface import actions, queries, rules
from crinale.services.program_interface.http import bodies, resources, views
from crinale.services.program_interface.http.operations import AREA, Call, Operation, Reply
from crinale.services.program_interface.http.problems import Refused
from crinale.spine import audit
from crinale.spine.records import queries as records
from crinale.spine.records.actions import document_limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

OCTETS: Final = "application/octet-stream"
_PIECE: Final = 1 << 18
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_ETAGS: Final = re.compile(r'\s*(\*|(?:(?:W/)?"[^"]*")(?:\s*,\s*(?:W/)?"[^"]*")*)\s*')


def deliver(call: Call) -> Reply:
    """Take a file in; it is on this side, and its digest checked, before a transaction begins."""
    asked: resources.FileNamed = call.query
    with tempfile.TemporaryFile() as spool:
        _receive(call.request, spool)
        spool.seek(0)
        stored = actions.deliver_document(
            actor=call.actor,
            program_id=call.bearer.program_id,
            area_id=call.area.id,
            file_name=asked.file_name,
            stream=spool,
            declared_type=call.request.headers.get("Content-Type", "").partition(";")[0].strip(),
        )
    return Reply(content=views.document(stored), location=call.address(f"/documents/{stored.sha256}"))


def fetch(call: Call) -> HttpResponseBase:
    """Give the bytes of a document to who says which it must be (RFC 9110, sections 13.1.1 and 14)."""
    sha256: str = call.ids["sha256"]
    if not _SHA256.fullmatch(sha256):
        raise NotVisible
    found = queries.document_by_digest(
        actor=call.actor, program_id=call.bearer.program_id, area_id=call.area.id, sha256=sha256
    )
    etag = f'"{found.sha256}"'
    _check_expected(call.request, etag)
    part = _part(call.request, etag, found.size)
    if call.request.method != "HEAD":
        audit.access(actor=call.actor, what="document", object_id=found.id)
    size = found.size if part is None else part.size
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Content-Length": str(size),
        "Cache-Control": "private, no-cache",
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{found.size}"
    status = 200 if part is None else 206
    if call.request.method == "HEAD":
        return HttpResponse(status=status, content_type=OCTETS, headers=headers)
    stream = records.open_document(actor=call.actor, document_id=found.id)
    if part is not None:
        stream.seek(part.first)
    return StreamingHttpResponse(_Pieces(stream, size), status=status, content_type=OCTETS, headers=headers)


def _receive(request: HttpRequest, spool: Any) -> None:
    limit, size = document_limit(), 0
    digests = {"sha-256": hashlib.sha256(), "sha-512": hashlib.sha512()}
    try:
        expected = rules.read_digests(request.headers.get("Content-Digest", ""))
    except ValueError:
        raise Refused(400, _("The header Content-Digest cannot be read (RFC 9530).")) from None
    while piece := request.read(_PIECE):
        size += len(piece)
        if size > limit:
            raise Refused(413, _("This node takes documents of at most %(size)s bytes.") % {"size": limit})
        for name in expected:
            digests[name].update(piece)
        spool.write(piece)
    bodies.check_whole(request, size)
    if not size:
        raise Refused(400, _("There is no content: send the bytes of the document."))
    for name, value in expected.items():
        if digests[name].digest() != value:
            raise Refused(400, _("The content is not the one that Content-Digest tells: send it again."))


def _check_expected(request: HttpRequest, etag: str) -> None:
    header = request.headers.get("If-Match")
    if header is None:
        raise Refused(428, _("Send If-Match with the digest of the document in quotes."))
    if not _ETAGS.fullmatch(header) or (header.strip() != "*" and etag not in _tags(header)):
        raise Refused(412, _("If-Match names another digest."))


def _tags(header: str) -> list[str]:
    return [one.strip() for one in header.split(",")]


def _part(request: HttpRequest, etag: str, size: int) -> rules.Part | None:
    header = request.headers.get("Range")
    if header is None or request.headers.get("If-Range", etag) != etag:
        return None
    try:
        return rules.read_range(header, size)
    except rules.NoSuchRange:
        message = _("The document has %(size)s bytes.") % {"size": size}
        raise Refused(416, message, headers={"Content-Range": f"bytes */{size}"}) from None


class _Pieces:
    """The next bytes of a stream, which is closed also when nobody reads them to the end, or at all."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream, self.left = stream, size

    def __iter__(self) -> Iterator[bytes]:
        while self.left and (piece := self.stream.read(min(_PIECE, self.left))):
            self.left -= len(piece)
            yield piece

    def close(self) -> None:
        """Close the stream; called by the server at the end of the answer."""
        self.stream.close()


OPERATIONS: Final = (
    Operation(
        name="deliver_document",
        method="POST",
        path=f"{AREA}/documents",
        summary="Deliver a document, to register it afterwards",
        about="The body is the file itself. A document that is not registered within 30 days must be "
        "delivered again.",
        scope="documents.store",
        run=deliver,
        query=resources.FileNamed,
        takes=(OCTETS,),
        headers={"Content-Digest": "SHA-256 or SHA-512 of the body (RFC 9530): checked."},
        answers=resources.Document,
        status=201,
        statuses=(413, 422),
    ),
    Operation(
        name="fetch_document",
        method="GET",
        path=f"{AREA}/documents/{{sha256}}",
        summary="Fetch a document by its digest, whole or in parts",
        about="`If-Match` is mandatory: the digest in quotes. One `Range` is served.",
        scope="documents.read",
        run=fetch,
        headers={
            "If-Match": "The digest in quotes: 428 without, 412 when it is another's.",
            "Range": "One range of bytes.",
            "If-Range": "The digest in quotes.",
        },
        kind=OCTETS,
        statuses=(206, 412, 416, 428),
    ),
)
