"""Send files: always as an attachment, never interpreted, by ranges when asked (RFC 9110 section 14)."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final, TypeVar

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from django.http import HttpRequest

R = TypeVar("R", bound=HttpResponseBase)

_CHUNK: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")
_POLICY: Final = "default-src 'none'; sandbox"


class _Slice:
    """A part of a file, read in pieces; closes the file with itself."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self.stream, self.left = stream, length

    def __iter__(self) -> Iterator[bytes]:
        while self.left > 0:
            chunk = self.stream.read(min(_CHUNK, self.left))
            if not chunk:
                return
            self.left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.stream.close()


def attachment(
    request: HttpRequest, stream: BinaryIO, *, name: str, size: int, media_type: str, etag: str
) -> HttpResponseBase:
    """Answer with a stored file; a valid single range gives 206, an impossible one 416."""
    tag = f'"{etag}"'
    wanted = request.headers.get("Range", "") if request.headers.get("If-Range", tag) == tag else ""
    span = _span(wanted, size)
    if span is None:
        response = FileResponse(stream, as_attachment=True, filename=name, content_type=media_type)
        response.block_size = _CHUNK
        response.headers["Content-Length"] = str(size)
    elif not span:
        stream.close()
        return _harden(HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"}), tag)
    else:
        first, last = span.start, span.stop - 1
        stream.seek(first, os.SEEK_SET)
        response = FileResponse(
            _Slice(stream, len(span)), as_attachment=True, filename=name, content_type=media_type, status=206
        )
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        response.headers["Content-Length"] = str(len(span))
    return _harden(response, tag)


def small_attachment(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    """Answer with a file made here."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _harden(response, "")


def _harden(response: R, tag: str) -> R:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = _POLICY
    headers["Cache-Control"] = "private, no-store"
    if tag:
        headers["ETag"], headers["Accept-Ranges"] = tag, "bytes"
    return response


def _span(header: str, size: int) -> range | None:
    """Return the bytes asked: None for all of them, an empty range when they do not exist."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return range(max(0, size - int(found[2])), size)
    first = int(found[1])
    last = min(int(found[2]) if found[2] else size - 1, size - 1)
    return range(first, last + 1) if first <= last else range(0)
