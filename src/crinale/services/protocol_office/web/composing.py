"""Compose and register documents: outgoing, arrived by hand or post, internal.

One request is one button: look for recipients, add or remove one, keep a file, register. Without scripts the
whole page comes back; with htmx only the part that changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crinale.kernel import ids
from crinale.services.protocol_office import actions, queries, rules
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.forms import CounterForm, InternalForm, OutgoingForm
from crinale.services.protocol_office.web.recipients import RecipientDesk
from crinale.services.protocol_office.web.uploads import FileDesk

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from crinale.services.protocol_office.web.forms import ComposedForm
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
    recipients, files = RecipientDesk.read(request.POST), FileDesk.read(request)
    recipients.do(action, request.POST)
    files.drop(action)
    form = OutgoingForm(request.POST, choices=choices)
    if action != "send":
        return _outgoing_page(request, _unchecked(OutgoingForm, request, choices), recipients, files)
    _check_files(form, files)
    if not recipients.chosen:
        form.add_error("recipients", _("Add at least one recipient."))
    made = _registered(form, lambda: _send(request, form, recipients, files))
    if made is not None:
        messages.success(request, _("Registered. It is on its way to its recipients."))
        return redirect("protocol_office:registration", registration_id=made)
    return _outgoing_page(request, form, recipients, files)


def _new_outgoing(request: StaffRequest, choices: queries.Choices) -> HttpResponse:
    recipients, initial = RecipientDesk(), {}
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
    form = OutgoingForm(choices=choices, initial=initial)
    return _outgoing_page(request, form, recipients, FileDesk(actor=request.actor))


def _send(request: StaffRequest, form: OutgoingForm, recipients: RecipientDesk, files: FileDesk) -> UUID:
    data = form.cleaned_data
    draft = actions.OutgoingDraft(
        subject=data["subject"],
        classification=data["classification"],
        recipients=recipients.parties(),
        documents=files.enclosures(),
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
    request: StaffRequest, form: OutgoingForm, recipients: RecipientDesk, files: FileDesk
) -> HttpResponse:
    context = {
        **recipients.context(),
        "form": form,
        "files": files,
        "documents_url": "protocol_office:documents",
        "advice": rules.subject_advice(str(form["subject"].value() or "")),
        "announcement": recipients.announcement or files.announcement,
        "focus_search": False,
    }
    return render(request, "protocol_office/outgoing.html", context, status=status_of(form))


@require_POST
def recipients(request: StaffRequest) -> HttpResponse:
    """Draw the recipients again after adding or removing one (htmx)."""
    desk = RecipientDesk.read(request.POST)
    desk.do(request.POST.get("do", ""), request.POST)
    form = _unchecked(OutgoingForm, request, queries.NO_CHOICES)
    return render(request, "protocol_office/_recipients.html", {**desk.context(), "form": form})


@require_POST
def documents(request: StaffRequest) -> HttpResponse:
    """Keep the files that came with this request and draw the list again (htmx)."""
    return _documents_part(request, OutgoingForm, "protocol_office:documents", several=True)


def _documents_part(
    request: StaffRequest, kind: type[ComposedForm], url: str, *, several: bool
) -> HttpResponse:
    files = FileDesk.read(request, several=several)
    files.drop(request.POST.get("do", ""))
    form = kind(request.POST, choices=queries.NO_CHOICES)
    form.full_clean()
    form.errors.clear()
    for error in files.errors:
        form.add_error("documents", error)
    context = {
        "form": form,
        "files": files,
        "documents_url": url,
        "announcement": files.announcement,
    }
    return render(request, "protocol_office/_documents.html", context)


@require_safe
def index_search(request: StaffRequest) -> HttpResponse:
    """Look in the index while somebody types (htmx)."""
    query = request.GET.get("q", "").strip()[:100]
    context = {"query": query, "results": queries.search_index(query)}
    return render(request, "protocol_office/_index_results.html", context)


@require_safe
def subject_advice(request: StaffRequest) -> HttpResponse:
    """Advise on the subject while somebody types (htmx)."""
    advice = rules.subject_advice(request.GET.get("subject", "")[:_TYPED])
    return render(request, "protocol_office/_subject_advice.html", {"advice": advice})


@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: StaffRequest) -> HttpResponse:
    """Register a document that arrived by hand, post or mail."""
    queries.require(request.actor, "protocol.register_incoming", request.area)
    return composed(
        request,
        CounterForm,
        heading=_("Document that arrived by hand, post or mail"),
        explanation=_("It gets its number at once. Attach the file, or the scan of the paper."),
        groups=(
            (_("Sender"), ("kind", "name", "last_name", "tax_code", "email", "address")),
            (_("Arrival"), ("channel", "arrived_at", "received_number", "received_date")),
            (_("Subject and classification"), ("subject", "classification", "office", "confidential")),
        ),
        register=_register_arrival,
    )


def _register_arrival(request: StaffRequest, form: Any, files: FileDesk) -> UUID:
    return actions.register_arrival(
        actor=request.actor,
        area_id=request.area.id,
        token=form.cleaned_data["token"] or ids.new_id(),
        draft=arrival(form, files),
    )


def arrival(form: CounterForm, files: FileDesk) -> actions.ArrivalDraft:
    """Gather what the form of an arrival says."""
    data = form.cleaned_data
    return actions.ArrivalDraft(
        subject=data["subject"],
        classification=data["classification"],
        sender=form.party(),
        documents=files.enclosures(),
        channel=data["channel"],
        received_number=data["received_number"],
        received_date=data["received_date"],
        arrived_at=data["arrived_at"],
        office_id=UUID(data["office"]) if data["office"] else None,
        confidential=data["confidential"],
    )


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


def composed(
    request: StaffRequest,
    kind: type[ComposedForm],
    *,
    heading: str,
    explanation: str,
    groups: tuple[tuple[str, tuple[str, ...]], ...],
    register: Callable[[StaffRequest, Any, FileDesk], UUID],
) -> HttpResponse:
    """Show and act upon a page that registers one document with its files."""
    choices = queries.choices(actor=request.actor, area=request.area)
    files = FileDesk.read(request) if request.method == "POST" else FileDesk(actor=request.actor)
    form = kind(choices=choices)
    if request.method == "POST" and request.POST.get("do") != "register":
        files.drop(request.POST.get("do", ""))
        form = _unchecked(kind, request, choices)
    elif request.method == "POST":
        form = kind(request.POST, choices=choices)
        _check_files(form, files)
        made = _registered(form, lambda: register(request, form, files))
        if made is not None:
            messages.success(request, _("Registered."))
            return redirect("protocol_office:registration", registration_id=made)
    context = {
        "form": form,
        "files": files,
        "documents_url": "protocol_office:documents",
        "heading": heading,
        "explanation": explanation,
        "announcement": files.announcement,
        "groups": [
            {
                "legend": legend,
                "fields": [form[name] for name in names],
                "classes": "columns" if "subject" not in names else "",
            }
            for legend, names in groups
        ],
    }
    return render(request, "protocol_office/counter.html", context, status=status_of(form))


def _registered(form: ComposedForm, register: Callable[[], UUID]) -> UUID | None:
    """Register, or show at its field why it cannot be."""
    made: list[UUID] = []
    return made[0] if changed(form, lambda _data: made.append(register())) else None


def _check_files(form: ComposedForm, files: FileDesk) -> None:
    for error in files.errors:
        form.add_error("documents", error)
    if files.primary is None and not files.errors:
        form.add_error("documents", _("Choose the primary document."))


def _unchecked(kind: type[Any], request: StaffRequest, choices: queries.Choices) -> Any:
    """Return the form with what was typed and no errors: nobody asked to register yet."""
    names = kind(choices=choices).fields
    initial: dict[str, object] = {name: request.POST.get(name, "") for name in names}
    if "confidential" in names:
        initial["confidential"] = "confidential" in request.POST
    return kind(choices=choices, initial=initial)
