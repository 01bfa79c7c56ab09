"""What a request brings: read as it arrives, never longer than allowed, never taken when it broke off.

A server cannot tell a chunked body that broke off from a whole one, so the length must be told before: what
is registered is then what was sent.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from crinale.kernel.digests import canonical_json
from crinale.services.program_interface.http.operations import JSON, Operation
from crinale.services.program_interface.http.problems import Fault, Refused
from crinale.services.program_interface.http.shapes import read
from crinale.spine.records.actions import document_limit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest

LONGEST_JSON: Final = 1 << 20
_PIECE: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Sent:
    """What the body holds, its files, and what the request is known by."""

    body: Any = None
    files: tuple[UploadedFile[Any], ...] = ()
    known_by: tuple[str, ...] = ()
    raw: bytes = b""

    def sha256(self, contents: Mapping[UUID, str]) -> str:
        """Return the digest of the whole request, in which delivered documents count by what they hold.

        So a program that begins anew after a crash, and delivers its files again, asks for the same.
        """
        raw = self.raw
        for document_id, sha256 in contents.items():
            raw = raw.replace(str(document_id).encode(), sha256.encode())
        return hashlib.sha256(canonical_json(list(self.known_by)) + raw).hexdigest()


def check_length(request: HttpRequest, wanted: Operation | None = None) -> None:
    """Refuse a body whose length is not told, or too great for what is wanted.

    :raises Refused: as said.
    """
    told = request.META.get("CONTENT_LENGTH") or ""
    if "Transfer-Encoding" in request.headers or (wanted and wanted.takes and not told.isdecimal()):
        raise Refused(411, _("Send Content-Length, and no Transfer-Encoding."))
    if wanted and wanted.takes and declared_length(request) > document_limit() + LONGEST_JSON:
        raise Refused(413)


def declared_length(request: HttpRequest) -> int:
    """Return how many bytes a request says that it has."""
    told = request.META.get("CONTENT_LENGTH") or ""
    return int(told) if told.isdecimal() else 0


def check_whole(request: HttpRequest, size: int) -> None:
    """Refuse a body that ended before its end.

    :raises Refused: when it did.
    """
    if size != declared_length(request):
        raise Refused(400, _("The body broke off before its end: send it again."))


def sent(request: HttpRequest, wanted: Operation) -> Sent:
    """Read what an operation takes; the body that is a file is left for the operation to read.

    :raises Refused: when it is too long, broke off, or is of another type.
    :raises Unreadable: when it has not the shape that is asked for.
    """
    check_length(request, wanted)
    kind = (request.content_type or "").lower()
    parts: list[str] = [str(request.method), request.path_info]
    if wanted.takes and wanted.body is None:  # the file itself
        if kind.startswith(("multipart/", "application/x-www-form-urlencoded")):
            raise Refused(415, _("Send the bytes of the file as the body."))
        return Sent()
    if wanted.body is None:
        return Sent(known_by=tuple(parts))
    if kind not in wanted.takes:
        raise Refused(415, _("Send %(kinds)s.") % {"kinds": ", ".join(wanted.takes)})
    files: tuple[UploadedFile[Any], ...] = ()
    if kind == JSON:
        raw = request.read(LONGEST_JSON + 1)
    else:
        raw, files = _parts(request)
        for one in files:
            parts += [one.name or "", hashlib.file_digest(one.file, "sha256").hexdigest()]  # type: ignore[arg-type]
            one.seek(0)
    if len(raw) > LONGEST_JSON:
        words = _("A request has at most %(size)s bytes, files apart.") % {"size": LONGEST_JSON}
        raise Refused(413, words)
    body = read(wanted.body, _json(raw))
    return Sent(body, files, tuple(parts), raw)


class _Counted:
    """The body of a request, counted as it is read."""

    def __init__(self, request: HttpRequest) -> None:
        self.request, self.size = request, 0

    def read(self, size: int = _PIECE) -> bytes:
        """Read on."""
        piece = self.request.read(size)
        self.size += len(piece)
        return piece


def _parts(request: HttpRequest) -> tuple[bytes, tuple[UploadedFile[Any], ...]]:
    """The parts of a multipart body: files go to the disk as they arrive, the rest stays small (settings)."""
    body = _Counted(request)
    fields, found = request.parse_file_upload(request.META, body)  # type: ignore[arg-type]
    while body.read():  # what stands after the last part
        pass
    check_whole(request, body.size)
    files = tuple(found.getlist("document"))
    if not files:
        fault = Fault(pointer="/document", detail=_("It is missing."), remedy=_("Add it."))
        raise Refused(422, errors=[fault])
    return str(fields.get("registration", "")).encode("utf-8", "surrogatepass"), files


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(400, _("The body is no JSON in UTF-8, or says something twice.")) from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("the same name twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(name)
