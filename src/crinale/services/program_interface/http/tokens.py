"""The token endpoint (RFC 6749, sections 4.4 and 5; RFC 7523) and revocation (RFC 7009).

Its errors have the members of RFC 6749 beside those of a problem, and the media type that RFC 6749 asks for.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote_plus

from django.http import HttpResponse

from crinale.services.program_interface.http import resources
from crinale.services.program_interface.http.shapes import Unreadable, as_json, read_texts
from crinale.spine.identity import programs

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crinale.spine.identity.programs import IssuedToken

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM: Final = "application/x-www-form-urlencoded"
TOKEN_PATH: Final = "/api/oauth2/token"  # noqa: S105  an address
REVOKE_PATH: Final = "/api/oauth2/revoke"
_LONGEST_FORM: Final = 32_768
_MOST_FIELDS: Final = 20
_NEVER_STORED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class _Refused(Exception):
    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error, self.description = error, description


def token(request: HttpRequest) -> HttpResponse:
    """Give an access token to a program that proves who it is."""
    try:
        issued = _issue(request)
    except _Refused as error:
        return _refusal(error)
    content = resources.Token(
        access_token=issued.value,
        token_type="Bearer",  # noqa: S106  the kind of token
        expires_in=int(issued.life.total_seconds()),
        scope=" ".join(issued.scopes),
    )
    return _json(as_json(content))


def revoke(request: HttpRequest) -> HttpResponse:
    """End an access token; one that is unknown gets the same answer."""
    try:
        _revoke(request)
    except _Refused as error:
        return _refusal(error)
    return HttpResponse(status=200, content_type="application/json", headers=_NEVER_STORED)


def _issue(request: HttpRequest) -> IssuedToken:
    fields = _fields(request)
    try:
        asked = read_texts(resources.TokenAsked, fields)
    except Unreadable:
        raise _Refused("invalid_request", "The form holds a field that is not known here.") from None
    if not asked.grant_type:
        raise _Refused("invalid_request", "Say grant_type=client_credentials.")
    if asked.grant_type != "client_credentials":
        raise _Refused("unsupported_grant_type", "Only client_credentials is served.")
    scopes = asked.scope.split() or None
    try:
        if signed := _signed(request, asked):
            return programs.token_by_assertion(**signed, scopes=scopes)
        client_id, secret = _basic(request, asked)
        return programs.token_by_secret(client_id=client_id, secret=secret, scopes=scopes)
    except programs.InvalidClient:
        raise _Refused("invalid_client") from None
    except programs.InvalidScope:
        raise _Refused("invalid_scope", "The program does not hold every scope that it asks for.") from None


def _revoke(request: HttpRequest) -> None:
    try:
        asked = read_texts(resources.RevocationAsked, _fields(request))
    except Unreadable:
        raise _Refused("invalid_request", "The form holds a field that is not known here.") from None
    try:
        if signed := _signed(request, asked):
            programs.revoke_by_assertion(**signed, token=asked.token)
            return
        client_id, secret = _basic(request, asked)
        programs.revoke_by_secret(client_id=client_id, secret=secret, token=asked.token)
    except programs.InvalidClient:
        raise _Refused("invalid_client") from None


def _signed(
    request: HttpRequest, asked: resources.TokenAsked | resources.RevocationAsked
) -> dict[str, Any] | None:
    """The assertion by which a program proves who it is; None when it does so in another way."""
    if not (asked.client_assertion or asked.client_assertion_type):
        return None
    if "Authorization" in request.headers:
        raise _Refused("invalid_request", "Prove who you are in one way only.")
    if asked.client_assertion_type != ASSERTION:
        raise _Refused("invalid_request", f"Say client_assertion_type={ASSERTION}.")
    return {
        "assertion": asked.client_assertion,
        "audiences": _audiences(request),
        "client_id": asked.client_id,
    }


def _fields(request: HttpRequest) -> dict[str, str]:
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != FORM:
        raise _Refused("invalid_request", f"Send a form: {FORM}.")
    raw = request.read(_LONGEST_FORM + 1)
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise _Refused("invalid_request", "The form cannot be read.") from None
    if len(raw) > _LONGEST_FORM or len({name for name, _value in pairs}) < len(pairs):
        raise _Refused("invalid_request", "The form is too long, or says something twice.")
    return dict(pairs)


def _basic(request: HttpRequest, asked: resources.TokenAsked | resources.RevocationAsked) -> tuple[str, str]:
    scheme, _blank, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        plain = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise _Refused("invalid_client") from None
    client_id, colon, secret = plain.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise _Refused("invalid_client")
    client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    if asked.client_id and asked.client_id != client_id:
        raise _Refused("invalid_request", "client_id is not the one of Authorization.")
    return client_id, secret


def _audiences(request: HttpRequest) -> set[str]:
    """The names of these endpoints, and of the node as an issuer (RFC 7523, section 3)."""
    addresses = {request.build_absolute_uri(path) for path in (TOKEN_PATH, REVOKE_PATH)}
    return {*addresses, request.build_absolute_uri("/").rstrip("/")}


def _refusal(refused: _Refused) -> HttpResponse:
    known = refused.error != "invalid_client"
    content: dict[str, Any] = {"error": refused.error, "error_description": refused.description}
    response = _json(content, status=400 if known else 401)
    if not known:
        response["WWW-Authenticate"] = 'Basic realm="crinale", charset="UTF-8"'
    return response


def _json(content: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(
        json.dumps(content), status=status, content_type="application/json", headers=_NEVER_STORED
    )
