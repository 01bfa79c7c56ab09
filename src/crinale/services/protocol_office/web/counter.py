"""Register what the exchange does not carry: an internal document, a line of the emergency register.

One request is one button, as in :mod:`~crinale.services.protocol_office.web.composing`. The correspondent is
written by hand or, when it is a public body, chosen from the index (DPR 445/2000 art. 53 c.1 b and c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crinale.kernel import ids
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import status_of
from crinale.services.protocol_office.web.composing import check_files, registered, show_rejected, unchecked
from crinale.services.protocol_office.web.forms import (
    CORRESPONDENT,
    CounterForm,
    HandRecipientForm,
    InternalForm,
)
from crinale.services.protocol_office.web.recipients import CorrespondentDesk
from crinale.services.protocol_office.web.uploads import FileDesk

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from crinale.services.protocol_office.web.forms import ComposedForm
    from crinale.ui.session import StaffRequest

    Groups = tuple[tuple[str, tuple[str, ...]], ...]


@require_http_methods(["GET", "HEAD", "POST"])
def internal(request: StaffRequest) -> HttpResponse:
    """Register a document from one office to another."""
    queries.require(request.actor, "protocol.register", request.area)
    return composed(
        request,
        InternalForm,
        heading=_("Internal document"),
        explanation=_("From one office of this area to another, with a number of the same register."),
        groups=(
            (_("Offices"), ("sender_office", "office")),
            (_("Subject and classification"), ("subject", "classification")),
        ),
        register=_register_internal,
    )


def _register_internal(request: StaffRequest, form: Any, files: FileDesk) -> UUID:
    data = form.cleaned_data
    draft = actions.InternalDraft(
        subject=data["subject"],
        classification=data["classification"],
        sender=queries.office_party(request.area, UUID(data["sender_office"])),
        recipient=queries.office_party(request.area, UUID(data["office"])),
        documents=files.enclosures(),
        office_id=UUID(data["office"]),
    )
    return actions.register_internal(
        actor=request.actor, area_id=request.area.id, token=data["token"] or ids.new_id(), draft=draft
    )


@require_POST
def correspondent(request: StaffRequest) -> HttpResponse:
    """Draw the correspondent again after choosing one from the index or removing it (htmx)."""
    queries.require_writing(request.actor, request.area)
    desk = CorrespondentDesk.read(request.POST)
    desk.do(request.POST.get("do", ""))
    form = unchecked(HandRecipientForm(request.POST))
    context = {
        **desk.context(),
        "by_hand": [form[name] for name in CORRESPONDENT],
        "announcement": desk.announcement,
    }
    return render(request, "protocol_office/_correspondent.html", context)


def composed(
    request: StaffRequest,
    kind: type[ComposedForm],
    *,
    heading: str,
    explanation: str,
    groups: Groups,
    register: Callable[[StaffRequest, Any, FileDesk], UUID],
) -> HttpResponse:
    """Show and act upon a page that registers one document with its files."""
    choices = queries.choices(actor=request.actor, area=request.area)
    action = request.POST.get("do", "")
    files, desk = FileDesk(actor=request.actor), CorrespondentDesk.read(request.POST)
    if request.method == "POST":
        files = FileDesk.read(request)
        files.drop(action)
        desk.do(action)
    known = {"correspondent": desk.party} if issubclass(kind, CounterForm) else {}
    form = kind(request.POST if request.method == "POST" else None, choices=choices, **known)
    if form.is_bound and action != "register":
        show_rejected(unchecked(form), files)
    elif form.is_bound:
        check_files(form, files)
        made = registered(form, lambda: register(request, form, files))
        if made is not None:
            messages.success(request, _("Registered."))
            return redirect("protocol_office:registration", registration_id=made)
    context = {
        **desk.context(),
        "form": form,
        "files": files,
        "heading": heading,
        "explanation": explanation,
        "groups": _drawn(form, groups),
    }
    return render(request, "protocol_office/counter.html", context, status=status_of(form))


def _drawn(form: ComposedForm, groups: Groups) -> list[dict[str, Any]]:
    return [
        {
            "legend": legend,
            "fields": [form[name] for name in names],
            "classes": "columns" if "subject" not in names else "",
            "is_correspondent": names == CORRESPONDENT,
        }
        for legend, names in groups
    ]
