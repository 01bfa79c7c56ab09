"""What would fail tomorrow on this node, with the remedy of each thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crinale.services.console.queries import health as queries
from crinale.services.console.rules import in_words
from crinale.services.console.web.offices import FORM

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest


@FORM
def health(request: StaffRequest) -> HttpResponse:
    """Show the findings, the worst first; sent as a form, look anew."""
    anew = request.method == "POST"
    found = queries.health(actor=request.actor, body_id=request.area.body_id, anew=anew)
    if anew:
        return redirect(request.path)
    groups = [
        (level, title, [(in_words(one.subject), in_words(one.seen), in_words(one.remedy)) for one in rows])
        for level, title in (
            ("bad", _("Does not work")),
            ("warning", _("Will fail if nobody acts")),
            ("good", _("Is well")),
        )
        if (rows := found.of(level))
    ]
    counts = {level: len(found.of(level)) for level in ("bad", "warning", "good")}
    context = {"groups": groups, "counts": counts, "looked_at": found.looked_at}
    return render(request, "console/health.html", context)
