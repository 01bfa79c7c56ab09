"""Dossiers: the list, one with its tree and what it holds; opened, changed, closed, reopened, shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.queries import dossiers as held
from crinale.services.protocol_office.queries.dossier_words import KINDS
from crinale.services.protocol_office.web.answers import changed, pager, status_of
from crinale.services.protocol_office.web.forms.filing import (
    ChangeDossierForm,
    CloseForm,
    OpenDossierForm,
    PartForm,
    ReopenForm,
    ShowDossierForm,
)

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.spine.records.queries import DossierRef
    from crinale.ui.forms import AccessibleForm
    from crinale.ui.session import StaffRequest

_STATES = {"open": False, "closed": True}


@require_safe
def dossiers(request: StaffRequest) -> HttpResponse:
    """List the dossiers of the area, the newest first."""
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("q", "state", "heading", "kind")}
    asked["heading_id"] = request.GET.get("heading_id", "")
    before = request.GET.get("before", "")
    page = held.dossier_page(
        actor=request.actor,
        area=request.area,
        text=asked["q"],
        closed=_STATES.get(asked["state"]),
        heading=asked["heading"],
        heading_id=_uuid(asked["heading_id"]),
        kind=asked["kind"] if asked["kind"] in dict(KINDS) else "",
        before=before,
    )
    here = reverse("protocol_office:dossiers")
    kept = {name: value for name, value in asked.items() if value}
    states = (("", _("All of them")), ("open", _("Open ones")), ("closed", _("Closed ones")))
    tabs = [
        {
            "label": label,
            "url": f"{here}?{urlencode({**kept, 'state': code})}",
            "current": code == (asked["state"] if asked["state"] in _STATES else ""),
        }
        for code, label in states
    ]
    context = {
        "tabs": tabs,
        "asked": asked,
        "narrowed": any(kept.values()),
        "kinds": KINDS,
        "headings": held.headings_in_force(),
        "rows": page.rows,
        "may_open": queries.may(request.actor, "protocol.classify", request.area),
        **pager(f"{here}?{urlencode(kept)}", before, page.older),
    }
    return render(request, "protocol_office/dossiers.html", context)


@require_safe
def dossier(request: StaffRequest, dossier_id: UUID) -> HttpResponse:
    """Show a dossier, the tree in which it stands, and what it holds."""
    before = request.GET.get("before", "")
    page = held.dossier_in_full(actor=request.actor, area=request.area, dossier_id=dossier_id, before=before)
    may_change = queries.may(request.actor, "protocol.classify", request.area)
    context = {
        "page": page,
        "one": page.one,
        "rows": page.registrations.rows,
        "may_change": may_change,
        "may_fill": may_change and page.one.closed_at is None,
        **pager(f"{request.path}?", before, page.registrations.older),
    }
    return render(request, "protocol_office/dossier.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def open_dossier(request: StaffRequest) -> HttpResponse:
    """Open a dossier under a heading of the filing plan."""
    queries.require(request.actor, "protocol.classify", request.area)
    form = OpenDossierForm(
        request.POST or None,
        choices=queries.choices(actor=request.actor, area=request.area),
        people=held.people_who_may_see(actor=request.actor, area=request.area),
        initial={"classification": request.GET.get("heading", "")},
    )
    made: list[UUID] = []

    def change(data: dict[str, Any]) -> None:
        kind = data["kind"] or "matter"
        made.append(
            actions.open_dossier(
                actor=request.actor,
                area_id=request.area.id,
                title=data["title"],
                classification=data["classification"],
                kind=kind,
                data=form.known(kind),
                office_id=_uuid(data["office"]),
                responsible=_uuid(data["responsible"]),
                visibility=data["visibility"] or "open",
                readers=form.named(),
            )
        )

    if changed(form, change):
        messages.success(request, _("The dossier is open."))
        return redirect("protocol_office:dossier", dossier_id=made[0])
    context = {
        "form": form,
        "heading": _("Open a dossier"),
        "explanation": _("It gets a code from the year, the heading and a progressive number."),
        "button": _("Open a dossier"),
        "back_url": reverse("protocol_office:dossiers"),
        "back_label": _("Dossiers"),
        "first": [form[name] for name in form.field_order],
        "more": [bound for bound in form if bound.name not in form.field_order],
    }
    return render(request, "protocol_office/open_dossier.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def open_part(request: StaffRequest, dossier_id: UUID) -> HttpResponse:
    """Open a sub-dossier or an insert in a dossier."""
    one, form, made = _to_change(request, dossier_id), PartForm(request.POST or None), []

    def change(data: dict[str, Any]) -> None:
        made.append(
            actions.open_dossier_part(
                actor=request.actor, parent_id=one.id, title=data["title"], form=data["form"]
            )
        )

    if changed(form, change):
        messages.success(request, _("The part is open."))
        return redirect("protocol_office:dossier", dossier_id=made[0])
    words = _("It has the kind, the heading and the office of the dossier, and closes before it.")
    return _form_page(request, form, one, _("Open a part"), words)


@require_http_methods(["GET", "HEAD", "POST"])
def change_dossier(request: StaffRequest, dossier_id: UUID) -> HttpResponse:
    """Change what is known of a dossier; what was known before stays in its story."""
    one = _to_change(request, dossier_id)
    form = ChangeDossierForm(
        request.POST or None,
        one=one,
        offices=queries.choices(actor=request.actor, area=request.area).offices,
        people=held.people_who_may_see(actor=request.actor, area=request.area),
    )

    def change(data: dict[str, Any]) -> None:
        actions.change_dossier(
            actor=request.actor,
            dossier_id=one.id,
            data=form.known(one.kind, one.data),
            office_id=_uuid(data["office"]),
            responsible=_uuid(data["responsible"]),
        )

    if changed(form, change):
        messages.success(request, _("The data are changed; the former ones stay in the story."))
        return redirect("protocol_office:dossier", dossier_id=one.id)
    return _form_page(request, form, one, _("Change the data"), one.title)


@require_http_methods(["GET", "HEAD", "POST"])
def show_dossier(request: StaffRequest, dossier_id: UUID) -> HttpResponse:
    """Say who sees a dossier."""
    one = _to_change(request, dossier_id)
    people = held.people_who_may_see(actor=request.actor, area=request.area)
    readers = held.reader_ids(actor=request.actor, one=one)
    form = ShowDossierForm(
        request.POST or None, people=people, initial={"visibility": one.visibility, "readers": readers}
    )

    def change(data: dict[str, Any]) -> None:
        actions.show_dossier(
            actor=request.actor,
            dossier_id=one.id,
            visibility=data["visibility"],
            reason=data["reason"],
            readers=form.named(),
        )

    if changed(form, change):
        messages.success(request, _("Who sees the dossier is changed."))
        return redirect("protocol_office:dossiers" if _lost(request, one) else one_url(one))
    words = _(
        "It counts for the dossier and all its parts: others find no trace of them, in lists or counts."
    )
    return _form_page(request, form, one, _("Who sees it"), words)


@require_http_methods(["GET", "HEAD", "POST"])
def close_dossier(request: StaffRequest, dossier_id: UUID) -> HttpResponse:
    """Close a dossier, after saying what that means."""
    one = _to_change(request, dossier_id)
    if one.closed_at is not None:
        return redirect("protocol_office:dossier", dossier_id=one.id)
    form = CloseForm(request.POST if request.method == "POST" else None)

    def change(_data: dict[str, Any]) -> None:
        actions.close_dossier(actor=request.actor, dossier_id=one.id)

    if changed(form, change):
        messages.success(request, _("The dossier is closed."))
        return redirect("protocol_office:dossier", dossier_id=one.id)
    context = {"one": one, "form": form}
    return render(request, "protocol_office/close_dossier.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def reopen_dossier(request: StaffRequest, dossier_id: UUID) -> HttpResponse:
    """Open a closed dossier again, saying why."""
    one, form = _to_change(request, dossier_id), ReopenForm(request.POST or None)
    if one.closed_at is None:
        return redirect("protocol_office:dossier", dossier_id=one.id)

    def change(data: dict[str, Any]) -> None:
        actions.reopen_dossier(actor=request.actor, dossier_id=one.id, reason=data["reason"])

    if changed(form, change):
        messages.success(request, _("The dossier is open again."))
        return redirect("protocol_office:dossier", dossier_id=one.id)
    words = _("When it was closed, and why it opens, stay in its story.")
    return _form_page(request, form, one, _("Open it again"), words)


def one_url(one: DossierRef) -> str:
    """Return the address of a dossier."""
    return reverse("protocol_office:dossier", kwargs={"dossier_id": one.id})


def _to_change(request: StaffRequest, dossier_id: UUID) -> DossierRef:
    queries.require(request.actor, "protocol.classify", request.area)
    return held.dossier(actor=request.actor, area=request.area, dossier_id=dossier_id)


def _lost(request: StaffRequest, one: DossierRef) -> bool:
    """Say whether who changed it does not see it any more."""
    return not held.still_seen(actor=request.actor, area=request.area, one=one)


def _form_page(
    request: StaffRequest, form: AccessibleForm, one: DossierRef, heading: str, explanation: str
) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "explanation": explanation,
        "button": heading,
        "back_url": one_url(one),
        "back_label": one.code,
    }
    return render(request, "protocol_office/plain_form.html", context, status=status_of(form))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
