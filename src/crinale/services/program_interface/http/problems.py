"""What went wrong, as problem+json (RFC 9457; ModI RAC_REST_NAME_008), in the language that was asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.kernel.errors import Conflict, CrinaleError, Invalid, NotVisible
from crinale.services.program_interface.http.shapes import Unreadable, as_json
from crinale.spine.records.blobs import TooLarge
from crinale.ui.sentences import said, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEDIA_TYPE: Final = "application/problem+json"
TITLES: Final[dict[int, str]] = {
    400: gettext_noop("The request cannot be read"),
    401: gettext_noop("Show a valid access token"),
    403: gettext_noop("The access token does not cover this"),
    404: gettext_noop("Not found, or not yours to see"),
    405: gettext_noop("This method is not for this address"),
    406: gettext_noop("No answer of the kinds that you accept"),
    409: gettext_noop("The present state does not allow it"),
    411: gettext_noop("Say how long it is"),
    412: gettext_noop("The document is not the one that you named"),
    413: gettext_noop("What you sent is too large"),
    415: gettext_noop("Content of this type is not taken here"),
    416: gettext_noop("The document has no such range"),
    422: gettext_noop("Something must be corrected"),
    428: gettext_noop("Say which document you expect"),
    429: gettext_noop("Too many requests"),
    500: gettext_noop("Something broke on our side"),
    503: gettext_noop("Not possible at the moment"),
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing to correct: where it is (a pointer into the body, or a parameter), what it is, what to do."""

    detail: str
    remedy: str
    pointer: str | None = None
    parameter: str | None = None


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An error (RFC 9457); `errors` tells each thing that must be corrected."""

    type: str
    status: int
    title: str
    detail: str | None = None
    errors: tuple[Fault, ...] | None = None


@dataclass
class Refused(Exception):
    """The request is refused: with this status, for this reason."""

    status: int
    detail: str = ""
    errors: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal_of(error: Exception) -> Refused:  # noqa: PLR0911  one answer for each kind of error
    """Return how an error of the spine is told to a program."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, Unreadable):
        return Refused(422, errors=body_faults(error))
    if isinstance(error, Invalid):
        pointer = "/" + error.field.replace(".", "/")
        fault = Fault(
            pointer=pointer, detail=_("This value cannot be accepted."), remedy=sentence(error.remedy)
        )
        return Refused(422, errors=[fault])
    if isinstance(error, NotVisible):
        return Refused(404)
    if isinstance(error, Conflict):
        return Refused(409, sentence(str(error)))
    if isinstance(error, TooLarge):
        return Refused(413, said(str(error)))
    if isinstance(error, CrinaleError):
        return Refused(503, said(str(error)), headers={"Retry-After": "60"})
    return Refused(
        500, _("It was noted. Try again in a minute; tell the technical office if it happens again.")
    )


def body_faults(error: Unreadable) -> list[Fault]:
    """Return the flaws of a body."""
    return [Fault(pointer=one.pointer, detail=one.detail, remedy=one.remedy) for one in error.flaws]


def parameter_faults(error: Unreadable) -> list[Fault]:
    """Return the flaws of a query."""
    return [
        Fault(parameter=one.pointer.lstrip("/"), detail=one.detail, remedy=one.remedy) for one in error.flaws
    ]


def response(refused: Refused) -> HttpResponse:
    """Write a refusal."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "status": refused.status,
        "title": _(TITLES.get(refused.status, HTTPStatus(refused.status).phrase)),
    }
    if refused.detail:
        body["detail"] = refused.detail
    if refused.errors:
        body["errors"] = as_json(list(refused.errors))
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=refused.status,
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **refused.headers},
    )
