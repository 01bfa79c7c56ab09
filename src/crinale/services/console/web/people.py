"""The people of the body: who works here, new accounts, absences, lost second factors, departures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.services.console.queries import people as queries
from crinale.services.console.web.changing import Change, change
from crinale.services.console.web.forms import people as forms
from crinale.services.console.web.offices import FORM
from crinale.spine.identity import actions as identity
from crinale.spine.identity.permissions import require
from crinale.ui.templatetags.crinale_ui import day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from crinale.services.console.queries.people import PersonPage
    from crinale.ui.session import StaffRequest

_DAY = timedelta(days=1)


@require_safe
def staff(request: StaffRequest) -> HttpResponse:
    """List who works for the body, or did, and find somebody."""
    text, former = request.GET.get("q", "")[:200], request.GET.get("chi") == "usciti"
    lines, older = queries.staff_page(
        actor=request.actor,
        body_id=request.area.body_id,
        text=text,
        former=former,
        after=request.GET.get("dopo", ""),
    )
    asked = {"q": text, "chi": "usciti" if former else ""}
    asked = {name: value for name, value in asked.items() if value}
    context = {
        "lines": lines,
        "text": text,
        "former": former,
        "newer_url": f"{request.path}?{urlencode(asked)}" if request.GET.get("dopo") else "",
        "next_url": f"{request.path}?{urlencode({**asked, 'dopo': older})}" if older else "",
    }
    return render(request, "console/staff.html", context)


@FORM
@sensitive_post_parameters("password")
def add(request: StaffRequest) -> HttpResponse:
    """Add a person; roles come on the next page."""
    require(request.actor, "admin.people", body_id=request.area.body_id)
    form = forms.PersonForm(request.POST or None)
    page = Change(
        heading=_("Add a person"),
        explanation=_("Who has an account for another body of this node needs no other: give a role."),
        button=_("Add the person"),
        back_url=reverse("console:staff"),
        back_label=_("People"),
    )

    def act(given: dict[str, Any]) -> str:
        password = given.pop("password") or None
        made = identity.create_person(actor=request.actor, password=password, **given)
        return reverse("console:grant") + f"?{urlencode({'utente': made.username})}"

    return change(request, form, page, act, done=_("The person is added. Now give a role."))


@require_safe
def person(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show a person: roles, posts, absences, protection of the account."""
    found = _person(request, person_id)
    context = {
        "found": found,
        "one": found.person,
        "groups": queries.grouped(found.roles),
        "absences": [(one, one.valid_to - _DAY) for one in found.absences],
        "self": request.actor.person_id == person_id,
    }
    return render(request, "console/person.html", context)


