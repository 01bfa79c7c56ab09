"""Files shown without opening them: our words about them, or pictures of their pages. Nothing of them runs.

A picture is a PNG made here; its answer forbids the browser everything all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office import queries
from crinale.services.protocol_office.queries import previews

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.services.protocol_office.queries.previews import Preview, Source
    from crinale.ui.session import StaffRequest

_POLICY: Final = "sandbox; default-src 'none'"
_AT_ONCE: Final = 5  # pages on one page


@require_safe
def mail_file(request: StaffRequest, mail_id: UUID, position: int) -> HttpResponse:
    """Show a file of a mail."""
    shown = queries.mail(actor=request.actor, area=request.area, mail_id=mail_id)
    source = queries.mail_file_source(actor=request.actor, shown=shown, position=position)
    back = reverse("protocol_office:mail", args=[mail_id])
    return _page(request, source, back=back, download=shown.files[position].url)


@require_safe
def mail_file_picture(request: StaffRequest, mail_id: UUID, position: int, page: int) -> HttpResponse:
    """Show a page of a file of a mail."""
    shown = queries.mail(actor=request.actor, area=request.area, mail_id=mail_id)
    return _picture(queries.mail_file_source(actor=request.actor, shown=shown, position=position), page)


@require_safe
def arrived_file(request: StaffRequest, message_id: UUID, position: int) -> HttpResponse:
    """Show a file of what arrived by the exchange."""
    source = queries.arrived_file_source(
        actor=request.actor, area=request.area, message_id=message_id, position=position
    )
    back = reverse("protocol_office:waiting", args=[message_id])
    download = reverse("protocol_office:waiting_document", args=[message_id, position])
    return _page(request, source, back=back, download=download)


@require_safe
def arrived_file_picture(request: StaffRequest, message_id: UUID, position: int, page: int) -> HttpResponse:
    """Show a page of a file of what arrived by the exchange."""
    source = queries.arrived_file_source(
        actor=request.actor, area=request.area, message_id=message_id, position=position
    )
    return _picture(source, page)


@require_safe
def document(request: StaffRequest, registration_id: UUID, document_id: UUID) -> HttpResponse:
    """Show a document of a registration."""
    source = queries.enclosure_source(
        actor=request.actor, area=request.area, registration_id=registration_id, document_id=document_id
    )
    back = reverse("protocol_office:registration", args=[registration_id])
    download = reverse("protocol_office:document", args=[registration_id, document_id])
    return _page(request, source, back=back, download=download)


@require_safe
def document_picture(
    request: StaffRequest, registration_id: UUID, document_id: UUID, page: int
) -> HttpResponse:
    """Show a page of a document of a registration."""
    source = queries.enclosure_source(
        actor=request.actor, area=request.area, registration_id=registration_id, document_id=document_id
    )
    return _picture(source, page)


def drawn(source: Source, address: str, *, whole: bool = True, first: int = 1) -> dict[str, Any]:
    """Return what the template of a preview draws; unless ``whole`` only the first page, not counted."""
    shown = previews.preview(source, count=whole)
    pages = _pages(shown, address, first, whole=whole)
    return {"name": source.name, "preview": shown, "url": address, "whole": whole, **pages}


def _pages(shown: Preview, address: str, first: int, *, whole: bool) -> dict[str, Any]:
    last = min(shown.pages, first + _AT_ONCE - 1) if whole else min(1, shown.pages)
    return {
        "pictures": [{"page": page, "url": f"{address}/{page}.png"} for page in range(first, last + 1)],
        "earlier": f"{address}?da={max(1, first - _AT_ONCE)}" if first > 1 else "",
        "later": f"{address}?da={last + 1}" if whole and last < shown.pages else "",
    }


def _page(request: StaffRequest, source: Source, *, back: str, download: str) -> HttpResponse:
    asked = request.GET.get("da", "1")
    first = int(asked) if asked.isdecimal() and len(asked) < len("10000") else 1
    shown = drawn(source, request.path, first=max(1, first))
    context = {"shown": shown, "size": source.size, "back": back, "download": download}
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, f"protocol_office/{'_preview' if fragment else 'preview'}.html", context)


def _picture(source: Source, page: int) -> HttpResponse:
    picture = previews.picture(source, page)
    if picture is None:
        raise NotVisible
    headers = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Content-Disposition": 'inline; filename="pagina.png"',
    }
    return HttpResponse(picture, content_type="image/png", headers=headers)
