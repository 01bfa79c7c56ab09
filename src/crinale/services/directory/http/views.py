"""``GET /ipar/index``: the newest published edition of the index, with its digest as ETag."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from crinale.spine.exchange import queries

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Answer with the edition, 304 when the caller has it, 404 on a node that publishes none."""
    edition = queries.edition()
    if edition is None:
        return JsonResponse(
            {"type": "about:blank", "title": "This node publishes no index.", "status": 404},
            status=HTTPStatus.NOT_FOUND,
            content_type="application/problem+json",
        )
    digest, content = edition
    etag = f'"{digest}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    response = (
        HttpResponse(status=HTTPStatus.NOT_MODIFIED)
        if etag in known or "*" in known
        else HttpResponse(content, content_type="application/json")
    )
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    return response
