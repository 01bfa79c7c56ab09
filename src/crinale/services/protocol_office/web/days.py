"""Daily registers: the frozen days, one of them with its rows, its files, its way to preservation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crinale.kernel.errors import Conflict
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.downloads import attachment
from crinale.ui.sentences import said

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from crinale.ui.session import StaffRequest


@require_safe
def daily(request: StaffRequest) -> HttpResponse:
    """List the frozen days, the newest first."""
    before = request.GET.get("before", "")
    page = queries.daily_page(actor=request.actor, area=request.area, before=before)
    context = {
        "days": page.rows,
        "newer_url": request.path if before else "",
        "older_url": f"{request.path}?before={page.older}" if page.older else "",
    }
    return render(request, "protocol_office/daily.html", context)


@require_safe
def daily_day(request: StaffRequest, day: str) -> HttpResponse:
    """Show the rows of a frozen day, and where it stands."""
    after = request.GET.get("after", "")
    page = queries.daily_day(
        actor=request.actor,
        area=request.area,
        day=_wanted(day),
        after=int(after) if after.isdecimal() and len(after) < len("9" * 18) else 0,
    )
    context = {
        "page": page,
        "day": page.day,
        "newer_url": request.path if after else "",
        "older_url": f"{request.path}?after={page.older}" if page.older else "",
    }
    return render(request, "protocol_office/daily_day.html", context)


@require_safe
def daily_file(request: StaffRequest, day: str, kind: str) -> HttpResponseBase:
    """Download a file of a frozen day: the printed one, the data, the sealed manifest, the report."""
    if kind not in queries.DAY_FILES:
        raise Http404
    found, stream = queries.open_daily(actor=request.actor, area=request.area, day=_wanted(day), kind=kind)
    return attachment(
        request,
        stream,
        name=found.file_name,
        size=found.size,
        media_type=found.media_type,
        etag=found.sha256,
    )


@require_POST
def repeat_deposit(request: StaffRequest, day: str) -> HttpResponse:
    """Have a day that preservation refused delivered again."""
    try:
        actions.repeat_deposit(actor=request.actor, area_id=request.area.id, day=_wanted(day))
    except Conflict as error:
        messages.error(request, said(str(error)))
    else:
        messages.success(request, _("The day is being delivered again."))
    return redirect("protocol_office:daily_day", day=day)


def _wanted(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
