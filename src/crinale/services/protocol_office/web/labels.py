"""After a registration: the label for the paper, the receipt for the citizen, the next document."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from crinale.services.protocol_office import queries
from crinale.services.protocol_office.web.answers import status_of
from crinale.services.protocol_office.web.downloads import small_attachment
from crinale.services.protocol_office.web.forms import LabelForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest

KEPT = ("channel", "office", "kind")  # what the next document has in common with the one just registered


@require_safe
def done(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Say the number of what was just registered; offer label, receipt and the next document."""
    return _done(request, registration_id, LabelForm())


@require_safe
def label(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Download the label: for a roll, or at a position of a sheet (DPR 445/2000 art. 55)."""
    position = None
    if "posizione" in request.GET:
        form = LabelForm(request.GET)
        if not form.is_valid():
            return _done(request, registration_id, form)
        position = form.cleaned_data["posizione"]
    name, pdf = queries.label_file(
        actor=request.actor, area=request.area, registration_id=registration_id, position=position
    )
    return small_attachment(pdf, name=name, media_type="application/pdf")


@require_safe
def receipt(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Download the receipt of who presented the document (Law 241/1990 art. 18-bis)."""
    name, pdf = queries.receipt_file(actor=request.actor, area=request.area, registration_id=registration_id)
    return small_attachment(pdf, name=name, media_type="application/pdf")


def kept(data: dict[str, str]) -> str:
    """Return the query with which the next document begins."""
    return urlencode({name: data[name] for name in KEPT if data.get(name)})


def _done(request: StaffRequest, registration_id: UUID, form: LabelForm) -> HttpResponse:
    one = queries.registration(actor=request.actor, area=request.area, registration_id=registration_id)
    page = "protocol_office:counter" if one.direction == "incoming" else "protocol_office:outgoing"
    query = kept({name: request.GET.get(name, "")[:60] for name in KEPT})
    context = {
        "one": one,
        "form": form,
        "another_url": f"{reverse(page)}?{query}" if query else reverse(page),
        "is_arrival": one.direction == "incoming",
    }
    return render(request, "protocol_office/done.html", context, status=status_of(form))
