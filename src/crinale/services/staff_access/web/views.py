"""Choose the body, change language, sign out, stay signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crinale.kernel.errors import NotVisible
from crinale.services.staff_access.web.following import safe_next
from crinale.spine.identity import queries as people
from crinale.ui import session
from crinale.ui.session import public, without_area, without_second_factor

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crinale.ui.session import StaffRequest

_LANGUAGE_SECONDS = 365 * 86400


@without_area
@without_second_factor
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: StaffRequest) -> HttpResponse:
    """Choose the body and area to work for; staff of a union work for several."""
    areas = people.staff_areas(request.actor)
    if request.method == "POST":
        chosen = next((area for area in areas if str(area.id) == request.POST.get("area", "")), None)
        if chosen is None:
            raise NotVisible
        session.choose_area(request.session, chosen.id)
        return redirect(safe_next(request) or "/")
    return render(request, "staff_access/choose.html", {"areas": areas, "next": safe_next(request)})


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave; the session is destroyed on the server."""
    session.end(request.session)
    return redirect(f"{reverse('staff_access:sign_in')}?why=left")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie."""
    response = redirect(safe_next(request) or "/")
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=_LANGUAGE_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure(),
        )
    return response


@without_area
@without_second_factor
@require_GET
def keep_alive(_request: StaffRequest) -> HttpResponse:
    """Answer that the session lives; asking is what keeps it alive."""
    return HttpResponse(status=204)