@FORM
@sensitive_post_parameters("password")
def password(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Give a person another password."""
    found = _managed(request, person_id)
    form = forms.PasswordForm(request.POST or None)
    page = _page(
        found,
        heading=_("Give another password"),
        button=_("Give this password"),
        ends=(_("The password that the person has now, and the sessions that it opened."),),
        stays=(_("Second factors: they are still asked for."),),
    )

    def act(given: dict[str, Any]) -> None:
        identity.set_password(actor=request.actor, person_id=person_id, password=given["password"])

    return change(request, form, page, act, done=_("The password is changed."))


@FORM
def end_sessions(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Sign a person out everywhere."""
    found = _managed(request, person_id)
    page = _page(
        found,
        heading=_("End the sessions"),
        button=_("End the sessions"),
        ends=(_("Every session of the person, on every device: what was being written is lost."),),
        stays=(_("The password and the second factors: the person may sign in again."),),
        danger=True,
    )

    def act(_given: dict[str, Any]) -> None:
        identity.end_sessions(actor=request.actor, person_id=person_id)

    form = forms.PlainForm(request.POST if request.method == "POST" else None)
    return change(request, form, page, act, done=_("The person is signed out everywhere."))


@FORM
def reset(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Take away the second factors of a person who lost them."""
    found = _managed(request, person_id)
    if request.actor.person_id == person_id:
        raise NotVisible
    form = forms.ResetForm(request.POST or None)
    page = _page(
        found,
        heading=_("Reset the second factor"),
        button=_("Reset"),
        ends=(
            _("Every application, passkey and recovery code of the person."),
            _("Every session of the person."),
        ),
        stays=(_("The password: with it alone the person signs in, and sets up a new second factor."),),
        danger=True,
    )

    def act(given: dict[str, Any]) -> None:
        identity.reset_second_factor(actor=request.actor, person_id=person_id, reason=given["reason"])

    return change(request, form, page, act, done=_("The second factors are taken away."))


@FORM
def absence(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Let a colleague stand in for a person who is away."""
    found = _managed(request, person_id)
    names = queries.colleagues(actor=request.actor, body_id=request.area.body_id)
    form = forms.AbsenceForm(
        request.POST or None,
        initial={"valid_from": clock.today()},
        people=[pair for pair in names if pair[0] != str(person_id)],
    )
    page = _page(
        found,
        heading=_("Enter an absence"),
        explanation=_("Who stands in sees what is assigned to the person, on these days only."),
        button=_("Enter"),
    )

    def act(given: dict[str, Any]) -> None:
        identity.enter_absence(
            actor=request.actor,
            person_id=person_id,
            substitute_id=UUID(given["substitute_id"]),
            valid_from=given["valid_from"],
            valid_to=given["last_day"] + _DAY,
            reason=given["reason"],
        )

    return change(request, form, page, act, done=_("The absence is noted."))


@FORM
def end_absence(request: StaffRequest, person_id: UUID, absence_id: UUID) -> HttpResponse:
    """End an absence today, or take back one to come."""
    found = _managed(request, person_id)
    one = next((held for held in found.absences if held.id == absence_id), None)
    if one is None:
        raise NotVisible
    page = _page(
        found,
        heading=_("End the absence"),
        button=_("End the absence"),
        ends=(_("%(name)s stands in no more, from today.") % {"name": one.substitute_name},),
        stays=(_("What %(name)s did meanwhile.") % {"name": one.substitute_name},),
        danger=True,
    )

    def act(_given: dict[str, Any]) -> None:
        identity.end_absence(actor=request.actor, absence_id=absence_id)

    form = forms.PlainForm(request.POST if request.method == "POST" else None)
    return change(request, form, page, act, done=_("The absence is over."))


@FORM
def leave(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """End all that a person is here from a day on."""
    found = _person(request, person_id)
    body_id = request.area.body_id
    places = [("body", request.area.body_name)]
    if found.person.managed:
        places.append(("node", _("Every body: the account closes")))
    form = forms.LeaveForm(request.POST or None, initial={"on": clock.today()}, places=places)
    page = _page(
        found,
        heading=_("The person leaves"),
        explanation=_("First this ends, in the body or bodies that you choose:"),
        button=_("Note the departure"),
        ends=tuple(_what_ends(found)) or (_("Nothing: the person holds no role, no post and no absence."),),
        stays=(
            _("What the person registered and did, with the name."),
            _("What is assigned to the person: assign it to somebody else."),
            _("The history of roles and posts."),
        ),
        danger=True,
    )

    def act(given: dict[str, Any]) -> str:
        where = body_id if given["where"] == "body" else None
        identity.leave(actor=request.actor, person_id=person_id, on=given["on"], body_id=where)
        return reverse("console:staff")

    return change(request, form, page, act, done=_("The departure is noted."))


@FORM
def reopen(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Open the account of a person who left again."""
    found = _managed(request, person_id)
    page = _page(
        found,
        heading=_("Open the account again"),
        button=_("Open the account"),
        stays=(_("The roles that ended stay ended: give those that are needed anew."),),
    )

    def act(_given: dict[str, Any]) -> None:
        identity.reactivate_person(actor=request.actor, person_id=person_id)

    form = forms.PlainForm(request.POST if request.method == "POST" else None)
    return change(request, form, page, act, done=_("The account is open again."))


def _what_ends(found: PersonPage) -> Sequence[str]:
    roles = [f"{one.title}, {one.body_name}" for one in found.roles if one.lasts]
    posts = [_("The post: %(title)s") % {"title": one.title} for one in found.posts]
    away = [
        _("The absence from %(day)s, with %(name)s who stands in")
        % {"day": day(one.valid_from), "name": one.substitute_name}
        for one in found.absences
    ]
    return [*roles, *posts, *away]


def _person(request: StaffRequest, person_id: UUID) -> PersonPage:
    require(request.actor, "admin.people", body_id=request.area.body_id)
    return queries.person_page(actor=request.actor, person_id=person_id)


def _managed(request: StaffRequest, person_id: UUID) -> PersonPage:
    """Return a person for whose every body the administrator answers; nobody else's account is touched."""
    found = _person(request, person_id)
    if not found.person.managed:
        raise NotVisible
    return found


def _page(found: PersonPage, **words: Any) -> Change:
    one = found.person
    return Change(back_url=reverse("console:person", args=[one.id]), back_label=one.name, **words)
