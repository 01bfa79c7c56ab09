"""An exchange that does not go on: what happened, whom to call, what was agreed, how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.forms import CloseIncidentForm, WorkaroundForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
def incident(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """Show the trouble of a message; who may, writes down the workaround and closes the incident."""
    trouble = queries.trouble(actor=request.actor, area=request.area, message_id=message_id)
    context: dict[str, Any] = {"trouble": trouble}
    if request.method == "POST":
        queries.require(request.actor, "exchange.handle_incident", request.area)
        if trouble.open_incident is None:
            messages.warning(request, _("This incident was closed in the meantime."))
            return redirect("protocol_office:incident", message_id=message_id)
    if trouble.open_incident is not None and trouble.may_handle:
        forms = _forms(request, trouble)
        if words := _acted(request, trouble, *forms):
            messages.success(request, words)
            return redirect("protocol_office:incident", message_id=message_id)
        context |= {"workaround_form": forms[0], "closing_form": forms[1]}
        status = max(status_of(one) for one in forms)
        return render(request, "protocol_office/incident.html", context, status=status)
    return render(request, "protocol_office/incident.html", context)


def _forms(request: StaffRequest, trouble: queries.Trouble) -> tuple[WorkaroundForm, CloseIncidentForm]:
    verb, known = request.POST.get("do", ""), trouble.open_incident
    initial = (
        {"workaround": known.workaround, "restore_expected_at": known.restore_expected_at} if known else {}
    )
    return (
        WorkaroundForm(request.POST if verb == "workaround" else None, initial=initial),
        CloseIncidentForm(request.POST if verb == "close" else None),
    )


def _acted(
    request: StaffRequest, trouble: queries.Trouble, workaround: WorkaroundForm, closing: CloseIncidentForm
) -> str:
    """Return what was done, in words; nothing when nothing was asked or something is wrong."""
    found = trouble.open_incident
    assert found is not None  # noqa: S101  the view looked

    def note(data: dict[str, Any]) -> None:
        actions.record_workaround(
            actor=request.actor,
            incident_id=found.id,
            workaround=data["workaround"],
            restore_expected_at=data["restore_expected_at"],
        )

    def close(data: dict[str, Any]) -> None:
        actions.close_incident(actor=request.actor, incident_id=found.id, note=data["note"])

    if changed(workaround, note):
        return _("Written down. The incident stays open.")
    if changed(closing, close):
        return _("The incident is closed.")
    return ""
