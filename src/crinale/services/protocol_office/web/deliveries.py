"""The recipients of a registration: where each delivery stands, and another way for what did not arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.forms import MailForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.spine.protocol.queries import RegistrationView
    from crinale.spine.protocol.views import PartyView
    from crinale.ui.session import StaffRequest


@require_safe
def recipients(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """List the recipients of an outgoing registration, page by page."""
    one = queries.registration(actor=request.actor, area=request.area, registration_id=registration_id)
    after = request.GET.get("after", "")
    first = int(after) if after.isdecimal() and len(after) <= len("99999") else 0
    page = queries.delivery_page(actor=request.actor, area=request.area, one=one, first=first)
    context = {
        "one": one,
        "deliveries": page,
        "may_send": queries.may(request.actor, "protocol.send", request.area) and one.annulment is None,
        "newer_url": request.path if first else "",
        "older_url": f"{request.path}?after={page.last}" if page.last < page.total else "",
    }
    return render(request, "protocol_office/deliveries.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def send_by_mail(request: StaffRequest, registration_id: UUID, place: int) -> HttpResponse:
    """Send to one recipient by mail, whatever other way was tried before; offer the exchange where it can."""
    one, party = _recipient(request, registration_id, place)
    form = MailForm(request.POST or None, initial={"address": party.data.email})

    def change(data: dict[str, Any]) -> None:
        actions.send_by_mail(
            actor=request.actor, registration_id=one.id, recipient=place, address=data["address"]
        )

    if changed(form, change):
        messages.success(request, _("It is on its way by mail."))
        return redirect("protocol_office:registration", registration_id=one.id)
    context = {
        "one": one,
        "form": form,
        "place": place,
        "heading": _("Send it another way to %(name)s") % {"name": party.name},
        "explanation": _("The registration stays the same: only the way changes."),
        "button": _("Send by mail"),
        "by_exchange": queries.exchange_is_open(actor=request.actor, one=one, party=party),
    }
    return render(request, "protocol_office/another_way.html", context, status=status_of(form))


@require_POST
def send_by_exchange(request: StaffRequest, registration_id: UUID, place: int) -> HttpResponse:
    """Send to one recipient by the exchange, whatever mail was tried before."""
    one, _party = _recipient(request, registration_id, place)
    try:
        actions.send_by_exchange(actor=request.actor, registration_id=one.id, recipient=place)
    except (Invalid, Conflict):
        messages.error(
            request, _("It cannot go by the exchange: it went that way already, or the address is gone.")
        )
    else:
        messages.success(request, _("It is on its way by the exchange."))
    return redirect("protocol_office:registration", registration_id=one.id)


def _recipient(
    request: StaffRequest, registration_id: UUID, place: int
) -> tuple[RegistrationView, PartyView]:
    """Return an outgoing registration that still stands, and its recipient at a place."""
    one = queries.registration(
        actor=request.actor, area=request.area, registration_id=registration_id, permission="protocol.send"
    )
    if one.direction != "outgoing" or one.annulment or place >= len(one.recipients):
        raise NotVisible
    return one, one.recipients[place]


@require_POST
def send_to_late(request: StaffRequest, registration_id: UUID) -> HttpResponse:
    """Send to the recipients that can be reached now and could not when it was registered."""
    one = queries.registration(
        actor=request.actor, area=request.area, registration_id=registration_id, permission="protocol.send"
    )
    sent = actions.send_to_late(actor=request.actor, registration_id=one.id)
    if sent:
        words = ngettext(
            "It is on its way to %(n)d more recipient.", "It is on its way to %(n)d more recipients.", sent
        )
        messages.success(request, words % {"n": sent})
    else:
        messages.info(request, _("No other recipient can be reached yet, by the exchange or by mail."))
    return redirect("protocol_office:registration", registration_id=one.id)
