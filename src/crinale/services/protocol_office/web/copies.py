"""Copies of the register, and its figures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import status_of
from crinale.services.protocol_office.web.downloads import attachment, small_attachment
from crinale.services.protocol_office.web.forms import CopyForm, FiguresForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from crinale.ui.session import StaffRequest

_MONTH = timedelta(days=30)


@require_http_methods(["GET", "HEAD", "POST"])
def copy_register(request: StaffRequest) -> HttpResponseBase:
    """Ask for a copy: a small one is sent at once, a large one is written by a job."""
    queries.require(request.actor, "protocol.view", request.area)
    choices = queries.choices(actor=request.actor, area=request.area)
    form = CopyForm(request.POST or None, choices=choices)
    if form.is_bound and form.is_valid():
        try:
            made, stream = actions.copy_register(
                actor=request.actor,
                area_id=request.area.id,
                kind=form.cleaned_data["kind"],
                narrowed=form.narrowed(),
            )
        except Invalid as error:
            form.refuse(error)
        else:
            if stream is None:
                return redirect("protocol_office:register_copy", copy_id=made.id)
            return attachment(
                request,
                stream,
                name=made.file_name,
                size=made.size,
                media_type=made.media_type,
                etag=str(made.id),
            )
    copies = queries.copies(actor=request.actor, area=request.area)
    context = {"form": form, "copies": copies}
    return render(request, "protocol_office/copies.html", context, status=status_of(form))


@require_safe
def register_copy(request: StaffRequest, copy_id: UUID) -> HttpResponse:
    """Show how much of a copy is written, then where to take it."""
    made = queries.copy(actor=request.actor, area=request.area, copy_id=copy_id)
    return render(request, "protocol_office/copy.html", {"copy": made})


@require_safe
def copy_file(request: StaffRequest, copy_id: UUID) -> HttpResponseBase:
    """Send the file of a copy."""
    made, stream = queries.open_copy(actor=request.actor, area=request.area, copy_id=copy_id)
    actions.note_copy_taken(actor=request.actor, copy_id=copy_id)
    return attachment(
        request,
        stream,
        name=made.file_name,
        size=made.size,
        media_type=made.media_type,
        etag=str(made.id),
    )


@require_safe
def figures(request: StaffRequest) -> HttpResponse:
    """Show the figures of a period, of the last month when none is named; as CSV when asked."""
    queries.require(request.actor, "protocol.view", request.area)
    today = clock.today()
    form = FiguresForm(
        {
            "since": request.GET.get("since", (today - _MONTH).isoformat()),
            "until": request.GET.get("until", today.isoformat()),
        }
    )
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        since, until = form.cleaned_data["since"], form.cleaned_data["until"]
        asked = {"actor": request.actor, "area": request.area, "since": since, "until": until}
        try:
            if request.GET.get("as") == "csv":
                name = f"statistiche-{request.area.code}-{since.isoformat()}-{until.isoformat()}.csv"
                return small_attachment(
                    queries.figures_csv(**asked), name=name, media_type="text/csv; charset=utf-8"
                )
            context["figures"] = queries.figures(**asked)
            query = urlencode({"since": since.isoformat(), "until": until.isoformat(), "as": "csv"})
            context["csv_url"] = f"{reverse('protocol_office:figures')}?{query}"
        except Invalid as error:
            form.refuse(error)
    return render(request, "protocol_office/figures.html", context, status=status_of(form))
