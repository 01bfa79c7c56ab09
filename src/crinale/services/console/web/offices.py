"""The organigram on a day, and the offices: opened, moved, renamed, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crinale.kernel import clock
from crinale.services.console.queries import organigram as queries
from crinale.services.console.web.changing import Change, change
from crinale.services.console.web.forms import day_field
from crinale.services.console.web.forms import organigram as forms
from crinale.spine.identity import actions as identity
from crinale.spine.identity.permissions import require
from crinale.spine.tenancy import queries as tenancy
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.services.console.queries.organigram import OfficePage
    from crinale.ui.session import StaffRequest

FORM = require_http_methods(["GET", "HEAD", "POST"])


class DayForm(AccessibleForm):
    """The day of which the organigram is shown."""

    giorno = day_field(gettext_lazy("How it stood, or will stand, on the day"), required=False)


@require_safe
def organigram(request: StaffRequest) -> HttpResponse:
    """Show the offices and posts of the body on a day, today unless one is chosen."""
    form = DayForm(request.GET or {"giorno": clock.today()})
    chosen = form.cleaned_data["giorno"] if form.is_valid() else None
    day = chosen or clock.today()
    found = queries.organigram(actor=request.actor, body_id=request.area.body_id, on=day)
    context = {"form": form, "day": day, "today": day == clock.today(), "found": found}
    return render(request, "console/organigram.html", context, status=422 if form.errors else 200)


@require_safe
def office(request: StaffRequest, office_id: UUID) -> HttpResponse:
    """Show an office: where it stands, its posts, its history, what may be done."""
    return render(request, "console/office.html", {"one": _office(request, office_id)})


@FORM
def open_office(request: StaffRequest) -> HttpResponse:
    """Open an office."""
    body_id = request.area.body_id
    require(request.actor, "admin.areas", body_id=body_id)
    form = forms.OpenOfficeForm(
        request.POST or None,
        initial={"area_id": str(request.area.id), "opened_on": clock.today()},
        areas=[(str(one.id), one.name) for one in tenancy.areas(body_id=body_id)],
        offices=queries.offices(body_id=body_id),
    )
    page = Change(
        heading=_("Open an office"),
        button=_("Open the office"),
        back_url=reverse("console:organigram"),
        back_label=_("Organigram"),
    )

    def act(given: dict[str, Any]) -> str:
        area_id, parent_id = UUID(given.pop("area_id")), _id(given.pop("parent_id"))
        made = identity.open_office(actor=request.actor, area_id=area_id, parent_id=parent_id, **given)
        return reverse("console:office", args=[made.id])

    return change(request, form, page, act, done=_("The office is open."))


@FORM
def contacts(request: StaffRequest, office_id: UUID) -> HttpResponse:
    """Change the codes and contacts of an office."""
    one = _office(request, office_id).office
    given = {"ipa_code": one.ipa_code, "email": one.email, "phone": one.phone}
    form = forms.ContactsForm(request.POST or None, initial=given)
    page = _page(one.name, office_id, heading=_("Change the contacts"), button=_("Save"))

    def act(given: dict[str, Any]) -> None:
        identity.update_office(actor=request.actor, office_id=office_id, **given)

    return change(request, form, page, act, done=_("The contacts are changed."))


@FORM
def move(request: StaffRequest, office_id: UUID) -> HttpResponse:
    """Put an office under another one, or give it another name, from a day on."""
    one = _office(request, office_id).office
    form = forms.MoveOfficeForm(
        request.POST or None,
        initial={"name": one.name, "parent_id": str(one.parent_id or ""), "on": clock.today()},
        offices=[pair for pair in queries.offices(body_id=one.body_id) if pair[0] != str(one.id)],
    )
    page = _page(
        one.name,
        office_id,
        heading=_("Move or rename the office"),
        button=_("Move or rename"),
        stays=(
            _("The name and the place that it had before, with their days."),
            _("Its code, its posts, its people and what is assigned to it."),
        ),
    )

    def act(given: dict[str, Any]) -> None:
        above = _id(given["parent_id"])
        identity.move_office(
            actor=request.actor, office_id=office_id, on=given["on"], parent_id=above, name=given["name"]
        )

    return change(request, form, page, act, done=_("The organigram is changed from that day on."))


@FORM
def close(request: StaffRequest, office_id: UUID) -> HttpResponse:
    """Close an office and its posts."""
    shown = _office(request, office_id)
    form = forms.FirstDayWithoutForm(request.POST or None, initial={"on": clock.today()})
    page = _page(
        shown.office.name,
        office_id,
        heading=_("Close the office"),
        button=_("Close the office"),
        ends=(
            _("The office, from the day that you choose."),
            *(_("The post: %(title)s") % {"title": one.title} for one in shown.posts),
        ),
        stays=(
            _("What is assigned to it keeps its name, and the history of the office."),
            _("The roles of the people who work there: look at them afterwards."),
        ),
        danger=True,
    )

    def act(given: dict[str, Any]) -> None:
        identity.close_office(actor=request.actor, office_id=office_id, on=given["on"])

    return change(request, form, page, act, done=_("The office closes on that day."))


def _office(request: StaffRequest, office_id: UUID) -> OfficePage:
    return queries.office(actor=request.actor, body_id=request.area.body_id, office_id=office_id)


def _page(name: str, office_id: UUID, **words: Any) -> Change:
    return Change(back_url=reverse("console:office", args=[office_id]), back_label=name, **words)


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None
