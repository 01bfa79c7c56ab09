"""The door: every request under ``/api/`` comes through here, and nothing else of the pages touches it.

It finds the operation, knows the program, counts, opens the scope of the area's body (the one line of this
interface that does), reads what was sent, and tells what went wrong.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from crinale.kernel.errors import NotVisible
from crinale.services.program_interface import actions, queries
from crinale.services.program_interface.actions import Answered, KeyUsedOtherwise
from crinale.services.program_interface.http import bodies, openapi, problems, rates, tokens
from crinale.services.program_interface.http.catalogue import OPERATIONS
from crinale.services.program_interface.http.operations import JSON, Call, Operation, Reply
from crinale.services.program_interface.http.problems import Fault, Refused
from crinale.services.program_interface.http.shapes import Unreadable, as_json, read_texts
from crinale.spine.identity import programs
from crinale.spine.tenancy import queries as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from crinale.spine.identity.programs import Bearer
    from crinale.spine.tenancy.queries import AreaRef

log = logging.getLogger(__name__)
_Public = tuple[str, tuple[str, ...], "Callable[[HttpRequest], HttpResponse]"]
_TOO_MUCH: Final = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
_KEY: Final = re.compile(r"[!-~]{1,255}")
_LANGUAGES: Final = ("it", "en")


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))


# Addresses without names in them first: `registrations/incoming` is no registration.
_ADDRESSES: Final = [
    (_pattern(path), {str(one.method): one for one in OPERATIONS if one.path == path})
    for path in sorted({one.path for one in OPERATIONS}, key=lambda path: (path.count("{"), path))
]


def answer(request: HttpRequest) -> HttpResponseBase:
    """Answer a program, in the language that it prefers."""
    with translation.override(_language(request)):
        try:
            response = _answer(request)
        except Exception as error:  # noqa: BLE001  as below
            response = problems.response(_refusal(request, error))
        response.headers["Content-Language"] = translation.get_language() or "it"
        response.headers["Vary"] = "Accept, Accept-Language, Authorization"
        return response


def _answer(request: HttpRequest) -> HttpResponseBase:
    public, place = _PUBLIC.get(request.path_info), _place(request.path_info)
    bearer, unknown = None, None
    if public is None:
        try:
            bearer = _bearer(request) if place else None
        except Refused as error:
            unknown = error
    rate = rates.of_program(bearer) if bearer else rates.of_address(request)
    try:
        rate.check()
        _let_in(unknown)
        bodies.check_length(request)
        if public is not None:
            response: HttpResponseBase = _run_public(request, public)
        elif place is not None and bearer is not None:
            response = _run(request, _wanted(request, place[1]), bearer, place[0])
        else:
            response = problems.response(Refused(404))
    except Exception as error:  # noqa: BLE001  whatever it is, a program is told in its way
        response = problems.response(_refusal(request, error))
    rate.tell(response)
    return response


def _let_in(unknown: Refused | None) -> None:
    if unknown is not None:
        raise unknown


def _place(path: str) -> tuple[Mapping[str, str], Mapping[str, Operation]] | None:
    """What is named in an address, and the operations there."""
    found = ((pattern.fullmatch(path), methods) for pattern, methods in _ADDRESSES)
    return next(((match.groupdict(), methods) for match, methods in found if match), None)


def _wanted(request: HttpRequest, methods: Mapping[str, Operation]) -> Operation:
    _check_method(request, list(methods))
    return methods["GET" if request.method == "HEAD" else str(request.method)]


def _run_public(request: HttpRequest, public: _Public) -> HttpResponse:
    method, kinds, run = public
    _check_method(request, [method])
    _check_accepted(request, kinds)
    return run(request)


def _refusal(request: HttpRequest, error: Exception) -> Refused:
    if isinstance(error, KeyUsedOtherwise):
        return Refused(422, _("This Idempotency-Key was used for another request: use a new one."))
    if isinstance(error, _TOO_MUCH):
        return Refused(413)
    if isinstance(error, MultiPartParserError | SuspiciousOperation):
        return Refused(400, _("The multipart body cannot be read."))
    refused = problems.refusal_of(error)
    if refused.status == 500:
        log.error("A program's request failed: %s %s", request.method, request.path_info, exc_info=error)
    return refused


def _run(
    request: HttpRequest, wanted: Operation, bearer: Bearer, names: Mapping[str, str]
) -> HttpResponseBase:
    if wanted.scope not in bearer.scopes:
        challenge = f'Bearer realm="crinale", error="insufficient_scope", scope="{wanted.scope}"'
        words = _("It asks for the scope %(scope)s.") % {"scope": wanted.scope}
        raise Refused(403, words, headers={"WWW-Authenticate": challenge})
    _check_accepted(request, (wanted.kind,) if wanted.status < 400 else (JSON,))
    area = _area(bearer, wanted, names["aoo_code"])
    with scope(area.body_id):
        ids = {name: _identifier(name, text) for name, text in names.items()}
        key = _key(request, wanted)
        query = _query(request, wanted)
        sent = bodies.sent(request, wanted)
        call = Call(
            request=request, bearer=bearer, area=area, ids=ids, query=query, body=sent.body, files=sent.files
        )
        if not wanted.changes:
            return _written(request, wanted, wanted.run(call))
        kept = actions.perform(
            program_id=bearer.program_id,
            key=key,
            request_sha256=sent.sha256(_contents(call)),
            work=lambda: _answered(wanted, wanted.run(call)),
        )
        if kept.again and wanted.again is not None:
            kept = _read_again(wanted, replace(call, made=kept.made), kept)
        return _given(wanted, kept)


def _contents(call: Call) -> Mapping[UUID, str]:
    """The digests of the documents that a request names, as far as the program delivered them."""
    named = [one.document_id for one in getattr(call.body, "documents", ())]
    if not named:
        return {}
    return queries.digests_delivered(
        program_id=call.bearer.program_id, area_id=call.area.id, document_ids=named
    )


def _read_again(wanted: Operation, call: Call, kept: Answered) -> Answered:
    """The answer to a request that was answered before, read anew: none of it was kept."""
    assert wanted.again is not None  # noqa: S101  asked by the caller
    return replace(kept, content=_answered(wanted, wanted.again(call)).content)


def _area(bearer: Bearer, wanted: Operation, code: str) -> AreaRef:
    """The area of the address, where the program holds the scope; any other is not there."""
    area = tenancy.area_by_code(code) if code.isascii() and code.isalnum() else None
    role = programs.role_of(wanted.scope)
    if area is None or not any(one.area_id == area.id and one.role == role for one in bearer.actor.grants):
        raise NotVisible
    return area


def _bearer(request: HttpRequest) -> Bearer:
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused(401, headers={"WWW-Authenticate": 'Bearer realm="crinale"'})
    try:
        return programs.bearer(token.strip())
    except (programs.InvalidToken, UnicodeError):
        challenge = 'Bearer realm="crinale", error="invalid_token"'
        words = _("It is unknown, over or revoked: ask for another.")
        raise Refused(401, words, headers={"WWW-Authenticate": challenge}) from None


def _check_method(request: HttpRequest, methods: list[str]) -> None:
    allowed = [*methods, *(["HEAD"] if "GET" in methods else [])]
    if request.method not in allowed:
        raise Refused(405, headers={"Allow": ", ".join(sorted(allowed))})


def _check_accepted(request: HttpRequest, kinds: tuple[str, ...]) -> None:
    if not any(request.accepts(kind) for kind in kinds):
        raise Refused(406, _("The answer is %(kind)s.") % {"kind": ", ".join(kinds)})


def _identifier(name: str, text: str) -> Any:
    if not name.endswith("_id"):
        return text
    try:
        found = UUID(text)
    except ValueError:
        raise NotVisible from None
    if str(found) != text.lower():
        raise NotVisible
    return found


def _key(request: HttpRequest, wanted: Operation) -> str:
    key = request.headers.get("Idempotency-Key", "") if wanted.key else ""
    if (not key and wanted.key == "required") or (key and not _KEY.fullmatch(key)):
        fault = Fault(
            parameter="Idempotency-Key",
            detail=_("This header is missing or no key."),
            remedy=_("Send one of your own making, such as a UUID: then a repeated request registers once."),
        )
        raise Refused(400, errors=[fault])
    return key


def _query(request: HttpRequest, wanted: Operation) -> Any:
    if wanted.query is None:
        return None
    try:
        return read_texts(wanted.query, {name: request.GET[name] for name in request.GET})
    except Unreadable as error:
        raise Refused(400, errors=problems.parameter_faults(error)) from error


def _answered(wanted: Operation, reply: Reply | HttpResponseBase) -> Answered:
    assert isinstance(reply, Reply)  # noqa: S101  what changes something answers with a shape
    content = "" if reply.content is None else json.dumps(as_json(reply.content), ensure_ascii=False)
    return Answered(wanted.status, content, reply.location, reply.made)


def _given(wanted: Operation, answered: Answered) -> HttpResponse:
    response = HttpResponse(answered.content, status=answered.status, headers={"Cache-Control": "no-store"})
    if answered.content:
        response["Content-Type"] = wanted.kind
    else:
        del response["Content-Type"]
    if answered.location:
        response["Location"] = answered.location
    if answered.again:
        response["Idempotency-Replayed"] = "true"
    return response


def _written(request: HttpRequest, wanted: Operation, reply: Reply | HttpResponseBase) -> HttpResponseBase:
    response = _given(wanted, _answered(wanted, reply)) if isinstance(reply, Reply) else reply
    response.headers.setdefault("Cache-Control", "no-store")
    if request.method == "HEAD" and isinstance(response, HttpResponse) and response.content:
        response.headers["Content-Length"] = str(len(response.content))
        response.content = b""
    return response


def _language(request: HttpRequest) -> str:
    header = request.headers.get("Accept-Language", "")
    for wanted, _weight in parse_accept_lang_header(header[:500]):
        if wanted.partition("-")[0] in _LANGUAGES:
            return str(wanted.partition("-")[0])
    return _LANGUAGES[0]


def _status(_request: HttpRequest) -> HttpResponse:
    """Tell whether the interface works."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        log.exception("status: database")
        raise Refused(503, headers={"Retry-After": "30"}) from None
    body = {"status": 200, "title": "OK", "detail": _("The interface works.")}
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        content_type=problems.MEDIA_TYPE,
        headers={"Cache-Control": "no-store"},
    )


def _document(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(openapi.FILE.read_bytes(), content_type=JSON)


_PUBLIC: Final[dict[str, _Public]] = {
    tokens.TOKEN_PATH: ("POST", (JSON,), tokens.token),
    tokens.REVOKE_PATH: ("POST", (JSON,), tokens.revoke),
    "/api/v1/status": ("GET", (problems.MEDIA_TYPE, JSON), _status),
    "/api/v1/openapi.json": ("GET", (JSON,), _document),
}
