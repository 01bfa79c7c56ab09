"""Frozen days and emergencies of an area."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.queries.lists import Page
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import queries as protocol
from crinale.spine.records import queries as records

if TYPE_CHECKING:
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import EmergencyView
    from crinale.spine.records.queries import DocumentRef
    from crinale.spine.tenancy.queries import AreaRef

_DAYS = 31


def daily_page(*, actor: Actor, area: AreaRef, before: str = "") -> Page:
    """Return a month of frozen days, the newest first."""
    days = protocol.daily_registers(actor=actor, area_id=area.id, before=_day(before), limit=_DAYS + 1)
    return Page(list(days[:_DAYS]), days[_DAYS - 1].day.isoformat() if len(days) > _DAYS else "")


def open_daily(*, actor: Actor, area: AreaRef, day: date, kind: str) -> tuple[DocumentRef, BinaryIO]:
    """Open the file of a frozen day; the reading is logged.

    :raises NotVisible: when the day is not frozen or not to be seen.
    """
    found = protocol.daily_register(actor=actor, area_id=area.id, day=day)
    document_id = found.pdf_document_id if kind == "pdf" else found.json_document_id
    audit.access(actor=actor, what="daily_register", object_id=found.id)
    document = records.document(actor=actor, document_id=document_id)
    return document, records.open_document(actor=actor, document_id=document_id)


def emergencies(*, actor: Actor, area: AreaRef) -> list[EmergencyView]:
    """Return the interruptions, the newest first."""
    return protocol.emergencies(actor=actor, area_id=area.id)


def emergency(*, actor: Actor, area: AreaRef, emergency_id: UUID) -> EmergencyView:
    """Return an interruption to work on.

    :raises NotVisible: when it is not of this area, or the actor may not keep the emergency register.
    """
    permissions.require(actor, "protocol.emergency", area_id=area.id)
    for one in emergencies(actor=actor, area=area):
        if one.id == emergency_id:
            return one
    raise NotVisible


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
