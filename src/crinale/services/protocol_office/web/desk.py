"""The queue, the register, the search."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from crinale.kernel import clock
from crinale.kernel.numbers import parse_number
from crinale.services.protocol_office import queries
from crinale.services.protocol_office.web.answers import pager

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest

_YEARS_SHOWN = 10


@require_safe
def queue(request: StaffRequest) -> HttpResponse:
    """Show what waits for the clerk, box by box."""
    boxes = queries.boxes(actor=request.actor, area=request.area)
    wanted = request.GET.get("box", "")
    chosen = next((box for box in boxes if box.code == wanted), None) or next(
        (box for box in boxes if box.count), boxes[0]
    )
    sorts = queries.sorts(chosen.code)
    asked = request.GET.get("sort", "")
    sort = next((one for one, _words in sorts if one == asked), sorts[0][0])
    page = queries.box_page(
        actor=request.actor,
        area=request.area,
        box=chosen.code,
        sort=sort,
        before=request.GET.get("before", ""),
    )
    base = f"{request.path}?box={chosen.code}&sort={sort}"
    context = {
        "boxes": boxes,
        "chosen": chosen,
        "rows": page.rows,
        "sorts": sorts,
        "sort": sort,
        "may_register": queries.may(request.actor, "protocol.register", request.area),
        **pager(base, request.GET.get("before", ""), page.older),
    }
    return render(request, "protocol_office/queue.html", context)


@require_safe
def registrations(request: StaffRequest) -> HttpResponse:
    """Show the register, the newest first."""
    direction = request.GET.get("direction", "")
    if direction not in dict(queries.directions()):
        direction = ""
    page = queries.register_page(
        actor=request.actor, area=request.area, direction=direction, before=request.GET.get("before", "")
    )
    here = reverse("protocol_office:registrations")
    tabs = [
        {"label": label, "url": f"{here}?direction={code}" if code else here, "current": code == direction}
        for code, label in queries.directions()
    ]
    context = {
        "tabs": tabs,
        "rows": page.rows,
        **pager(f"{here}?direction={direction}", request.GET.get("before", ""), page.older),
    }
    return render(request, "protocol_office/registrations.html", context)


@require_safe
def search(request: StaffRequest) -> HttpResponse:
    """Find by number, name or word; a number that exists opens its registration at once."""
    queries.require(request.actor, "protocol.search", request.area)
    text = request.GET.get("q", "").strip()[:200]
    direction, year = request.GET.get("direction", ""), request.GET.get("year", "")
    before = request.GET.get("before", "")
    asked = bool(text or direction or year)
    page = queries.Page([], "")
    if asked:
        page = queries.find(
            actor=request.actor,
            area=request.area,
            text=text,
            direction=direction if direction in dict(queries.directions()) else "",
            year=int(year) if year.isdecimal() and len(year) == len("2026") else None,
            before=before,
        )
    if parse_number(text) and len(page.rows) == 1 and not before:
        return redirect("protocol_office:registration", registration_id=page.rows[0].id)
    this_year = clock.today().year
    query = urlencode({"q": text, "direction": direction, "year": year})
    context = {
        "text": text,
        "asked": asked,
        "direction": direction,
        "directions": queries.directions(),
        "year": year,
        "years": [str(this_year - back) for back in range(_YEARS_SHOWN)],
        "rows": page.rows,
        **pager(f"{request.path}?{query}", before, page.older),
    }
    return render(request, "protocol_office/search.html", context)
