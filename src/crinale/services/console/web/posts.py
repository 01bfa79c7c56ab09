"""Posts and who holds them, by which act, from when until when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.services.console.queries import organigram as queries
from crinale.services.console.queries import people as staff
from crinale.services.console.web.changing import Change, change
from crinale.services.console.web.forms import organigram as forms
from crinale.services.console.web.offices import FORM
from crinale.spine.identity import actions as identity
from crinale.spine.identity.permissions import require

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.spine.identity.queries import Incumbent, PostView
    from crinale.ui.session import StaffRequest


@require_safe
def post(request: StaffRequest, post_id: UUID) -> HttpResponse:
    """Show a post and everybody who held, holds or will hold it."""
    one, history = _post(request, post_id)
    today = clock.today()
    closed = one.closed_on is not None and one.closed_on <= today
    rows = [(held, held.valid_to is None or held.valid_to > today) for held in reversed(history)]
    return render(request, "console/post.html", {"one": one, "history": rows, "closed": closed})


@FORM
def open_post(request: StaffRequest) -> HttpResponse:
    """Set up a post."""
    body_id = request.area.body_id
    require(request.actor, "admin.areas", body_id=body_id)
    offices = queries.offices(body_id=body_id)
    form = forms.OpenPostForm(
        request.POST or None, initial={"office_id": request.GET.get("ufficio", "")}, offices=offices
    )
    page = Change(
        heading=_("Set up a post"),
        explanation=_("A post is a charge that one person holds at a time, by an act."),
        button=_("Set up the post"),
        back_url=reverse("console:organigram"),
        back_label=_("Organigram"),
    )

    def act(given: dict[str, Any]) -> str:
        office = given.pop("office_id")
        made = identity.open_post(
            actor=request.actor, body_id=body_id, office_id=UUID(office) if office else None, **given
        )
        return reverse("console:post", args=[made.id])

    return change(request, form, page, act, done=_("The post is set up."))


@FORM
def appoint(request: StaffRequest, post_id: UUID) -> HttpResponse:
    """Put a person in a post."""
    one, _history = _post(request, post_id)
    body_id = request.area.body_id
    names = staff.colleagues(actor=request.actor, body_id=body_id)
    form = forms.AppointForm(request.POST or None, initial={"valid_from": clock.today()}, people=names)
    page = _page(one, heading=_("Appoint somebody"), button=_("Appoint"))

    def act(given: dict[str, Any]) -> None:
        last = given["last_day"]
        identity.appoint(
            actor=request.actor,
            post_id=post_id,
            person_id=UUID(given["person_id"]),
            valid_from=given["valid_from"],
            valid_to=last + timedelta(days=1) if last else None,
            act=given["act"],
        )

    return change(request, form, page, act, done=_("The appointment is noted."))


@FORM
def end(request: StaffRequest, post_id: UUID, incumbency_id: UUID) -> HttpResponse:
    """End the time of a person in a post."""
    one, history = _post(request, post_id)
    held = next((found for found in history if found.id == incumbency_id), None)
    if held is None:
        raise NotVisible
    form = forms.FirstDayWithoutForm(request.POST or None, initial={"on": clock.today()})
    page = _page(
        one,
        heading=_("End the appointment"),
        button=_("End the appointment"),
        ends=(_("%(name)s holds this post no more.") % {"name": held.name},),
        stays=(
            _("The appointment with its act, in the history of the post."),
            _("The roles of the person: end them apart where they are not needed."),
        ),
        danger=True,
    )

    def act(given: dict[str, Any]) -> None:
        identity.end_appointment(actor=request.actor, incumbency_id=incumbency_id, on=given["on"])

    return change(request, form, page, act, done=_("The appointment ends on that day."))


@FORM
def close(request: StaffRequest, post_id: UUID) -> HttpResponse:
    """Close a post."""
    one, history = _post(request, post_id)
    today = clock.today()
    lasting = [held for held in history if held.valid_to is None or held.valid_to > today]
    form = forms.FirstDayWithoutForm(request.POST or None, initial={"on": today})
    page = _page(
        one,
        heading=_("Close the post"),
        button=_("Close the post"),
        ends=(
            _("The post, from the day that you choose."),
            *(_("The appointment of %(name)s") % {"name": held.name} for held in lasting),
        ),
        stays=(_("Its history: who held it, by which act, from when until when."),),
        danger=True,
    )

    def act(given: dict[str, Any]) -> None:
        identity.close_post(actor=request.actor, post_id=post_id, on=given["on"])

    return change(request, form, page, act, done=_("The post closes on that day."))


def _post(request: StaffRequest, post_id: UUID) -> tuple[PostView, list[Incumbent]]:
    return queries.post(actor=request.actor, body_id=request.area.body_id, post_id=post_id)


def _page(one: PostView, **words: Any) -> Change:
    return Change(back_url=reverse("console:post", args=[one.id]), back_label=one.title, **words)
