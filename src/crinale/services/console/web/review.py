"""Roles that nobody looked at for months: confirmed or ended, several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crinale.kernel.errors import Invalid, NotVisible
from crinale.services.console import actions
from crinale.services.console.queries import people as queries
from crinale.services.console.web.offices import FORM
from crinale.spine.tenancy import queries as tenancy
from crinale.ui.sentences import sentence

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest


@FORM
def review(request: StaffRequest) -> HttpResponse:
    """List the roles to look at again, and do with those chosen what is asked; ending asks once more."""
    body_id = request.area.body_id
    due = queries.due_roles(actor=request.actor, body_id=body_id)
    body = tenancy.body(body_id)
    if request.method != "POST":
        months = body.review_months if body else 0
        return render(request, "console/review.html", {"due": due, "months": months, "chosen": set()})
    chosen, failure = _chosen(request), ""
    do = request.POST.get("do", "")
    if not chosen:
        failure = _("Choose at least one role.")
    elif do == "end":
        going = [one for one in due if one.grant.id in chosen]
        return render(request, "console/review_end.html", {"going": going})
    else:
        try:
            return _done(request, do, body_id, chosen)
        except Invalid as error:
            failure = sentence(error.remedy)
    context = {"due": due, "months": body.review_months if body else 0, "chosen": chosen, "failure": failure}
    return render(request, "console/review.html", context, status=422)


def _done(request: StaffRequest, do: str, body_id: UUID, chosen: set[UUID]) -> HttpResponse:
    if do == "ended":
        count = actions.end_roles(actor=request.actor, body_id=body_id, grant_ids=chosen)
        said = ngettext("%(n)d role is ended.", "%(n)d roles are ended.", count)
    elif do == "confirm":
        count = actions.confirm_roles(actor=request.actor, body_id=body_id, grant_ids=chosen)
        said = ngettext("%(n)d role is confirmed.", "%(n)d roles are confirmed.", count)
    else:
        raise NotVisible
    messages.success(request, said % {"n": count})
    return redirect(request.path)


def _chosen(request: StaffRequest) -> set[UUID]:
    try:
        return {UUID(one) for one in request.POST.getlist("grant")}
    except ValueError as error:
        raise NotVisible from error
