"""Who has a registration: assign it, take charge, refuse, forward, conclude, take back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from crinale.kernel.errors import Conflict
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.forms import (
    AssignForm,
    ConcludeForm,
    ForwardForm,
    RefuseAssignmentForm,
    WithdrawForm,
)
from crinale.ui.sentences import sentence

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.spine.protocol.queries import RegistrationView
    from crinale.ui.forms import AccessibleForm
    from crinale.ui.session import StaffRequest

_STEPS: Final = {
    "prendi": "taken",
    "concludi": "done",
    "inoltra": "forwarded",
    "rifiuta": "refused",
    "ritira": "withdrawn",
}
_WORDS: Final = {
    "done": (
        gettext_noop("Conclude"),
        gettext_noop("What was asked for is done: it leaves your queue and stays in the history."),
        gettext_noop("Concluded."),
    ),
    "forwarded": (
        gettext_noop("Forward"),
        gettext_noop("Another office or person gets it, for the same purpose and by the same day."),
        gettext_noop("Forwarded."),
    ),
    "refused": (
        gettext_noop("Refuse"),
        gettext_noop("It goes back to the desk that assigned it."),
        gettext_noop("It went back to the desk."),
    ),
    "withdrawn": (
        gettext_noop("Take back"),
        gettext_noop("It leaves the queue of the assignee; the history keeps who had it."),
        gettext_noop("Taken back."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Give the registration to offices and people; former assignments stay."""
    one = queries.registration(
        actor=request.actor, area=request.area, registration_id=registration_id, permission="protocol.assign"
    )
    offered = queries.assignees(actor=request.actor, area=request.area)
    form = AssignForm(request.POST or None, assignees=offered)

    def change(data: dict[str, Any]) -> None:
        acting = [value for value in (data["office"], *data["also"]) if value]
        actions.assign(
            actor=request.actor,
            registration_id=one.id,
            assignees=[
                *map(queries.assignee_named, acting),
                *(queries.assignee_named(value, knowledge=True) for value in data["knowledge"]),
            ],
            note=data["note"],
            deadline=data["deadline"],
        )

    if changed(form, change):
        messages.success(request, _("Assigned."))
        return redirect("protocol_office:registration", registration_id=one.id)
    return render(request, "protocol_office/assign.html", {"one": one, "form": form}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: StaffRequest, registration_id: UUID, assignment_id: UUID, step: str) -> HttpResponse:
    """Make a step with an assignment: at once, or after the word that it takes."""
    one = queries.registration(actor=request.actor, area=request.area, registration_id=registration_id)
    kind = _STEPS.get(step)
    if kind is None:
        raise Http404
    found = queries.assignment(actor=request.actor, one=one, assignment_id=assignment_id, step=kind)
    if kind == "taken" or (kind == "done" and found.purpose == "knowledge"):
        return _at_once(request, one, assignment_id, kind)
    form = _form(request, kind)
    heading, explanation, done = _WORDS[kind]
    if changed(form, lambda data: _change(request, assignment_id, kind, data)):
        messages.success(request, _(done))
        return _back(request, one)
    context = {
        "one": one,
        "form": form,
        "heading": _(heading),
        "explanation": _(explanation),
        "button": _(heading),
    }
    return render(request, "protocol_office/change.html", context, status=status_of(form))


def _at_once(request: StaffRequest, one: RegistrationView, assignment_id: UUID, kind: str) -> HttpResponse:
    if request.method != "POST":
        return redirect("protocol_office:registration", registration_id=one.id)
    try:
        _change(request, assignment_id, kind, {"note": ""})
    except Conflict as refused:
        messages.error(request, sentence(str(refused)))
    else:
        messages.success(request, _("You are in charge of it.") if kind == "taken" else _("Read."))
    return _back(request, one)


def _form(request: StaffRequest, kind: str) -> AccessibleForm:
    data = request.POST or None
    if kind == "forwarded":
        return ForwardForm(data, assignees=queries.assignees(actor=request.actor, area=request.area))
    if kind == "done":
        return ConcludeForm(request.POST if request.method == "POST" else None)
    return RefuseAssignmentForm(data) if kind == "refused" else WithdrawForm(data)


def _change(request: StaffRequest, assignment_id: UUID, kind: str, data: dict[str, Any]) -> None:
    actor = request.actor
    if kind == "taken":
        actions.take_charge(actor=actor, assignment_id=assignment_id)
    elif kind == "done":
        actions.conclude(actor=actor, assignment_id=assignment_id, note=data["note"])
    elif kind == "forwarded":
        to = queries.assignee_named(data["office"])
        actions.forward_assignment(actor=actor, assignment_id=assignment_id, to=to, reason=data["reason"])
    elif kind == "refused":
        actions.refuse_assignment(actor=actor, assignment_id=assignment_id, reason=data["reason"])
    else:
        actions.withdraw_assignment(actor=actor, assignment_id=assignment_id, reason=data["reason"])


def _back(request: StaffRequest, one: RegistrationView) -> HttpResponse:
    """Go back to the registration, or to the queue when it is not to be seen any more."""
    if queries.still_seen(actor=request.actor, registration_id=one.id):
        return redirect("protocol_office:registration", registration_id=one.id)
    return redirect("protocol_office:queue")
