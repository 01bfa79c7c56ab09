"""A person's own page of what protects his account: second factors, recovery codes, other sessions.

Nothing is changed here without having proved within the last ten minutes who one is (NIST SP 800-63B, 4.3).
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import segno
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from crinale.kernel.errors import Invalid, NotVisible
from crinale.services.staff_access.web.following import address, passkey_site, safe_next
from crinale.services.staff_access.web.forms import AuthenticatorForm, PasskeyForm, PasswordForm
from crinale.services.staff_access.web.signing_in import refuse
from crinale.spine.identity import actions as identity
from crinale.spine.identity import queries as people
from crinale.ui import session
from crinale.ui.session import without_area, without_second_factor

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest

_SEALED = "authenticator_sealed"
_CHALLENGE = "passkey_challenge_new"


def _own(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a page of the person's own account: never kept, and seen by who still owes a second factor."""
    return without_area(without_second_factor(never_cache(view)))


def _surely(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask for the password again before a page that changes what protects the account."""

    @wraps(view)
    def asked(request: StaffRequest, **given: Any) -> HttpResponse:
        if request.staff_session.sure:
            return view(request, **given)
        following = request.path if request.method == "GET" else address("security")
        return redirect(address("confirm", following=following))

    return asked


@_own
@require_http_methods(["GET", "HEAD"])
def security(request: StaffRequest) -> HttpResponse:
    """Show the second factors, how many recovery codes are left, and the sessions."""
    return _page(request)


@_own
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: StaffRequest) -> HttpResponse:
    """Ask again for the password."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            identity.prove_again(actor=request.actor, password=form.cleaned_data["password"])
        except (identity.SignInDelayed, identity.WrongCredentials) as error:
            refuse(form, error)
        else:
            session.proved_again(request.session)
            return redirect(safe_next(request) or address("security"))
    context = {"form": form, "next": safe_next(request)}
    return render(request, "staff_access/confirm.html", context, status=422 if form.errors else 200)


@_own
@_surely
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def add_authenticator(request: StaffRequest) -> HttpResponse:
    """Show the secret as a QR code and as text, and take a first code of it."""
    sealed = request.session.get(_SEALED, "")
    prepared = identity.prepare_authenticator(actor=request.actor, sealed=sealed)
    form = AuthenticatorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            identity.add_authenticator(
                actor=request.actor,
                sealed=prepared.sealed,
                code=form.cleaned_data["code"],
                name=form.cleaned_data["name"],
            )
        except Invalid as error:
            form.refuse(error)
        else:
            request.session.pop(_SEALED, None)
            return _added(request)
    request.session[_SEALED] = prepared.sealed
    drawn = segno.make(prepared.address, error="m", micro=False).svg_inline(
        scale=4,
        border=4,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
        title=_("QR code with the secret below"),
    )
    context = {
        "form": form,
        "qr": mark_safe(drawn),  # noqa: S308  drawn by us from our own address
        "groups": [prepared.secret[start : start + 4] for start in range(0, len(prepared.secret), 4)],
        "address": prepared.address,
    }
    return render(request, "staff_access/add_authenticator.html", context, status=422 if form.errors else 200)


@_own
@_surely
@require_http_methods(["GET", "HEAD", "POST"])
def add_passkey(request: StaffRequest) -> HttpResponse:
    """Ask the browser for a new passkey, and keep its public half."""
    site = passkey_site(request)
    if site is None:
        raise NotVisible
    form = PasskeyForm(request.POST or None)
    challenge = request.session.pop(_CHALLENGE, "")
    if request.method == "POST" and form.is_valid():
        try:
            identity.add_passkey(
                actor=request.actor,
                site=site,
                challenge=challenge,
                answer=form.cleaned_data["passkey"],
                name=form.cleaned_data["name"],
            )
        except Invalid as error:
            form.refuse(error)
        else:
            return _added(request)
    asked = identity.ask_new_passkey(actor=request.actor, site=site)
    request.session[_CHALLENGE] = asked.challenge
    context = {"form": form, "passkey_options": asked.options}
    return render(request, "staff_access/add_passkey.html", context, status=422 if form.errors else 200)


@_own
@_surely
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: StaffRequest, factor_id: UUID) -> HttpResponse:
    """Ask before a second factor goes, and take it away."""
    held = people.factors(request.staff_session.person_id)
    factor = next((one for one in held if one.id == factor_id), None)
    if factor is None:
        raise NotVisible
    if request.method != "POST":
        return render(request, "staff_access/remove_factor.html", {"factor": factor, "last": len(held) == 1})
    try:
        identity.remove_factor(actor=request.actor, factor_id=factor_id)
    except identity.LastFactor as error:
        messages.warning(request, _(str(error)))
    else:
        messages.success(request, _("%(name)s was removed.") % {"name": factor.name})
    return redirect(address("security"))


@_own
@require_POST
@_surely
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """Make new recovery codes and show them this once."""
    codes = identity.make_recovery_codes(actor=request.actor)
    return render(request, "staff_access/recovery_codes.html", {"codes": codes})


@_own
@require_POST
@_surely
def end_others(request: StaffRequest) -> HttpResponse:
    """End all sessions of the person but this one."""
    series = identity.end_sessions(actor=request.actor, person_id=request.staff_session.person_id)
    session.go_on_in(request.session, series)
    messages.success(request, _("All your other sessions have ended."))
    return redirect(address("security"))


def _added(request: StaffRequest) -> HttpResponse:
    """Count the session as strong; the first factor comes with recovery codes."""
    session.showed_second(request.session)
    if not people.recovery_codes_left(request.staff_session.person_id):
        codes = identity.make_recovery_codes(actor=request.actor)
        return render(request, "staff_access/recovery_codes.html", {"codes": codes, "first": True})
    messages.success(request, _("From now on you can sign in with it."))
    return redirect(address("security"))


def _page(request: StaffRequest) -> HttpResponse:
    current = request.staff_session
    person_id = current.person_id
    context = {
        "factors": people.factors(person_id),
        "codes_left": people.recovery_codes_left(person_id),
        "asking": people.bodies_asking_second_factor(request.actor),
        "owed": request.GET.get("why") == "required" and not current.second,
        "passkeys": passkey_site(request) is not None,
        "began": current.began,
        "ends": current.ends,
    }
    return render(request, "staff_access/security.html", context)
