"""The first page, and the health of the node as the interoperability model (ModI) wants it at ``/status``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from crinale.config import discovery
from crinale.ui.session import public
from crinale.ui.shell import PUBLIC

if TYPE_CHECKING:
    from django.http import HttpRequest

log = logging.getLogger(__name__)
_PROBLEM = "application/problem+json"


@public
@require_safe
def status(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the node works, 503 and the name of the check when it does not; never the details."""
    failed = _failed_checks()
    code = 503 if failed else 200
    body = {
        "status": code,
        "title": "Service Unavailable" if failed else "OK",
        "detail": f"Not working: {', '.join(failed)}." if failed else "The node works.",
    }
    return JsonResponse(body, status=code, content_type=_PROBLEM, headers={"Cache-Control": "no-store"})


def _failed_checks() -> list[str]:
    failed = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        log.exception("health check: database")
        failed.append("database")
    for manifest in discovery.manifests():
        for name, check in (manifest.health or {}).items():
            try:
                check()
            except Exception:  # a health check may fail in any way, and the page must still answer
                log.exception("health check: %s", name)
                failed.append(name)
    return failed


@public
@require_safe
def first_page(request: HttpRequest) -> HttpResponse:
    """Go to the first page that the menu offers, or to the home of a service, which asks for the sign-in."""
    if menu := getattr(request, "shell", PUBLIC).menu:
        return HttpResponseRedirect(menu[0].url)
    homes = [one.home_url_name for one in discovery.manifests() if one.home_url_name]
    return HttpResponseRedirect(reverse(homes[0] if homes else "staff_access:sign_in"))
