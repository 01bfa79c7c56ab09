"""The OpenAPI 3.1 document, made of the declarations that validate requests.

``openapi.json`` beside this package is what :func:`document` gave last; a test tells when it no longer is.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, Final

from django.utils import translation

from crinale.services.program_interface.http import problems, resources, tokens
from crinale.services.program_interface.http.catalogue import OPERATIONS
from crinale.services.program_interface.http.operations import JSON, Operation
from crinale.services.program_interface.http.schemas import Schemas
from crinale.services.program_interface.http.shapes import hints_of
from crinale.spine.identity.programs import SCOPES

FILE: Final = Path(__file__).resolve().parents[1] / "openapi.json"
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_ALWAYS: Final = (400, 401, 403, 404, 405, 406, 411, 429, 500, 503)
_TEXTS: Final = {
    "aoo_code": {"type": "string", "minLength": 1, "maxLength": 50},
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}
_RATES: Final = {
    "X-RateLimit-Limit": "Requests that the caller may make in a minute.",
    "X-RateLimit-Remaining": "Those that remain in this one.",
    "X-RateLimit-Reset": "Seconds that remain of it.",
}


def text() -> str:
    """Return the document as it is committed and served."""
    with translation.override("en"):
        return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """Return the document."""
    schemas = Schemas()
    schemas.reference(problems.Problem)
    paths: dict[str, Any] = _public_paths(schemas)
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(schemas, one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Crinale, interface for other programs",
            "version": "1",
            "description": "Registers, documents, dossiers and events of the registry areas of a node.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "securitySchemes": {
                "program": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": tokens.TOKEN_PATH,
                            "scopes": {scope: str(title) for scope, (title, _held) in SCOPES.items()},
                        }
                    },
                }
            },
        },
    }


def _operation(schemas: Schemas, one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": one.name, "summary": one.summary}
    if one.about:
        described["description"] = one.about
    described["security"] = [{"program": [one.scope]}]
    described["parameters"] = _parameters(schemas, one)
    if one.takes:
        described["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": _sent(schemas, one, kind)} for kind in one.takes},
        }
    described["responses"] = _responses(schemas, one)
    return described


def _parameters(schemas: Schemas, one: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _TEXTS.get(name, {"type": "string", "format": "uuid"}),
        }
        for name in _PARAMETER.findall(one.path)
    ]
    if one.query is not None:
        hints = hints_of(one.query)
        for field in dataclasses.fields(one.query):
            schema = schemas.of_field(hints[field.name], field.metadata, field.default)
            if isinstance(schema.get("type"), list):
                schema["type"] = schema["type"][0]
            found.append(
                {
                    "name": field.name,
                    "in": "query",
                    "required": field.default is dataclasses.MISSING,
                    "schema": schema,
                }
            )
    if one.key:
        about = "The same key with the same request gets the same answer, for 30 days."
        found.append(_header("Idempotency-Key", about, required=one.key == "required", most=255))
    found += [_header(name, about) for name, about in one.headers.items()]
    return found


def _header(name: str, about: str, *, required: bool = False, most: int = 1000) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": most, "pattern": "^[!-~]+$"}
    return {"name": name, "in": "header", "required": required, "description": about, "schema": schema}


def _sent(schemas: Schemas, one: Operation, kind: str) -> dict[str, Any]:
    if kind == JSON:
        return schemas.reference(one.body)
    if kind == "multipart/form-data":
        return {
            "type": "object",
            "properties": {
                "registration": {"type": "string", "contentMediaType": JSON},
                "document": {"type": "array", "items": {"type": "string", "format": "binary"}},
            },
            "required": ["registration", "document"],
        }
    return {"type": "string", "format": "binary"}


def _responses(schemas: Schemas, one: Operation) -> dict[str, Any]:
    rates = {name: {"description": about, "schema": {"type": "integer"}} for name, about in _RATES.items()}
    found: dict[str, Any] = {}
    if one.status < 300:
        good: dict[str, Any] = {"description": one.summary, "headers": dict(rates)}
        if one.status == 201 or (one.name.startswith("register_") and one.answers):
            good["headers"]["Location"] = {"description": "Where it is.", "schema": {"type": "string"}}
        if one.answers is not None:
            good["content"] = {one.kind: {"schema": schemas.reference(one.answers)}}
        elif one.kind != JSON:
            good["content"] = {one.kind: {}}
        found[str(one.status)] = good
        if 206 in one.statuses:
            found["206"] = {**good, "description": "A part of it"}
    wanted = {*_ALWAYS, *(one.statuses or ()), *({one.status} if one.status >= 400 else ())}
    if one.takes:
        wanted |= {413, 415}
    if one.body is not None or one.key:
        wanted |= {422}
    for status in sorted(wanted):
        if status >= 400:
            found[str(status)] = _problem(status)
    return found


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": problems.TITLES[status],
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _public_paths(schemas: Schemas) -> dict[str, Any]:
    refused = {
        "description": "Refused (RFC 6749, section 5.2)",
        "content": {JSON: {"schema": schemas.reference(resources.TokenRefused)}},
    }
    common = {str(status): _problem(status) for status in (405, 406, 411, 429, 500, 503)}
    form = {"required": True, "content": {tokens.FORM: {"schema": schemas.reference(resources.TokenAsked)}}}
    revoked = schemas.reference(resources.RevocationAsked)
    return {
        tokens.TOKEN_PATH: {
            "post": {
                "operationId": "token",
                "summary": "Get an access token (client_secret_basic or private_key_jwt)",
                "security": [],
                "requestBody": form,
                "responses": {
                    "200": {
                        "description": "The token",
                        "content": {JSON: {"schema": schemas.reference(resources.Token)}},
                    },
                    "400": refused,
                    "401": refused,
                    **common,
                },
            }
        },
        tokens.REVOKE_PATH: {
            "post": {
                "operationId": "revoke_token",
                "summary": "End an access token (RFC 7009)",
                "security": [],
                "requestBody": {"required": True, "content": {tokens.FORM: {"schema": revoked}}},
                "responses": {
                    "200": {"description": "It counts no more", "content": {JSON: {}}},
                    "400": refused,
                    "401": refused,
                    **common,
                },
            }
        },
        "/api/v1/status": {
            "get": {
                "operationId": "status",
                "summary": "Whether the interface works (ModI RAC_REST_NAME_011)",
                "security": [],
                "responses": {
                    "200": {
                        "description": "It works",
                        "content": {problems.MEDIA_TYPE: {"schema": schemas.reference(resources.Status)}},
                    },
                    **common,
                },
            }
        },
        "/api/v1/openapi.json": {
            "get": {
                "operationId": "openapi",
                "summary": "This document",
                "security": [],
                "responses": {
                    "200": {"description": "OpenAPI 3.1", "content": {JSON: {}}},
                    **common,
                },
            }
        },
    }
