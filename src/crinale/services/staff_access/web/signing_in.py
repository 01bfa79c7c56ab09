"""The way in: name and password or the body's own sign-in, then the second factor of who has one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from crinale.kernel.errors import CrinaleError, NotVisible
from crinale.services.staff_access.web.following import address, origin, passkey_site, safe_next
from crinale.services.staff_access.web.forms import CodeForm, SignInForm
from crinale.spine.identity import actions as identity
from crinale.spine.identity import queries as people
from crinale.spine.identity.ports import Departure, ProviderRefused, ProviderUnavailable, single_sign_on
from crinale.ui import session
from crinale.ui.session import public

if TYPE_CHECKING:
    from uuid import UUID

    from django.forms import Form
    from django.http import HttpRequest, HttpResponse

    from crinale.spine.identity.ports import Provider

_CHALLENGE = "passkey_challenge"
_DEPARTED = "single_sign_on"


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form and check it; a wrong name and a wrong password give the same answer."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = identity.sign_in(
                username=form.cleaned_data["username"], password=form.cleaned_data["password"]
            )
        except (identity.SignInDelayed, identity.WrongCredentials) as error:
            refuse(form, error)
        else:
            following = safe_next(request)
            if people.factors(person.id):
                session.begin_half(request.session, person.id, series=person.session_series)
                return redirect(address("second_step", following=following))
            session.begin(request.session, person.id, series=person.session_series)
            return _to_work(request, person.id)
    return _sign_in_page(request, form)


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the code of an application, a passkey or a recovery code."""
    half = session.read_half(request.session)
    if half is None:
        return redirect(address("sign_in", following=safe_next(request), why="late"))
    recovery = request.GET.get("with") == "recovery"
    form = CodeForm(request.POST or None, recovery=recovery)
    if request.method == "POST" and form.is_valid():
        try:
            _show_second(request, half.person_id, form)
        except (identity.SignInDelayed, identity.WrongCredentials) as error:
            refuse(form, error)
        else:
            session.begin(
                request.session,
                half.person_id,
                series=half.series,
                second=True,
                only_body=half.only_body,
            )
            return _to_work(request, half.person_id, only_body=half.only_body)
    site = passkey_site(request)
    asked = identity.ask_passkey(person_id=half.person_id, site=site) if site and not recovery else None
    if asked:
        request.session[_CHALLENGE] = asked.challenge
    context = {
        "form": form,
        "next": safe_next(request),
        "recovery": recovery,
        "passkey_options": asked.options if asked else "",
        "other_way": address(
            "second_step", following=safe_next(request), **({} if recovery else {"with": "recovery"})
        ),
    }
    return render(request, "staff_access/second_step.html", context, status=422 if form.errors else 200)


@public
@never_cache
@require_GET
def depart(request: HttpRequest, code: str) -> HttpResponse:
    """Send the browser to the sign-in of a body. A link, not a form: the pages send forms nowhere else."""
    if not single_sign_on.is_bound:
        raise NotVisible
    try:
        departure = single_sign_on.get().depart(code, redirect_uri=_return_address(request))
    except ProviderUnavailable as error:
        return _sign_in_page(request, SignInForm(), failure=_(str(error)))
    request.session[_DEPARTED] = {
        "code": code,
        "state": departure.state,
        "nonce": departure.nonce,
        "verifier": departure.verifier,
        "next": safe_next(request),
    }
    return redirect(departure.url)


@public
@never_cache
@require_GET
def arrive(request: HttpRequest) -> HttpResponse:
    """Take back who comes from the sign-in of his body."""
    kept = request.session.pop(_DEPARTED, None)
    request.session.save()  # also where the answer is a failure, whose session Django does not keep
    # Without a code the person declined, or the provider had an error of its own.
    foreign = kept is None or request.GET.get("state") != kept["state"] or "code" not in request.GET
    if foreign or not single_sign_on.is_bound:
        return _sign_in_page(request, SignInForm(), failure=_(str(ProviderRefused())))
    departure = Departure(url="", state=kept["state"], nonce=kept["nonce"], verifier=kept["verifier"])
    try:
        person, body, strong = identity.sign_in_by_provider(
            code=kept["code"],
            departure=departure,
            answer=request.GET["code"],
            redirect_uri=_return_address(request),
        )
    except (ProviderRefused, ProviderUnavailable, identity.UnknownHere) as error:
        return _sign_in_page(request, SignInForm(), failure=_(str(error)))
    if not strong and people.factors(person.id):
        session.begin_half(request.session, person.id, series=person.session_series, only_body=body.id)
        return redirect(address("second_step", following=kept["next"]))
    session.begin(request.session, person.id, series=person.session_series, second=strong, only_body=body.id)
    return _to_work(request, person.id, only_body=body.id, following=kept["next"])


def refuse(form: Form, error: CrinaleError) -> None:
    """Say why somebody is not let in."""
    if not isinstance(error, identity.SignInDelayed):
        form.add_error(None, _(str(error)))
        return
    seconds = max(1, math.ceil(error.wait.total_seconds()))
    words = ngettext(
        "Too many attempts: wait %(n)d second before trying again.",
        "Too many attempts: wait %(n)d seconds before trying again.",
        seconds,
    )
    form.add_error(None, words % {"n": seconds})


def _show_second(request: HttpRequest, person_id: UUID, form: CodeForm) -> None:
    answer, site = form.cleaned_data["passkey"], passkey_site(request)
    challenge = request.session.pop(_CHALLENGE, "")
    if not answer:
        identity.second_step_by_code(person_id=person_id, code=form.cleaned_data["code"])
    elif site is None or not challenge:
        raise identity.WrongCode
    else:
        identity.second_step_by_passkey(person_id=person_id, site=site, challenge=challenge, answer=answer)


def _sign_in_page(request: HttpRequest, form: SignInForm, *, failure: str = "") -> HttpResponse:
    following = safe_next(request)
    context = {
        "form": form,
        "next": following,
        "ended": request.GET.get("why", ""),
        "failure": failure,
        "providers": [(one, address_of(one, following)) for one in _providers()],
    }
    status = 422 if form.errors else 200
    return render(request, "staff_access/sign_in.html", context, status=502 if failure else status)


def _providers() -> list[Provider]:
    return single_sign_on.get().providers() if single_sign_on.is_bound else []


def address_of(provider: Provider, following: str) -> str:
    """Return the link that leads to the sign-in of a body."""
    query = address("sign_in", following=following).partition("?")[2]
    return reverse("staff_access:depart", args=[provider.code]) + (f"?{query}" if query else "")


def _return_address(request: HttpRequest) -> str:
    return origin(request) + reverse("staff_access:arrive")


def _to_work(
    request: HttpRequest, person_id: UUID, *, only_body: UUID | None = None, following: str = ""
) -> HttpResponse:
    """Go straight to work when there is one area, else ask which."""
    target = following or safe_next(request)
    areas = people.staff_areas(people.actor_for_person(person_id, only_body=only_body))
    if len(areas) == 1:
        session.choose_area(request.session, areas[0].id)
        return redirect(target or "/")
    return redirect(address("choose", following=target))
