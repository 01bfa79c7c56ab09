"""Presets: documents that an area writes again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.forms.presets import PresetForm
from crinale.services.protocol_office.web.recipients import ChosenRecipient
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest

_MOST = 100


@require_safe
def presets(request: StaffRequest) -> HttpResponse:
    """List the presets of the area."""
    queries.require(request.actor, "protocol.view", request.area)
    rows = [
        (one, f"{reverse(_page_of(one.direction))}?preset={one.id}")
        for one in queries.presets(actor=request.actor, area=request.area)
    ]
    context = {"rows": rows, "may_change": queries.may(request.actor, "protocol.register", request.area)}
    return render(request, "protocol_office/presets.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """Make a preset, from nothing or from a registration."""
    queries.require(request.actor, "protocol.register", request.area)
    initial, parties = _from_registration(request)
    if request.method == "POST":
        parties = [
            one
            for one in map(ChosenRecipient.of_token, request.POST.getlist("recipient")[:_MOST])
            if one is not None
        ]
    form = PresetForm(
        request.POST or None,
        choices=queries.choices(actor=request.actor, area=request.area),
        groups=tuple(
            (str(one.id), f"{one.name} ({one.members})")
            for one in queries.groups(actor=request.actor, area=request.area)
        ),
        initial=initial,
    )

    def act(data: dict[str, Any]) -> None:
        actions.open_preset(
            actor=request.actor,
            area_id=request.area.id,
            name=" ".join(data["name"].split()),
            direction=data["direction"],
            content=actions.PresetContent(
                subject=data["subject"],
                classification=data["classification"],
                office=data["office"],
                parties=[one.party for one in parties],
                groups=data.get("groups", ()),
            ),
        )

    if changed(form, act):
        messages.success(request, _("The preset is kept."))
        return redirect("protocol_office:presets")
    context = {"form": form, "parties": parties}
    return render(request, "protocol_office/preset_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: StaffRequest, preset_id: UUID) -> HttpResponse:
    """Take a preset out of use."""
    queries.require(request.actor, "protocol.register", request.area)
    one = queries.preset(actor=request.actor, area=request.area, preset_id=preset_id)
    if request.method == "POST":
        actions.close_preset(actor=request.actor, area_id=request.area.id, preset_id=one.id)
        messages.success(request, _("The preset is out of use."))
        return redirect("protocol_office:presets")
    context = {
        "form": AccessibleForm(),
        "heading": _("Take %(name)s out of use") % {"name": one.name},
        "explanation": _("What was registered with it stays as it is."),
        "button": _("Take out of use"),
        "back_url": reverse("protocol_office:presets"),
        "back_label": _("Presets"),
    }
    return render(request, "protocol_office/plain_form.html", context)


def _from_registration(request: StaffRequest) -> tuple[dict[str, Any], list[ChosenRecipient]]:
    """Return what a registration that the address names gives to a preset; of a confidential one nothing."""
    text = request.GET.get("registration", "")
    if not text:
        return {}, []
    try:
        one = queries.registration_named(actor=request.actor, area=request.area, text=text)
    except NotVisible:
        return {}, []
    if one.confidential or one.direction == "internal":
        return {}, []
    named = one.senders if one.direction == "incoming" else one.recipients
    parties = [
        ChosenRecipient(party=party.data, in_index=bool(party.data.aoo_code)) for party in named[:_MOST]
    ]
    initial = {
        "direction": one.direction,
        "subject": one.subject,
        "classification": one.classification.code,
        "office": str(one.in_charge.office_id) if one.in_charge else "",
    }
    return initial, parties


def _page_of(direction: str) -> str:
    return "protocol_office:counter" if direction == "incoming" else "protocol_office:outgoing"
