"""What earlier documents say, on the pages that register one: a heading to accept, a warning to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from crinale.services.protocol_office import queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from crinale.services.protocol_office.web.forms import ArrivalForm, OutgoingForm
    from crinale.services.protocol_office.web.uploads import FileDesk
    from crinale.spine.protocol.queries import LinkData, PartyData
    from crinale.ui.session import StaffRequest

    Form = ArrivalForm | OutgoingForm


def advise(
    request: StaffRequest,
    data: QueryDict,
    *,
    parties: Sequence[PartyData],
    files: FileDesk,
    incoming: bool,
    with_subjects: bool = False,
) -> queries.Advice:
    """Ask what earlier documents say about what is on the page now."""
    written = queries.Written(
        parties=parties,
        subject=data.get("subject", "").strip()[:2000],
        sha256=[one.sha256 for one in files.chosen if one.sha256],
        received_number=data.get("received_number", "").strip()[:100],
    )
    return queries.advice(
        actor=request.actor,
        area=request.area,
        written=written,
        incoming=incoming,
        with_subjects=with_subjects,
    )


def with_heading(data: QueryDict, advice: queries.Advice, action: str, *, final: bool) -> QueryDict:
    """Return the page's data with the suggested heading, or the one that a button names.

    A heading that a person chose stays; one that was only suggested gives way to a better one, but for a
    ``final`` request: nothing is registered with a heading that nobody saw.
    """
    verb, _colon, argument = action.partition(":")
    changes, heading = {}, data.get("classification", "")
    replaceable = not heading or (not final and heading == data.get("prefilled"))
    if verb == "classify":
        changes["classification"] = argument
    elif replaceable and advice.suggested:
        changes["classification"] = changes["prefilled"] = advice.suggested.code
    if verb == "subject":
        changes["subject"] = argument
    if not changes:
        return data
    copy = data.copy()
    for name, value in changes.items():
        copy[name] = value
    return copy


def check_advice(request: StaffRequest, form: Form, advice: queries.Advice) -> None:
    """Ask of who registers to look first at what earlier documents say.

    At what seems to be here already, and at a heading that was suggested only now. A form that was acted
    upon is not asked again: it leads to its registration.
    """
    if not request.POST.get("classification") and advice.suggested:
        form.add_error("classification", _("This heading is suggested: look at it and register."))
    told = advice.is_told(request.POST.get("another", "")) if advice.duplicates else True
    token = form.cleaned_data.get("token") if form.is_valid() or form.cleaned_data else None
    if not told and not queries.is_acted_upon(actor=request.actor, token=token):
        form.add_error(
            "another",
            _("It seems to be registered already: look, then say that it is another document, or leave."),
        )


def links_of(request: StaffRequest, form: Form) -> list[LinkData]:
    """Return the earlier registrations that the form names.

    :raises Invalid: at the field, for a number that is none.
    """
    return queries.links_by_number(
        actor=request.actor,
        area=request.area,
        numbers=form.numbers(),
        relation=form.cleaned_data["relation"] or "previous",
    )
