"""One registration: its page, its files, and what may still be done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office import actions, queries, rules
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.downloads import attachment, small_attachment
from crinale.services.protocol_office.web.forms import (
    AnnulForm,
    CorrectForm,
    LinkForm,
    ReclassifyForm,
    UnlinkForm,
)
from crinale.services.protocol_office.web.uploads import FileDesk

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from crinale.ui.session import StaffRequest


@require_safe
def page(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Show a registration: state and next action on top, its story below."""
    shown = queries.registration_page(actor=request.actor, area=request.area, registration_id=registration_id)
    return render(request, "protocol_office/registration.html", shown)


@require_safe
def segnatura(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Download the XML segnatura, ours or the one received."""
    origin = "received" if request.GET.get("origin") == "received" else "issued"
    name, xml = queries.segnatura_file(
        actor=request.actor, area=request.area, registration_id=registration_id, origin=origin
    )
    return small_attachment(xml, name=name, media_type="application/xml")


@require_safe
def stamp(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Download the segnatura as text, to be put on a paper copy (DPR 445/2000 art. 55)."""
    one = queries.registration(actor=request.actor, area=request.area, registration_id=registration_id)
    name = f"segnatura-{one.year}-{one.number_text}.txt"
    return small_attachment(f"{one.stamp}\n".encode(), name=name, media_type="text/plain; charset=utf-8")


@require_safe
def document(request: StaffRequest, registration_id: UUID, document_id: UUID) -> HttpResponseBase:
    """Download a document of a registration; who reads it is written in the access log."""
    found, stream = queries.open_enclosure(
        actor=request.actor, area=request.area, registration_id=registration_id, document_id=document_id
    )
    return attachment(
        request,
        stream,
        name=found.file_name,
        size=found.size,
        media_type=found.media_type,
        etag=found.sha256,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def annul(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Annul, with the act that authorises it; the page says what stays visible."""
    one = queries.registration(
        actor=request.actor, area=request.area, registration_id=registration_id, permission="protocol.annul"
    )
    if one.annulment:
        return redirect("protocol_office:registration", registration_id=one.id)
    form, files = AnnulForm(request.POST or None), FileDesk(actor=request.actor)
    if request.method == "POST":
        files = FileDesk.read(request, several=False)
        files.drop(request.POST.get("do", ""))

    def change(data: dict[str, Any]) -> None:
        act = rules.cite_act(kind=data["act_type"], number=data["act_number"], day=data["act_date"])
        actions.annul(
            actor=request.actor,
            registration_id=one.id,
            act=act,
            reason=data["reason"],
            document_id=files.primary.document_id if files.primary else None,
        )

    for error in files.errors:
        form.add_error("act_file", error)
    if not request.POST.get("do", "").startswith("drop-file:") and changed(form, change):
        messages.success(
            request, _("The registration is annulled. It stays readable, with the act and the reason.")
        )
        return redirect("protocol_office:registration", registration_id=one.id)
    told = queries.told_of_annulment(actor=request.actor, area=request.area, registration_id=one.id)
    context = {"one": one, "form": form, "files": files, "will_tell": ", ".join(told)}
    return render(request, "protocol_office/annul.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def reclassify(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Move the registration to another heading; the former one stays in the history."""
    one = queries.registration(
        actor=request.actor,
        area=request.area,
        registration_id=registration_id,
        permission="protocol.classify",
    )
    form = ReclassifyForm(
        request.POST or None,
        choices=queries.choices(actor=request.actor, area=request.area),
        initial={"classification": one.classification.code},
    )

    def change(data: dict[str, Any]) -> None:
        actions.reclassify(
            actor=request.actor,
            registration_id=one.id,
            classification=data["classification"],
            reason=data["reason"],
        )

    if changed(form, change):
        messages.success(request, _("Classification changed."))
        return redirect("protocol_office:registration", registration_id=one.id)
    context = {
        "one": one,
        "form": form,
        "heading": _("Change the classification"),
        "explanation": _("The registration does not change: the former heading stays in the history."),
        "button": _("Change the classification"),
    }
    return render(request, "protocol_office/change.html", context, status=status_of(form))


@require_safe
def annulment_act(request: StaffRequest, registration_id: UUID) -> HttpResponseBase:
    """Download the act of an annulment; who reads it is written in the access log."""
    found, stream = queries.open_annulment_act(
        actor=request.actor, area=request.area, registration_id=registration_id
    )
    return attachment(
        request,
        stream,
        name=found.file_name,
        size=found.size,
        media_type=found.media_type,
        etag=found.sha256,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Correct what the law lets one correct; both values stay visible (DPR 445/2000 art. 54)."""
    one = queries.registration(actor=request.actor, area=request.area, registration_id=registration_id)
    right = "protocol.register_incoming" if one.direction == "incoming" else "protocol.register"
    queries.require(request.actor, right, request.area)
    if one.annulment:
        return redirect("protocol_office:registration", registration_id=one.id)
    form = CorrectForm(
        request.POST or None,
        values=queries.correctable_values(one, party=request.GET.get("party", "")),
        channels=queries.channels(),
    )

    def change(data: dict[str, Any]) -> None:
        actions.correct(
            actor=request.actor, registration_id=one.id, changes=form.changes(), reason=data["reason"]
        )

    if changed(form, change):
        messages.success(request, _("Corrected. What stood there before stays visible."))
        return redirect("protocol_office:registration", registration_id=one.id)
    context = {"one": one, "form": form}
    return render(request, "protocol_office/correct.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Say that the registration belongs to an earlier one."""
    one = queries.registration(
        actor=request.actor,
        area=request.area,
        registration_id=registration_id,
        permission="protocol.classify",
    )
    form = LinkForm(request.POST or None, relations=queries.relations())

    def change(data: dict[str, Any]) -> None:
        other = queries.registration_id_by_number(
            actor=request.actor, area=request.area, text=data["number"], field="number"
        )
        actions.link(
            actor=request.actor,
            registration_id=one.id,
            other_id=other or one.id,
            relation=data["relation"],
            reason=data["reason"],
        )

    if changed(form, change):
        messages.success(request, _("The two registrations are linked."))
        return redirect("protocol_office:registration", registration_id=one.id)
    context = {
        "one": one,
        "form": form,
        "heading": _("Link to another registration"),
        "explanation": _("Nothing of what was registered changes: the link stands beside it."),
        "button": _("Link"),
    }
    return render(request, "protocol_office/change.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def unlink(request: StaffRequest, registration_id: UUID, link_id: UUID) -> HttpResponse:
    """Take a wrong link away; that it was there stays visible."""
    one = queries.registration(
        actor=request.actor,
        area=request.area,
        registration_id=registration_id,
        permission="protocol.classify",
    )
    found = next((link for link in one.links if link.id == link_id), None)
    if found is None:
        raise NotVisible
    form = UnlinkForm(request.POST or None)

    def change(data: dict[str, Any]) -> None:
        actions.unlink(actor=request.actor, link_id=link_id, reason=data["reason"])

    if changed(form, change):
        messages.success(request, _("The link is taken away."))
        return redirect("protocol_office:registration", registration_id=one.id)
    other = f"{found.related.number_text}/{found.related.year}"
    context = {
        "one": one,
        "form": form,
        "heading": _("Take away the link to %(number)s") % {"number": other},
        "explanation": _("That it was there, and why it was taken away, stays in the story."),
        "button": _("Take away the link"),
    }
    return render(request, "protocol_office/change.html", context, status=status_of(form))
