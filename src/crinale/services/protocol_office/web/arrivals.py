"""What arrived by the exchange and waits for a decision; the signed evidence of every step."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.downloads import attachment
from crinale.services.protocol_office.web.forms import RefuseForm, RegisterWaitingForm

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from crinale.ui.session import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """Show what arrived; a clerk registers it or refuses it with a reason."""
    message = queries.arrival(actor=request.actor, area=request.area, message_id=message_id)
    if not message.waits:
        if request.method == "POST":
            messages.warning(request, _("This document was decided upon in the meantime."))
            return redirect("protocol_office:waiting", message_id=message_id)
        return render(request, "protocol_office/waiting.html", {"message": message})
    if request.method != "POST" and not queries.may(
        request.actor, "protocol.register_incoming", request.area
    ):
        return render(request, "protocol_office/waiting.html", {"message": message})
    queries.require(request.actor, "protocol.register_incoming", request.area)
    choices = queries.choices(actor=request.actor, area=request.area)
    verb = request.POST.get("do", "")
    form = RegisterWaitingForm(
        request.POST if verb == "register" else None,
        choices=choices,
        initial={"classification": message.proposed_classification},
    )
    refusal = RefuseForm(request.POST if verb == "refuse" else None)
    if target := _decided(request, message_id, form, refusal):
        return target
    context = {"message": message, "form": form, "refusal": refusal}
    status = max(status_of(form), status_of(refusal))
    return render(request, "protocol_office/waiting.html", context, status=status)


def _decided(
    request: StaffRequest, message_id: UUID, form: RegisterWaitingForm, refusal: RefuseForm
) -> HttpResponse | None:
    made: list[UUID] = []

    def register(data: dict[str, str]) -> None:
        view = actions.register_waiting(
            actor=request.actor,
            message_id=message_id,
            classification=data["classification"],
            office_id=UUID(data["office"]) if data["office"] else None,
        )
        made.append(view.id)

    def refuse(data: dict[str, str]) -> None:
        actions.refuse_waiting(actor=request.actor, message_id=message_id, reason=data["reason"])

    if changed(form, register):
        messages.success(request, _("Registered. The sender gets your number."))
        return redirect("protocol_office:registration", registration_id=made[0])
    if changed(refusal, refuse):
        messages.success(request, _("Refused. The sender gets your reason."))
        return redirect("protocol_office:waiting", message_id=message_id)
    return None


@require_safe
def waiting_document(request: StaffRequest, message_id: UUID, position: int) -> HttpResponseBase:
    """Download a file of what arrived, before it is registered."""
    found, stream = queries.open_arrived_file(
        actor=request.actor, area=request.area, message_id=message_id, position=position
    )
    return attachment(
        request, stream, name=found.name, size=found.size, media_type=found.media_type, etag=found.sha256
    )


@require_POST
def retry(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """Order a new attempt at a message whose attempts are used up."""
    registration_id = queries.message_registration(
        actor=request.actor, area=request.area, message_id=message_id
    )
    actions.retry(actor=request.actor, message_id=message_id)
    messages.success(request, _("A new attempt was ordered."))
    if request.POST.get("back") == "incident":
        return redirect("protocol_office:incident", message_id=message_id)
    return _to_message(message_id, registration_id)


@require_POST
def noted(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """Take note of a refusal: it leaves the queue and stays on the page of the registration."""
    registration_id = queries.message_registration(
        actor=request.actor, area=request.area, message_id=message_id
    )
    actions.take_note(actor=request.actor, message_id=message_id)
    messages.success(request, _("You took note of the refusal."))
    return _to_message(message_id, registration_id)


def _to_message(message_id: UUID, registration_id: UUID | None) -> HttpResponse:
    if registration_id is None:
        return redirect("protocol_office:waiting", message_id=message_id)
    return redirect("protocol_office:registration", registration_id=registration_id)


@require_safe
def evidence(request: StaffRequest, wire_id: UUID) -> HttpResponseBase:
    """Download a signed envelope as it went over the wire."""
    found = queries.open_evidence(actor=request.actor, wire_id=wire_id)
    return attachment(
        request,
        found.stream,
        name=found.file_name,
        size=found.size,
        media_type=found.content_type,
        etag=found.sha256,
    )
