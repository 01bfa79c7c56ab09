"""Roles are given and ended, in the body for which the administrator works now."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.services.console.queries import organigram
from crinale.services.console.queries import people as queries
from crinale.services.console.web.changing import Change, change
from crinale.services.console.web.forms import people as forms
from crinale.services.console.web.offices import FORM
from crinale.spine.identity import actions as identity
from crinale.spine.identity import permissions
from crinale.spine.identity import queries as people
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest


@FORM
def grant(request: StaffRequest) -> HttpResponse:
    """Give a person a role, also one who works for another body of the node."""
    body_id = request.area.body_id
    permissions.require(request.actor, "admin.people", body_id=body_id)
    form = forms.GrantForm(
        request.POST or None,
        initial={"username": request.GET.get("utente", "")[:150]},
        roles=[(one.code, one.title) for one in permissions.roles()],
        areas=[(str(one.id), one.name) for one in tenancy.areas(body_id=body_id)],
        offices=organigram.offices(body_id=body_id),
    )
    page = Change(
        heading=_("Give a role"),
        explanation=_("The role holds for %(body)s.") % {"body": request.area.body_name},
        button=_("Give the role"),
        back_url=reverse("console:staff"),
        back_label=_("People"),
    )

    def act(given: dict[str, Any]) -> str:
        person = people.person_by_username(given["username"])
        if person is None or not person.active:
            raise Invalid("username", _("nobody signs in with this user name: add the person first"))
        last = given["last_day"]
        identity.grant_role(
            actor=request.actor,
            person_id=person.id,
            body_id=body_id,
            role=given["role"],
            area_id=_id(given["area_id"]),
            office_id=_id(given["office_id"]),
            valid_from=_begins(given["valid_from"]),
            valid_to=_midnight(last + timedelta(days=1)) if last else None,
        )
        return reverse("console:person", args=[person.id])

    return change(request, form, page, act, done=_("The role is given."))


@FORM
def end(request: StaffRequest, person_id: UUID, grant_id: UUID) -> HttpResponse:
    """End a role now, or on a day to come."""
    permissions.require(request.actor, "admin.people", body_id=request.area.body_id)
    found = queries.person_page(actor=request.actor, person_id=person_id)
    line = next((one for one in found.roles if one.grant.id == grant_id), None)
    if line is None:
        raise NotVisible
    form = forms.EndGrantForm(request.POST if request.method == "POST" else None)
    others = [one for one in found.roles if one.lasts and one.grant.id != grant_id]
    page = Change(
        heading=_("End the role"),
        button=_("End the role"),
        back_url=reverse("console:person", args=[person_id]),
        back_label=found.person.name,
        ends=(f"{line.title}, {line.body_name}",),
        stays=(
            *(f"{one.title}, {one.body_name}" for one in others),
            _("What is assigned to the person."),
            _("The role in the history, with its days."),
        ),
        danger=True,
    )

    def act(given: dict[str, Any]) -> None:
        identity.end_grant(actor=request.actor, grant_id=grant_id, on=given["on"])

    return change(request, form, page, act, done=_("The role ends."))


def _begins(day: date | None) -> datetime | None:
    """Return when a role of that day begins: now for today, so that nothing is given for the past."""
    if day is None or day == clock.today():
        return None
    return _midnight(day)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), clock.ROME)


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None
