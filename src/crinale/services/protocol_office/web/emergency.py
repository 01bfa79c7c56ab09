"""The emergency register (DPR 445/2000 art. 63)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crinale.kernel import clock, ids
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.counter import composed
from crinale.services.protocol_office.web.forms import (
    CORRESPONDENT,
    EmergencyCloseForm,
    EmergencyEntryForm,
    EmergencyExtendForm,
    EmergencyOpenForm,
)

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.spine.protocol.queries import EmergencyView
    from crinale.ui.forms import AccessibleForm
    from crinale.ui.session import StaffRequest

_LONGEST_DAYS = 60


@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: StaffRequest) -> HttpResponse:
    """List the interruptions; open one."""
    queries.require(request.actor, "protocol.emergency", request.area)
    periods = queries.emergencies(actor=request.actor, area=request.area)
    open_period = next((one for one in periods if one.closed_at is None), None)
    form = EmergencyOpenForm(request.POST or None, initial={"started_at": clock.now()})

    def change(data: dict[str, Any]) -> None:
        actions.open_emergency(
            actor=request.actor,
            area_id=request.area.id,
            cause=data["cause"],
            authorisation=data["authorisation"],
            started_at=data["started_at"],
        )

    if open_period is None and changed(form, change):
        messages.success(request, _("The emergency register is open."))
        return redirect("protocol_office:emergency")
    rows = [
        {
            "period": one,
            "left": _left(one),
            "entered": sum(day.entered for day in one.days),
            "lacks_act": _lacks_act(one),
        }
        for one in periods
    ]
    context = {"rows": rows, "open_period": open_period, "form": None if open_period else form}
    return render(request, "protocol_office/emergency.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def emergency_enter(request: StaffRequest, emergency_id: UUID) -> HttpResponse:
    """Enter one line of a closed emergency; it gets an ordinary number and keeps its own."""
    queries.emergency(actor=request.actor, area=request.area, emergency_id=emergency_id)
    return composed(
        request,
        EmergencyEntryForm,
        heading=_("Registration made by hand during the emergency"),
        explanation=_("Copy it as it stands in the emergency register."),
        groups=(
            (_("Emergency register"), ("direction", "number", "entered_on_paper_at")),
            (_("Sender or recipient"), CORRESPONDENT),
            (_("How it travelled"), ("channel", "received_number", "received_date")),
            (_("Subject and classification"), ("subject", "classification", "confidential")),
        ),
        register=lambda request, form, files: actions.enter_emergency(
            actor=request.actor,
            emergency_id=emergency_id,
            token=form.cleaned_data["token"] or ids.new_id(),
            line=form.line(files.enclosures()),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def emergency_extend(request: StaffRequest, emergency_id: UUID) -> HttpResponse:
    """Note the act that allows it beyond 24 hours."""
    one = queries.emergency(actor=request.actor, area=request.area, emergency_id=emergency_id)
    form = EmergencyExtendForm(request.POST or None, initial={"valid_from": one.allowed_until})

    def change(data: dict[str, Any]) -> None:
        actions.extend_emergency(actor=request.actor, emergency_id=emergency_id, **data)

    if changed(form, change):
        messages.success(request, _("The emergency register is allowed for longer."))
        return redirect("protocol_office:emergency")
    explanation = _("Beyond 24 hours an act must allow it, for one week at most (DPR 445/2000 art. 63).")
    return _form_page(request, form, heading=_("Extend the emergency"), explanation=explanation)


@require_http_methods(["GET", "HEAD", "POST"])
def emergency_close(request: StaffRequest, emergency_id: UUID) -> HttpResponse:
    """Note that the system is back, with the totals by day; then the lines can be entered."""
    one = queries.emergency(actor=request.actor, area=request.area, emergency_id=emergency_id)
    first, today = clock.legal_day(one.started_at), clock.today()
    span = min((today - first).days, _LONGEST_DAYS)
    form = EmergencyCloseForm(
        request.POST or None,
        days=[first + timedelta(days=passed) for passed in range(span + 1)],
        initial={"restored_at": clock.now()},
    )

    def change(data: dict[str, Any]) -> None:
        actions.close_emergency(
            actor=request.actor,
            emergency_id=emergency_id,
            restored_at=data["restored_at"],
            totals=form.totals(),
        )

    if changed(form, change):
        messages.success(request, _("The emergency is closed: now enter what was registered by hand."))
        return redirect("protocol_office:emergency")
    explanation = _(
        "Say how many documents were registered by hand on each day; then you can enter them one by one."
    )
    return _form_page(request, form, heading=_("Close the emergency"), explanation=explanation)


def _form_page(
    request: StaffRequest, form: AccessibleForm, *, heading: str, explanation: str
) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "explanation": explanation,
        "button": heading,
        "back_url": reverse("protocol_office:emergency"),
        "back_label": _("Emergency register"),
    }
    return render(request, "protocol_office/plain_form.html", context, status=status_of(form))


def _left(one: EmergencyView) -> int:
    """Return how many declared lines of a closed emergency are still to enter."""
    return 0 if one.closed_at is None else sum((day.declared or 0) - day.entered for day in one.days)


def _lacks_act(one: EmergencyView) -> bool:
    """Whether lines are left and the interruption lasted longer than what is allowed.

    The act may be noted afterwards: its instants say when it was in force (DPR 445/2000 art. 63 c.2).
    """
    return _left(one) > 0 and one.restored_at is not None and one.restored_at > one.allowed_until
