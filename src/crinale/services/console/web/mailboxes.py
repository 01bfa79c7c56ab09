"""The mailboxes of the body and how they fare; a sign-in to their servers may be tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crinale.kernel.errors import NotVisible
from crinale.spine.exchange import actions as exchange
from crinale.spine.exchange import queries
from crinale.spine.exchange.mail_values import MailFailure
from crinale.spine.identity.permissions import require
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest


@require_safe
def mailboxes(request: StaffRequest) -> HttpResponse:
    """List the mailboxes of every area of the body."""
    body_id = request.area.body_id
    require(request.actor, "admin.areas", body_id=body_id)
    areas = {one.id: one.name for one in tenancy.areas(body_id=body_id)}
    rows = [(one, areas.get(one.area_id, "")) for one in queries.mailboxes(actor=request.actor)]
    return render(request, "console/mailboxes.html", {"rows": rows})


@require_POST
def check(request: StaffRequest, mailbox_id: UUID) -> HttpResponse:
    """Sign in to both servers of a mailbox and leave, and say how it went."""
    require(request.actor, "admin.areas", body_id=request.area.body_id)
    known = {one.id: one.address for one in queries.mailboxes(actor=request.actor) if one.active}
    if mailbox_id not in known:
        raise NotVisible
    try:
        exchange.check_mailbox(actor=request.actor, mailbox_id=mailbox_id)
    except MailFailure as failure:
        words = _("%(address)s does not work: %(why)s")
        messages.warning(request, words % {"address": known[mailbox_id], "why": failure.text})
    else:
        messages.success(request, _("%(address)s: both servers let it in.") % {"address": known[mailbox_id]})
    return redirect("console:mailboxes")
