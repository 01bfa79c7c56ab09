"""A mail that waits: what it says beside the form that registers it; receipts whose message is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import changed, pager, status_of
from crinale.services.protocol_office.web.downloads import attachment
from crinale.services.protocol_office.web.forms.mails import NoteForm, SetAsideForm
from crinale.services.protocol_office.web.mail_desk import MailDesk
from crinale.services.protocol_office.web.previews import drawn

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from crinale.services.protocol_office.queries import MailShown
    from crinale.ui.session import StaffRequest

_REGISTERING = frozenset({"register", "register_next"})


@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: StaffRequest, mail_id: UUID) -> HttpResponse:
    """Show a mail; a clerk registers it, or sets it aside with a reason."""
    shown = queries.mail(actor=request.actor, area=request.area, mail_id=mail_id)
    if request.method == "POST":
        queries.require(request.actor, "protocol.register_incoming", request.area)
        if not shown.waits:
            messages.warning(request, _("This mail was decided upon in the meantime."))
            return redirect("protocol_office:mail", mail_id=mail_id)
    may_decide = queries.may(request.actor, "protocol.register_incoming", request.area)
    context: dict[str, Any] = {"mail": shown, "may_decide": may_decide}
    if shown.files:
        source = queries.mail_file_source(actor=request.actor, shown=shown, position=0)
        context["first"] = drawn(source, shown.files[0].preview_url, whole=False)
    if not shown.waits or not may_decide:
        return render(request, "protocol_office/mail.html", context)
    if shown.is_receipt:
        return _receipt(request, shown, context)
    return _decision(request, shown, context)


def _receipt(request: StaffRequest, shown: MailShown, context: dict[str, Any]) -> HttpResponse:
    form = NoteForm(request.POST if request.POST.get("do") == "aside" else None)
    if changed(form, lambda data: _set_aside(request, shown.id, data)):
        messages.success(request, _("Noted. The receipt is out of the queue and stays here."))
        return redirect("protocol_office:mail", mail_id=shown.id)
    context["aside"] = form
    return render(request, "protocol_office/mail.html", context, status=status_of(form))


def _decision(request: StaffRequest, shown: MailShown, context: dict[str, Any]) -> HttpResponse:
    known = queries.mail_suggestions(actor=request.actor, area=request.area, shown=shown)
    verb = request.POST.get("do", "")
    desk = MailDesk(request, shown, known, registering=verb in _REGISTERING)
    aside = SetAsideForm(request.POST if verb == "aside" else None)
    if made := desk.register():
        return _after(request, shown, made, go_on=verb == "register_next")
    if changed(aside, lambda data: _set_aside(request, shown.id, data)):
        messages.success(request, _("Set aside. The mail stays here, with your reason."))
        return redirect("protocol_office:mail", mail_id=shown.id)
    context |= {**desk.context(), "aside": aside}
    status = max(desk.status, status_of(aside))
    return render(request, "protocol_office/mail.html", context, status=status)


def _after(request: StaffRequest, shown: MailShown, made: UUID, *, go_on: bool) -> HttpResponse:
    following = queries.next_mail(actor=request.actor, area=request.area, after=shown.id) if go_on else None
    if following is None:
        messages.success(request, _("Registered."))
        return redirect("protocol_office:registration", registration_id=made)
    one = queries.registration(actor=request.actor, area=request.area, registration_id=made)
    words = _("Registered with number %(number)s. This is the next mail.")
    messages.success(request, words % {"number": f"{one.number_text}/{one.year}"})
    return redirect("protocol_office:mail", mail_id=following)


def _set_aside(request: StaffRequest, mail_id: UUID, data: dict[str, Any]) -> None:
    actions.set_mail_aside(actor=request.actor, mail_id=mail_id, reason=data["reason"])


@require_POST
def back_to_queue(request: StaffRequest, mail_id: UUID) -> HttpResponse:
    """Have a mail examined anew: one that was set aside, in trouble, or about nothing that is known."""
    queries.mail(actor=request.actor, area=request.area, mail_id=mail_id)
    queries.require(request.actor, "protocol.register_incoming", request.area)
    actions.return_mail(actor=request.actor, mail_id=mail_id)
    messages.success(request, _("It was examined anew."))
    return redirect("protocol_office:mail", mail_id=mail_id)


@require_safe
def set_aside(request: StaffRequest) -> HttpResponse:
    """List the mails that were set aside."""
    before = request.GET.get("before", "")
    page = queries.set_aside_page(actor=request.actor, area=request.area, before=before)
    context = {"rows": page.rows, **pager(f"{request.path}?", before, page.older)}
    return render(request, "protocol_office/mails_aside.html", context)


@require_safe
def file(request: StaffRequest, mail_id: UUID, position: int) -> HttpResponseBase:
    """Download a file of a mail."""
    found, stream = queries.open_mail_file(
        actor=request.actor, area=request.area, mail_id=mail_id, position=position
    )
    return attachment(
        request, stream, name=found.name, size=found.size, media_type=found.media_type, etag=found.sha256
    )


@require_safe
def original(request: StaffRequest, mail_id: UUID) -> HttpResponseBase:
    """Download a mail as it came."""
    row, sha256, stream = queries.open_original(actor=request.actor, area=request.area, mail_id=mail_id)
    return attachment(
        request, stream, name=f"{row.id}.eml", size=row.size, media_type="message/rfc822", etag=sha256
    )
