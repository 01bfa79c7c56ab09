"""A person's own absences, and who stands in for him meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crinale.kernel.errors import Invalid
from crinale.services.staff_access.web.following import address
from crinale.services.staff_access.web.forms import AbsenceForm, reason_name
from crinale.spine.identity import actions as identity
from crinale.spine.identity import queries as people
from crinale.ui.session import without_area

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest

_DAY = timedelta(days=1)


@without_area
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def absences(request: StaffRequest) -> HttpResponse:
    """Show the absences that are not over, and enter another one."""
    person_id = request.staff_session.person_id
    form = AbsenceForm(request.POST or None, colleagues=people.colleagues(actor=request.actor))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            identity.enter_absence(
                actor=request.actor,
                person_id=person_id,
                substitute_id=given["substitute"],
                valid_from=given["valid_from"],
                valid_to=given["valid_to"] + _DAY,
                reason=given["reason"],
            )
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Your absence has been noted."))
            return redirect(address("absences"))
    held = [
        (one, one.valid_to - _DAY, reason_name(one.reason)) for one in people.absences(person_id=person_id)
    ]
    names = people.person_names(set(request.actor.stands_in_for))
    context = {"form": form, "absences": held, "standing_in": sorted(names.values())}
    return render(request, "staff_access/absences.html", context, status=422 if form.errors else 200)


@without_area
@require_POST
def end(request: StaffRequest, absence_id: UUID) -> HttpResponse:
    """End an absence today, or take back one to come."""
    identity.end_absence(actor=request.actor, absence_id=absence_id)
    messages.success(request, _("Nobody stands in for you on those days any more."))
    return redirect(address("absences"))
