"""How the people of the body have to sign in, and how well their accounts are protected now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.services.console.web.forms.people import SignInPolicyForm
from crinale.services.console.web.offices import FORM
from crinale.spine.identity import actions as identity
from crinale.spine.identity import permissions, queries
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest


@FORM
def sign_in_policy(request: StaffRequest) -> HttpResponse:
    """Show what each role signs in with today, and change it for the whole body."""
    body_id = request.area.body_id
    rows = queries.protection_by_role(actor=request.actor, body_id=body_id)
    body = tenancy.body(body_id)
    if body is None:
        raise NotVisible
    kept = {"second_factor_from": body.second_factor_from, "review_months": body.review_months}
    form = SignInPolicyForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            identity.set_sign_in_policy(actor=request.actor, body_id=body_id, **form.cleaned_data)
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("The rules of sign-in are kept."))
            return redirect("console:sign_in_policy")
    since = body.second_factor_from
    context = {
        "form": form,
        "since": since,
        "asked": since is not None and since <= clock.today(),
        "rows": [(permissions.role(one.role).title, one) for one in rows],
    }
    return render(request, "console/sign_in_policy.html", context, status=422 if form.errors else 200)
