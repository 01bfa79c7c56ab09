"""The emergency register between paper and system: forms to print, many lines at once, what was entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from crinale.kernel.errors import Invalid
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import status_of
from crinale.services.protocol_office.web.downloads import small_attachment
from crinale.services.protocol_office.web.forms import EmergencyLinesForm
from crinale.ui.sentences import said

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.spine.protocol.actions import EnteredLines
    from crinale.ui.session import StaffRequest

_LINES = 24
_LONGEST_NUMBER = 9


@require_safe
def page(request: StaffRequest, emergency_id: UUID) -> HttpResponse:
    """Show an emergency: its days with what was declared and entered, and each line with its registration."""
    one = queries.emergency(actor=request.actor, area=request.area, emergency_id=emergency_id)
    entries = queries.emergency_entries(actor=request.actor, area=request.area, emergency_id=emergency_id)
    context = {"one": one, "entries": entries, "in_doubt": queries.days_in_doubt(one)}
    return render(request, "protocol_office/emergency_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: StaffRequest, emergency_id: UUID) -> HttpResponse:
    """Try or enter a table of lines; with a fault nothing is entered and the table stays to be corrected."""
    one = queries.emergency(actor=request.actor, area=request.area, emergency_id=emergency_id)
    entering = request.POST.get("do") == "enter"
    form = EmergencyLinesForm(request.POST or None, request.FILES or None)
    found: EnteredLines | None = None
    if form.is_bound and form.is_valid():
        text = form.cleaned_data["lines"]
        try:
            found = actions.enter_emergency_lines(
                actor=request.actor, emergency_id=emergency_id, text=text, dry_run=not entering
            )
        except Invalid as error:
            form.refuse(error)
        else:
            if entering and not found.faults:
                messages.success(request, _entered(len(found.entered)))
                return redirect("protocol_office:emergency_page", emergency_id=emergency_id)
            # What came as a file goes on as text, so that it is corrected here and sent once more.
            form = EmergencyLinesForm(initial={"lines": text})
    context = {
        "one": one,
        "form": form,
        "faults": [(fault.line, fault.column, said(fault.remedy)) for fault in found.faults] if found else [],
        "tried": len(found.entered) if found else 0,
    }
    status = 422 if found and found.faults else status_of(form)
    return render(request, "protocol_office/emergency_lines.html", context, status=status)


@require_safe
def blank_form(request: StaffRequest) -> HttpResponse:
    """Print the numbered form to fill by hand."""
    content = queries.emergency_form(
        actor=request.actor,
        area=request.area,
        first=_number(request.GET.get("da", "")),
        lines=_number(request.GET.get("righe", "")) or _LINES,
    )
    return small_attachment(
        content, name=f"registro-emergenza-{request.area.code}.pdf", media_type="application/pdf"
    )


@require_safe
def authorisation(request: StaffRequest) -> HttpResponse:
    """Print the authorisation."""
    content = queries.emergency_authorisation(actor=request.actor, area=request.area)
    return small_attachment(
        content, name=f"autorizzazione-emergenza-{request.area.code}.pdf", media_type="application/pdf"
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


def _entered(count: int) -> str:
    return ngettext("%(n)d line was entered.", "%(n)d lines were entered.", count) % {"n": count}
