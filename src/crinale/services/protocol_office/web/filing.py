"""What dossiers hold: put there, moved from one to another, added as files, listed in their index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crinale.kernel.errors import Conflict, Invalid
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.queries import dossiers as held
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.dossiers import one_url
from crinale.services.protocol_office.web.downloads import attachment
from crinale.services.protocol_office.web.forms import FileForm
from crinale.services.protocol_office.web.forms.filing import DossierFileForm, MoveForm
from crinale.spine.records.blobs import TooLarge
from crinale.spine.records.queries import aggregation_xml, described
from crinale.ui.sentences import said, sentence

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from crinale.spine.records.queries import DossierRef
    from crinale.ui.session import StaffRequest

_KINDS: Final = ("registration", "document")
_UNPROCESSABLE: Final = 422


@require_http_methods(["GET", "HEAD", "POST"])
def put_in_dossier(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Put a registration in one of the open dossiers."""
    one = queries.registration(
        actor=request.actor,
        area=request.area,
        registration_id=registration_id,
        permission="protocol.classify",
    )
    offered = queries.dossiers_for(actor=request.actor, area=request.area, one=one)
    form = FileForm(request.POST or None, dossiers=offered)

    def change(data: dict[str, Any]) -> None:
        actions.add_to_dossier(actor=request.actor, registration_id=one.id, dossier_id=UUID(data["dossier"]))

    if changed(form, change):
        messages.success(request, _("It is in the dossier."))
        return redirect("protocol_office:registration", registration_id=one.id)
    context = {
        "one": one,
        "form": form,
        "heading": _("Put in a dossier"),
        "explanation": _("A registration may be in several dossiers; closed ones take nothing more."),
        "button": _("Put in the dossier"),
        "none_offered": not offered.offered,
    }
    return render(request, "protocol_office/file.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: StaffRequest, dossier_id: UUID, what: str, object_id: UUID) -> HttpResponse:
    """Move a row of a dossier to another one: by a chosen place (``target``), or by writing its code.

    A script that asks for JSON gets a sentence to announce; everybody else a page.
    """
    queries.require(request.actor, "protocol.classify", request.area)
    if what not in _KINDS:
        raise Http404
    one = held.dossier(actor=request.actor, area=request.area, dossier_id=dossier_id)
    called = held.filed_there(actor=request.actor, one=one, kind=what, object_id=object_id)
    if request.method == "POST" and "target" in request.POST:
        return _moved_to_place(request, one, what, object_id)
    offered = held.dossiers_but(actor=request.actor, area=request.area, dossier_id=one.id)
    form = MoveForm(request.POST or None, dossiers=offered)

    def change(data: dict[str, Any]) -> None:
        _move(request, one, what, object_id, UUID(data["dossier"]))

    if changed(form, change):
        messages.success(request, _("It is in the other dossier."))
        return redirect("protocol_office:dossier", dossier_id=one.id)
    context = {
        "form": form,
        "heading": _("Move to another dossier"),
        "explanation": called,
        "button": _("Move"),
        "back_url": one_url(one),
        "back_label": one.code,
    }
    return render(request, "protocol_office/plain_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def add_file(request: StaffRequest, dossier_id: UUID) -> HttpResponse:
    """Put a file that is not to be registered in a dossier."""
    queries.require(request.actor, "protocol.classify", request.area)
    one = held.dossier(actor=request.actor, area=request.area, dossier_id=dossier_id)
    form = DossierFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and not form.is_bound:
        form = DossierFileForm({}, {})

    def change(data: dict[str, Any]) -> None:
        chosen = data["file"]
        try:
            actions.put_file_in_dossier(
                actor=request.actor,
                dossier_id=one.id,
                file_name=chosen.name,
                stream=chosen.file,
                declared_type=chosen.content_type,
            )
        except TooLarge as error:
            raise Invalid("file", str(error)) from error

    if changed(form, change):
        messages.success(request, _("The file is in the dossier."))
        return redirect("protocol_office:dossier", dossier_id=one.id)
    context = {
        "form": form,
        "heading": _("Add a file"),
        "explanation": one.title,
        "button": _("Add a file"),
        "back_url": one_url(one),
        "back_label": one.code,
        "upload": True,
    }
    return render(request, "protocol_office/upload_form.html", context, status=status_of(form))


@require_safe
def file(request: StaffRequest, dossier_id: UUID, document_id: UUID) -> HttpResponseBase:
    """Download an unregistered document of a dossier."""
    one = held.dossier(actor=request.actor, area=request.area, dossier_id=dossier_id)
    document, stream = held.open_placed(actor=request.actor, one=one, document_id=document_id)
    return attachment(
        request,
        stream,
        name=document.file_name,
        size=document.size,
        media_type=document.media_type,
        etag=document.sha256,
    )


@require_safe
def index(request: StaffRequest, dossier_id: UUID) -> HttpResponse:
    """Show the index of the documents of a dossier, with their digests."""
    found = held.dossier_index(actor=request.actor, area=request.area, dossier_id=dossier_id)
    one = held.dossier(actor=request.actor, area=request.area, dossier_id=dossier_id)
    return render(request, "protocol_office/dossier_index.html", {"index": found, "one": one})


@require_safe
def index_file(request: StaffRequest, dossier_id: UUID, kind: str) -> HttpResponse:
    """Download the metadata and the index of a dossier, as JSON or as XML."""
    if kind not in {"json", "xml"}:
        raise Http404
    found = held.dossier_index(actor=request.actor, area=request.area, dossier_id=dossier_id)
    text = (
        json.dumps(described(found), ensure_ascii=False, indent=2)
        if kind == "json"
        else aggregation_xml(found)
    )
    answer = HttpResponse(text, content_type=f"application/{kind}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.code.replace("/", "_")}.{kind}"'
    return answer


def _moved_to_place(request: StaffRequest, one: DossierRef, kind: str, object_id: UUID) -> HttpResponse:
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        target = held.dossier(
            actor=request.actor, area=request.area, dossier_id=_target(request.POST["target"])
        )
        _move(request, one, kind, object_id, target.id)
    except (Invalid, Conflict) as error:
        words = sentence(error.remedy) if isinstance(error, Invalid) else said(str(error))
        if wants_json:
            return JsonResponse({"said": words}, status=_UNPROCESSABLE)
        messages.error(request, words)
        return redirect("protocol_office:dossier", dossier_id=one.id)
    words = _("Moved to %(code)s %(title)s.") % {"code": target.code, "title": target.title}
    if wants_json:
        return JsonResponse({"said": words})
    messages.success(request, words)
    return redirect("protocol_office:dossier", dossier_id=one.id)


def _target(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("target", "choose a dossier") from error


def _move(request: StaffRequest, one: DossierRef, kind: str, object_id: UUID, target_id: UUID) -> None:
    actions.move_between_dossiers(
        actor=request.actor, kind=kind, object_id=object_id, source_id=one.id, target_id=target_id
    )
