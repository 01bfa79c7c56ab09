"""Dossiers: the list, one with what it holds, open and close one, put a registration in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import changed, pager, status_of
from crinale.services.protocol_office.web.forms import DossierForm, FileForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest

_STATES = {"open": False, "closed": True}


@require_safe
def dossiers(request: StaffRequest) -> HttpResponse:
    """List the dossiers of the area, the newest first."""
    text, state = request.GET.get("q", "").strip()[:100], request.GET.get("state", "")
    before = request.GET.get("before", "")
    page = queries.dossier_page(
        actor=request.actor, area=request.area, text=text, closed=_STATES.get(state), before=before
    )
    here = reverse("protocol_office:dossiers")
    tabs = [
        {
            "label": label,
            "url": f"{here}?{urlencode({'state': code, 'q': text})}",
            "current": code == (state if state in _STATES else ""),
        }
        for code, label in (("", _("All of them")), ("open", _("Open ones")), ("closed", _("Closed ones")))
    ]
    context = {
        "tabs": tabs,
        "text": text,
        "state": state,
        "rows": page.rows,
        "may_open": queries.may(request.actor, "protocol.classify", request.area),
        **pager(f"{here}?{urlencode({'state': state, 'q': text})}", before, page.older),
    }
    return render(request, "protocol_office/dossiers.html", context)


@require_safe
def dossier(request: StaffRequest, dossier_id: UUID) -> HttpResponse:
    """Show a dossier and what it holds."""
    one = queries.dossier(actor=request.actor, area=request.area, dossier_id=dossier_id)
    before = request.GET.get("before", "")
    page = queries.registrations_of_dossier(
        actor=request.actor, area=request.area, dossier_id=one.id, before=before
    )
    context = {
        "one": one,
        "rows": page.rows,
        "may_close": one.closed_at is None and queries.may(request.actor, "protocol.classify", request.area),
        **pager(f"{request.path}?", before, page.older),
    }
    return render(request, "protocol_office/dossier.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def open_dossier(request: StaffRequest) -> HttpResponse:
    """Open a dossier under a heading of the filing plan."""
    queries.require(request.actor, "protocol.classify", request.area)
    form = DossierForm(request.POST or None, choices=queries.choices(actor=request.actor, area=request.area))
    made: list[UUID] = []

    def change(data: dict[str, Any]) -> None:
        made.append(
            actions.open_dossier(
                actor=request.actor,
                area_id=request.area.id,
                title=data["title"],
                classification=data["classification"],
            )
        )

    if changed(form, change):
        messages.success(request, _("The dossier is open."))
        return redirect("protocol_office:dossier", dossier_id=made[0])
    explanation = _("It gets a code from the year, the heading and a progressive number.")
    return _plain(
        request, form, _("Open a dossier"), explanation, reverse("protocol_office:dossiers"), _("Dossiers")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def close_dossier(request: StaffRequest, dossier_id: UUID) -> HttpResponse:
    """Close a dossier, after saying what that means."""
    queries.require(request.actor, "protocol.classify", request.area)
    one = queries.dossier(actor=request.actor, area=request.area, dossier_id=dossier_id)
    if request.method == "POST" and one.closed_at is None:
        actions.close_dossier(actor=request.actor, dossier_id=one.id)
        messages.success(request, _("The dossier is closed."))
    if request.method == "POST" or one.closed_at is not None:
        return redirect("protocol_office:dossier", dossier_id=one.id)
    return render(request, "protocol_office/close_dossier.html", {"one": one})


@require_http_methods(["GET", "HEAD", "POST"])
def put_in_dossier(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Put a registration in one of the open dossiers."""
    one = queries.registration(
        actor=request.actor,
        area=request.area,
        registration_id=registration_id,
        permission="protocol.classify",
    )
    offered = queries.dossiers_for(actor=request.actor, area=request.area, one=one)
    form = FileForm(request.POST or None, dossiers=offered)

    def change(data: dict[str, Any]) -> None:
        actions.add_to_dossier(actor=request.actor, registration_id=one.id, dossier_id=UUID(data["dossier"]))

    if changed(form, change):
        messages.success(request, _("It is in the dossier."))
        return redirect("protocol_office:registration", registration_id=one.id)
    context = {
        "one": one,
        "form": form,
        "heading": _("Put in a dossier"),
        "explanation": _("A registration may be in several dossiers; closed ones take nothing more."),
        "button": _("Put in the dossier"),
        "none_offered": not offered.offered,
    }
    return render(request, "protocol_office/file.html", context, status=status_of(form))


def _plain(
    request: StaffRequest, form: DossierForm, heading: str, explanation: str, back_url: str, back_label: str
) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "explanation": explanation,
        "button": heading,
        "back_url": back_url,
        "back_label": back_label,
    }
    return render(request, "protocol_office/plain_form.html", context, status=status_of(form))
