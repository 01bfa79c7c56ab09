"""Who saw a registration, what a person saw and did in a period: on pages and as a file."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.services.console.queries import activity as queries
from crinale.services.console.queries.activity import Asked
from crinale.services.console.web.forms.looking import ActivityForm
from crinale.spine.identity import queries as people
from crinale.spine.identity.permissions import require

if TYPE_CHECKING:
    from crinale.services.console.queries.activity import LogPage
    from crinale.ui.session import StaffRequest

_USUAL = timedelta(days=30)


@require_safe
def activity(request: StaffRequest) -> HttpResponse:
    """Show the form, and what it asks for when it asks for something."""
    form = _form(request)
    page = _page(request, form) if request.GET else None
    asked = {name: value for name in form.fields if (value := request.GET.get(name))}
    before = request.GET.get("prima", "")
    context = {
        "form": form,
        "page": page,
        "facts": request.GET.get("what") == "facts",
        "csv_url": f"{request.path}.csv?{urlencode(asked)}",
        "newer_url": f"{request.path}?{urlencode(asked)}" if before else "",
        "older_url": f"{request.path}?{urlencode({**asked, 'prima': page.older})}"
        if page and page.older
        else "",
    }
    return render(request, "console/activity.html", context, status=422 if form.errors else 200)


@require_safe
def activity_csv(request: StaffRequest) -> HttpResponse:
    """Answer the same as a file."""
    form = _form(request)
    if not form.is_valid():
        raise NotVisible
    try:
        told = queries.log_csv(actor=request.actor, area=request.area, asked=_asked(form))
    except Invalid as error:
        raise NotVisible from error
    name = f"attivita-{clock.today():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse("\ufeff" + told, content_type="text/csv; charset=utf-8", headers=headers)


def _form(request: StaffRequest) -> ActivityForm:
    require(request.actor, "audit.view", body_id=request.area.body_id)
    known = people.everybody_of(actor=request.actor, body_id=request.area.body_id)
    names = [(str(person_id), name) for person_id, name in known]
    today = clock.today()
    given = request.GET or {"what": "readings", "since": today - _USUAL, "until": today}
    return ActivityForm(given, people=names)


def _page(request: StaffRequest, form: ActivityForm) -> LogPage | None:
    if not form.is_valid():
        return None
    try:
        return queries.log_page(
            actor=request.actor,
            area=request.area,
            asked=_asked(form),
            before=request.GET.get("prima", ""),
        )
    except Invalid as error:
        form.refuse(error)
    except NotVisible:
        form.add_error("number", _("There is no registration with this number."))
    return None


def _asked(form: ActivityForm) -> Asked:
    given = form.cleaned_data
    return Asked(
        what=given["what"] or "readings",
        number=given["number"],
        person_id=UUID(given["person"]) if given["person"] else None,
        since=given["since"],
        until=given["until"],
    )
