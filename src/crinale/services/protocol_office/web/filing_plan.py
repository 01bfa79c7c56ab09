"""The filing plan (titolario): its headings with their dossiers, its editions and what each changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.queries import filing_plan
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.forms.editions import EditionForm, WithdrawEditionForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.spine.records.queries import PlanDifference
    from crinale.ui.session import StaffRequest

_MANAGE = "records.manage_plan"


@require_safe
def plan(request: StaffRequest, plan_id: UUID | None = None) -> HttpResponse:
    """Show the headings of an edition, the one in force if none is named."""
    text = request.GET.get("q", "").strip()[:100]
    page = filing_plan.plan_page(actor=request.actor, area=request.area, plan_id=plan_id, text=text)
    context = {
        "page": page,
        "text": text,
        "may_manage": queries.may(request.actor, _MANAGE, request.area),
        "may_open": queries.may(request.actor, "protocol.classify", request.area),
    }
    return render(request, "protocol_office/filing_plan.html", context)


@require_safe
def difference(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    """Show what an edition changed of the one before it."""
    queries.require(request.actor, _MANAGE, request.area)
    context = {
        "edition": filing_plan.edition(actor=request.actor, plan_id=plan_id),
        "found": filing_plan.edition_difference(actor=request.actor, plan_id=plan_id),
    }
    return render(request, "protocol_office/plan_difference.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_edition(request: StaffRequest) -> HttpResponse:
    """Look at what an edition changes, then give it its day."""
    queries.require(request.actor, _MANAGE, request.area)
    form = EditionForm(request.POST or None, request.FILES or None)
    seen: list[PlanDifference] = []
    confirmed = request.POST.get("do") == "confirm" and "file" not in request.FILES

    def change(data: dict[str, Any]) -> None:
        if confirmed:
            actions.bring_plan(
                actor=request.actor,
                body_id=request.area.body_id,
                name=data["name"],
                text=data["text"],
                valid_from=data["valid_from"],
            )
        else:
            seen.append(filing_plan.plan_difference(actor=request.actor, text=data["text"]))

    if changed(form, change) and confirmed:
        messages.success(request, _("The edition has its day. Until then the one in force goes on."))
        return redirect("protocol_office:filing_plan")
    context = {"form": form, "found": seen[0] if seen else None, "text": _text(form)}
    return render(request, "protocol_office/new_edition.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    """Withdraw an edition before its day."""
    queries.require(request.actor, _MANAGE, request.area)
    edition = filing_plan.edition(actor=request.actor, plan_id=plan_id)
    form = WithdrawEditionForm(request.POST or None)

    def change(data: dict[str, Any]) -> None:
        actions.withdraw_plan(actor=request.actor, plan_id=edition.id, reason=data["reason"])

    if changed(form, change):
        messages.success(request, _("The edition is withdrawn; the one in force goes on."))
        return redirect("protocol_office:filing_plan")
    context = {
        "form": form,
        "heading": _("Withdraw the edition"),
        "explanation": edition.name,
        "button": _("Withdraw the edition"),
        "back_url": reverse("protocol_office:filing_plan"),
        "back_label": _("Filing plan"),
    }
    return render(request, "protocol_office/plain_form.html", context, status=status_of(form))


def _text(form: EditionForm) -> str:
    return str(form.cleaned_data.get("text", "")) if form.is_bound and form.is_valid() else ""
