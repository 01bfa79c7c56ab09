"""Sign in, choose the body, change language, sign out, stay signed in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crinale.kernel.errors import NotVisible
from crinale.services.staff_access.web.forms import SignInForm
from crinale.spine.identity import actions as identity
from crinale.spine.identity import queries as people
from crinale.ui import session
from crinale.ui.session import public, without_area

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from crinale.ui.session import StaffRequest

_LANGUAGE_SECONDS = 365 * 86400


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form and check it; a wrong name and a wrong password give the same answer."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = identity.sign_in(
                username=form.cleaned_data["username"], password=form.cleaned_data["password"]
            )
        except identity.SignInDelayed as error:
            seconds = max(1, math.ceil(error.wait.total_seconds()))
            words = ngettext(
                "Too many attempts: wait %(n)d second before trying again.",
                "Too many attempts: wait %(n)d seconds before trying again.",
                seconds,
            )
            form.add_error(None, words % {"n": seconds})
        except identity.WrongCredentials as error:
            form.add_error(None, _(str(error)))
        else:
            session.begin(request.session, person.id)
            return _after_sign_in(request, person.id)
    context = {"form": form, "next": _safe_next(request), "ended": request.GET.get("why", "")}
    return render(request, "staff_access/sign_in.html", context, status=422 if form.errors else 200)


def _after_sign_in(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Go straight to work when there is one area, else ask which."""
    areas = people.staff_areas(people.actor_for_person(person_id))
    if len(areas) == 1:
        session.choose_area(request.session, areas[0].id)
        return redirect(_safe_next(request) or "/")
    following = _safe_next(request)
    query = f"?{urlencode({'next': following})}" if following else ""
    return redirect(reverse("staff_access:choose") + query)


@without_area
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
        return redirect(_safe_next(request) or "/")
    return render(request, "staff_access/choose.html", {"areas": areas, "next": _safe_next(request)})


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
    response = redirect(_safe_next(request) or "/")
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
@require_GET
def keep_alive(_request: StaffRequest) -> HttpResponse:
    """Answer that the session lives; asking is what keeps it alive."""
    return HttpResponse(status=204)


def _safe_next(request: HttpRequest) -> str:
    """Return where to go afterwards, only within this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if allowed else ""
