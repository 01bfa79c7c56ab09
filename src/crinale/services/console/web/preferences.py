"""The first page of the console, and everybody's own preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crinale.services.console.queries import people as queries
from crinale.services.console.web.forms.looking import PreferencesForm
from crinale.services.console.web.offices import FORM
from crinale.spine.identity import queries as people
from crinale.spine.identity.permissions import allows, require
from crinale.spine.notify import actions as notify
from crinale.spine.notify import queries as notices
from crinale.ui.session import without_area

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest

_LANGUAGE_SECONDS = 365 * 86400


@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """Show what the person may administer here, with what waits."""
    actor, body_id = request.actor, request.area.body_id
    require(actor, "audit.view", body_id=body_id)
    manages_people = allows(actor, "admin.people", body_id=body_id)
    context = {
        "manages_people": manages_people,
        "manages_areas": allows(actor, "admin.areas", body_id=body_id),
        "due": len(queries.due_roles(actor=actor, body_id=body_id)) if manages_people else 0,
    }
    return render(request, "console/home.html", context)


@without_area
@never_cache
@FORM
def preferences(request: StaffRequest) -> HttpResponse:
    """Choose language and notices; for everybody who signs in."""
    actor = request.actor
    delivery, language = notices.preference(actor)
    form = PreferencesForm(
        request.POST or None,
        initial={"delivery": delivery, "language": translation.get_language() or language},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        notify.prefer(actor=actor, delivery=given["delivery"], language=given["language"])
        with translation.override(given["language"]):
            messages.success(request, _("Your preferences are kept."))
        response = redirect(reverse("console:preferences"))
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            given["language"],
            max_age=_LANGUAGE_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure(),
        )
        return response
    away = people.absences(person_id=request.staff_session.person_id)
    context = {"form": form, "away": away[0] if away else None}
    return render(request, "console/preferences.html", context, status=422 if form.errors else 200)
