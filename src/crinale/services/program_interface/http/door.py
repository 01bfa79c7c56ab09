"""The door: every request under ``/api/`` comes through here, and nothing else of the pages touches it.

It finds the operation, knows the program, counts, opens the scope of the area's body (the one line of this
interface that does), reads what was sent, and tells what went wrong.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from crinale.kernel.digests import canonical_json
from crinale.kernel.errors import NotVisible
from crinale.services.program_interface import actions
from crinale.services.program_interface.actions import Answered, KeyUsedOtherwise
from crinale.services.program_interface.http import openapi, problems, tokens
from crinale.services.program_interface.http.catalogue import OPERATIONS
from crinale.services.program_interface.http.operations import JSON, Call, Operation, Reply
from crinale.services.program_interface.http.problems import Fault, Refused
from crinale.services.program_interface.http.shapes import Unreadable, as_json, read, read_texts
from crinale.spine.identity import programs
from crinale.spine.records.actions import document_limit
from crinale.spine.tenancy import queries as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from crinale.spine.identity.programs import Bearer
    from crinale.spine.tenancy.queries import AreaRef

log = logging.getLogger(__name__)
LONGEST_JSON: Final = 1 << 20
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
        except _TOO_MUCH:
            response = problems.response(Refused(413))
        except (MultiPartParserError, SuspiciousOperation):
            response = problems.response(Refused(400))
        except Exception as error:
            refused = problems.refusal_of(error)
            if refused.status == 500:
                log.exception("A request of a program failed")
            response = problems.response(refused)
        response.headers["Content-Language"] = translation.get_language() or "it"
        response.headers["Vary"] = "Accept, Accept-Language, Authorization"
        return response


def _answer(request: HttpRequest) -> HttpResponseBase:
    if (public := _PUBLIC.get(request.path_info)) is not None:
        method, kinds, run = public
        _check_method(request, [method])
        _check_accepted(request, kinds)
        return run(request)
    found = next(
        (
            (match, methods)
            for pattern, methods in _ADDRESSES
            if (match := pattern.fullmatch(request.path_info))
        ),
        None,
    )
    if found is None:
        raise Refused(404)
    match, methods = found
    bearer = _bearer(request)
    used, seconds = actions.count_request(program_id=bearer.program_id)
    limit = bearer.requests_per_minute
    rates = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(max(0, limit - used)),
        "X-RateLimit-Reset": str(seconds),
    }
    try:
        _check_rate(used, limit, seconds)
        _check_method(request, list(methods))
        wanted = methods["GET" if request.method == "HEAD" else str(request.method)]
        response = _run(request, wanted, bearer, match.groupdict())
    except Exception as error:
        refused = problems.refusal_of(error)
        if isinstance(error, KeyUsedOtherwise):
            refused = Refused(422, _("This Idempotency-Key was used for another request: use a new one."))
        elif isinstance(error, _TOO_MUCH):
            refused = Refused(413)
        elif isinstance(error, MultiPartParserError | SuspiciousOperation):
            refused = Refused(400, _("The multipart body cannot be read."))
        elif refused.status == 500:
            log.exception("The operation failed: %s %s", request.method, request.path_info)
        response = problems.response(refused)
    for name, value in rates.items():
        response.headers[name] = value
    return response


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
        body, files, digest = _sent(request, wanted)
        call = Call(request=request, bearer=bearer, area=area, ids=ids, query=query, body=body, files=files)
        if not wanted.changes:
            return _written(request, wanted, wanted.run(call))
        kept = actions.perform(
            program_id=bearer.program_id,
            key=key,
            request_sha256=digest,
            work=lambda: _answered(wanted, wanted.run(call)),
        )
        return _given(wanted, kept)


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


def _check_rate(used: int, limit: int, seconds: int) -> None:
    if used > limit:
        raise Refused(429, headers={"Retry-After": str(seconds)})


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


def _sent(request: HttpRequest, wanted: Operation) -> tuple[Any, tuple[UploadedFile[Any], ...], str]:
    """What the body holds, its files, and a digest of the whole request."""
    parts: list[Any] = [str(request.method), request.path_info]
    length = request.META.get("CONTENT_LENGTH") or "0"
    if wanted.takes and int(length) > document_limit() + LONGEST_JSON:
        raise Refused(413)
    kind = (request.content_type or "").lower()
    if wanted.takes and wanted.body is None:  # the file itself
        if kind.startswith(("multipart/", "application/x-www-form-urlencoded")):
            raise Refused(415, _("Send the bytes of the file as the body."))
        return None, (), ""
    if wanted.body is None:
        return None, (), hashlib.sha256(canonical_json(parts)).hexdigest()
    if kind not in wanted.takes:
        raise Refused(415, _("Send %(kinds)s.") % {"kinds": ", ".join(wanted.takes)})
    files: tuple[UploadedFile[Any], ...] = ()
    if kind == JSON:
        raw = request.read(LONGEST_JSON + 1)
    else:
        raw = request.POST.get("registration", "").encode("utf-8", "surrogatepass")
        files = tuple(request.FILES.getlist("document"))
        for one in files:
            parts += [one.name, hashlib.file_digest(one.file, "sha256").hexdigest()]  # type: ignore[arg-type]
            one.seek(0)
        if not files:
            fault = Fault(pointer="/document", detail=_("It is missing."), remedy=_("Add it."))
            raise Refused(422, errors=[fault])
    if len(raw) > LONGEST_JSON:
        words = _("A request has at most %(size)s bytes, files apart.") % {"size": LONGEST_JSON}
        raise Refused(413, words)
    body = read(wanted.body, _json(raw))
    return body, files, hashlib.sha256(canonical_json(parts) + raw).hexdigest()


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


def _answered(wanted: Operation, reply: Reply | HttpResponseBase) -> Answered:
    assert isinstance(reply, Reply)  # noqa: S101  what changes something answers with a shape
    content = "" if reply.content is None else json.dumps(as_json(reply.content), ensure_ascii=False)
    return Answered(wanted.status, content, reply.location)


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


_PUBLIC: Final[dict[str, tuple[str, tuple[str, ...], Callable[[HttpRequest], HttpResponse]]]] = {
    tokens.TOKEN_PATH: ("POST", (JSON,), tokens.token),
    tokens.REVOKE_PATH: ("POST", (JSON,), tokens.revoke),
    "/api/v1/status": ("GET", (problems.MEDIA_TYPE, JSON), _status),
    "/api/v1/openapi.json": ("GET", (JSON,), _document),
}
