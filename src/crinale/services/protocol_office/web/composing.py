"""Compose, register and send a document; what every page that registers one has in common.

One request is one button: look for recipients, add or remove one, keep a file, register. Without scripts the
whole page comes back; with htmx only the part that changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crinale.kernel import ids
from crinale.services.protocol_office import actions, queries, rules
from crinale.services.protocol_office.web.advising import (
    advise,
    check_advice,
    links_of,
    with_heading,
)
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.forms import OutgoingForm
from crinale.services.protocol_office.web.recipients import RecipientDesk
from crinale.services.protocol_office.web.uploads import FileDesk

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from crinale.services.protocol_office.web.forms import ComposedForm, HandRecipientForm
    from crinale.ui.session import StaffRequest

_TYPED = 5000  # characters of a subject being typed that are looked at


@require_http_methods(["GET", "HEAD", "POST"])
def outgoing(request: StaffRequest) -> HttpResponse:
    """Compose, register, seal and send a document."""
    queries.require(request.actor, "protocol.register", request.area)
    choices = queries.choices(actor=request.actor, area=request.area)
    if request.method != "POST":
        return _new_outgoing(request, choices)
    action = request.POST.get("do", "search")
    recipients, files = RecipientDesk.read(request), FileDesk.read(request)
    recipients.do(action, request.POST)
    files.drop(action)
    parties = [one.party for one in recipients.chosen]
    advice = advise(request, request.POST, parties=parties, files=files, incoming=False)
    final = action == "send"
    form = OutgoingForm(with_heading(request.POST, advice, action, final=final), choices=choices)
    form.offer_relations(queries.relations())
    if not final:
        show_rejected(unchecked(form), files)
        return _outgoing_page(request, form, recipients, files, advice)
    check_files(form, files)
    check_advice(request, form, advice)
    if not recipients.chosen and not recipients.groups:
        form.add_error("recipients", _("Add at least one recipient."))
    made = registered(form, lambda: _send(request, form, recipients, files))
    if made is not None:
        messages.success(request, _("Registered. It is on its way to its recipients."))
        return redirect("protocol_office:registration", registration_id=made)
    return _outgoing_page(request, form, recipients, files, advice)


def _new_outgoing(request: StaffRequest, choices: queries.Choices) -> HttpResponse:
    recipients, initial = RecipientDesk(actor=request.actor, area=request.area), {}
    if answered := queries.answered(
        actor=request.actor, area=request.area, registration_id=request.GET.get("reply_to", "")
    ):
        initial = {
            "reply_to": answered.number,
            "subject": answered.subject,
            "classification": answered.heading,
        }
        for party in answered.senders:
            recipients.add_party(party, in_index=bool(party.aoo_code))
        recipients.announcement = ""
    if preset := queries.preset_named(
        actor=request.actor, area=request.area, text=request.GET.get("preset", ""), direction="outgoing"
    ):
        initial |= {name: value for name, value in preset.initial.items() if name != "office"}
        for party in preset.parties:
            recipients.add_party(party, in_index=bool(party.aoo_code))
        recipients.groups = [one for one in recipients.offered if str(one.id) in preset.groups]
        recipients.announcement = ""
    form = OutgoingForm(choices=choices, initial=initial)
    form.offer_relations(queries.relations())
    return _outgoing_page(request, form, recipients, FileDesk(actor=request.actor), queries.Advice())


def _send(request: StaffRequest, form: OutgoingForm, recipients: RecipientDesk, files: FileDesk) -> UUID:
    data = form.cleaned_data
    draft = actions.OutgoingDraft(
        subject=data["subject"],
        classification=data["classification"],
        recipients=recipients.parties(),
        documents=files.enclosures(),
        ways=recipients.ways(),
        links=links_of(request, form),
        reply_to=queries.registration_id_by_number(
            actor=request.actor, area=request.area, text=data["reply_to"], field="reply_to"
        ),
        dossier_id=UUID(data["dossier"]) if data.get("dossier") else None,
        confidential=data["confidential"],
    )
    return actions.send(
        actor=request.actor, area_id=request.area.id, token=data["token"] or ids.new_id(), draft=draft
    )


def _outgoing_page(
    request: StaffRequest,
    form: OutgoingForm,
    recipients: RecipientDesk,
    files: FileDesk,
    found: queries.Advice,
) -> HttpResponse:
    context = {
        **recipients.context(),
        "form": form,
        "files": files,
        "advice": rules.subject_advice(str(form["subject"].value() or "")),
        "found": found,
        "presets": []
        if form.is_bound
        else queries.presets(actor=request.actor, area=request.area, direction="outgoing"),
        "current": form["classification"].value() or "",
        "prefilled": form.data.get("prefilled", "") if form.is_bound else "",
        "announcement": recipients.announcement or files.announcement,
        "focus_search": False,
    }
    status = max(status_of(form), status_of(recipients.hand))
    return render(request, "protocol_office/outgoing.html", context, status=status)


@require_POST
def recipients(request: StaffRequest) -> HttpResponse:
    """Draw the recipients again after adding or removing one (htmx)."""
    queries.require(request.actor, "protocol.register", request.area)
    desk = RecipientDesk.read(request)
    desk.do(request.POST.get("do", ""), request.POST)
    form = unchecked(OutgoingForm(request.POST, choices=queries.NO_CHOICES))
    return render(request, "protocol_office/_recipients.html", {**desk.context(), "form": form})


@require_POST
def documents(request: StaffRequest) -> HttpResponse:
    """Keep the files that came with this request and draw the list again (htmx)."""
    queries.require_writing(request.actor, request.area)
    files = FileDesk.read(request)
    files.drop(request.POST.get("do", ""))
    form = unchecked(OutgoingForm(request.POST, choices=queries.NO_CHOICES))
    show_rejected(form, files)
    context = {"form": form, "files": files, "announcement": files.announcement}
    return render(request, "protocol_office/_documents.html", context)


@require_safe
def index_search(request: StaffRequest) -> HttpResponse:
    """Look in the index while somebody types (htmx)."""
    queries.require_writing(request.actor, request.area)
    query = request.GET.get("q", "").strip()[:100]
    of_correspondent = request.GET.get("for") == "correspondent"
    context = {
        "query": query,
        "results": queries.search_index(query),
        "of_correspondent": of_correspondent,
        "known": []
        if of_correspondent
        else queries.who_is_known(actor=request.actor, area=request.area, text=query),
    }
    return render(request, "protocol_office/_index_results.html", context)


@require_safe
def subject_advice(request: StaffRequest) -> HttpResponse:
    """Advise on the subject while somebody types (htmx)."""
    queries.require_writing(request.actor, request.area)
    advice = rules.subject_advice(request.GET.get("subject", "")[:_TYPED])
    return render(request, "protocol_office/_subject_advice.html", {"advice": advice})


def registered(form: ComposedForm, register: Callable[[], UUID]) -> UUID | None:
    """Register, or show at its field why it cannot be."""
    made: list[UUID] = []
    return made[0] if changed(form, lambda _data: made.append(register())) else None


def check_files(form: ComposedForm, files: FileDesk) -> None:
    """Ask for the primary document; name every file that was not kept."""
    show_rejected(form, files)
    if files.primary is None and not files.primary_refused:
        form.add_error("documents", _("Choose the primary document."))


F = TypeVar("F", bound="ComposedForm | HandRecipientForm")


def unchecked(form: F) -> F:
    """Return the form with what was typed and no errors: nobody asked to register yet."""
    form.full_clean()
    form.errors.clear()
    return form


def show_rejected(form: ComposedForm, files: FileDesk) -> None:
    """Name at the field of the documents every file that was not kept, and why."""
    for error in files.errors:
        form.add_error("documents", error)
