"""One registration: its page, its files, and what may still be done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crinale.services.protocol_office import actions, queries, rules
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.downloads import attachment, small_attachment
from crinale.services.protocol_office.web.forms import AnnulForm, ReclassifyForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from crinale.ui.session import StaffRequest


@require_safe
def page(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Show a registration: state and next action on top, its story below."""
    shown = queries.registration_page(actor=request.actor, area=request.area, registration_id=registration_id)
    return render(request, "protocol_office/registration.html", shown)


@require_safe
def segnatura(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Download the XML segnatura, ours or the one received."""
    origin = "received" if request.GET.get("origin") == "received" else "issued"
    name, xml = queries.segnatura_file(
        actor=request.actor, area=request.area, registration_id=registration_id, origin=origin
    )
    return small_attachment(xml, name=name, media_type="application/xml")


@require_safe
def stamp(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Download the segnatura as text, to be put on a paper copy (DPR 445/2000 art. 55)."""
    one = queries.registration(actor=request.actor, area=request.area, registration_id=registration_id)
    name = f"segnatura-{one.year}-{one.number_text}.txt"
    return small_attachment(f"{one.stamp}\n".encode(), name=name, media_type="text/plain; charset=utf-8")


@require_safe
def document(request: StaffRequest, registration_id: UUID, document_id: UUID) -> HttpResponseBase:
    """Download a document of a registration; who reads it is written in the access log."""
    found, stream = queries.open_enclosure(
        actor=request.actor, area=request.area, registration_id=registration_id, document_id=document_id
    )
    return attachment(
        request,
        stream,
        name=found.file_name,
        size=found.size,
        media_type=found.media_type,
        etag=found.sha256,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def annul(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Annul, with the act that authorises it; the page says what stays visible."""
    one = queries.registration(
        actor=request.actor, area=request.area, registration_id=registration_id, permission="protocol.annul"
    )
    if one.annulment:
        return redirect("protocol_office:registration", registration_id=one.id)
    form = AnnulForm(request.POST or None)

    def change(data: dict[str, Any]) -> None:
        act = rules.cite_act(kind=data["act_type"], number=data["act_number"], day=data["act_date"])
        actions.annul(actor=request.actor, registration_id=one.id, act=act, reason=data["reason"])

    if changed(form, change):
        messages.success(
            request, _("The registration is annulled. It stays readable, with the act and the reason.")
        )
        return redirect("protocol_office:registration", registration_id=one.id)
    told = queries.told_of_annulment(actor=request.actor, area=request.area, registration_id=one.id)
    context = {"one": one, "form": form, "will_tell": ", ".join(told)}
    return render(request, "protocol_office/annul.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def reclassify(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Move the registration to another heading; the former one stays in the history."""
    one = queries.registration(
        actor=request.actor,
        area=request.area,
        registration_id=registration_id,
        permission="protocol.classify",
    )
    form = ReclassifyForm(
        request.POST or None,
        choices=queries.choices(actor=request.actor, area=request.area),
        initial={"classification": one.classification.code},
    )

    def change(data: dict[str, Any]) -> None:
        actions.reclassify(
            actor=request.actor,
            registration_id=one.id,
            classification=data["classification"],
            reason=data["reason"],
        )

    if changed(form, change):
        messages.success(request, _("Classification changed."))
        return redirect("protocol_office:registration", registration_id=one.id)
    context = {
        "one": one,
        "form": form,
        "heading": _("Change the classification"),
        "explanation": _("The registration does not change: the former heading stays in the history."),
        "button": _("Change the classification"),
    }
    return render(request, "protocol_office/change.html", context, status=status_of(form))
