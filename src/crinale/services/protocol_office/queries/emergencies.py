"""Emergencies of an area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions
from crinale.spine.protocol import queries as protocol

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import EmergencyDay, EmergencyEntryView, EmergencyView
    from crinale.spine.tenancy.queries import AreaRef


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


def emergency_entries(*, actor: Actor, area: AreaRef, emergency_id: UUID) -> list[EmergencyEntryView]:
    """Return the lines that were entered, each with the registration that it became."""
    return protocol.emergency_entries(actor=actor, area_id=area.id, emergency_id=emergency_id)


def days_in_doubt(one: EmergencyView) -> list[EmergencyDay]:
    """Return the days of a closed emergency whose entered lines are not as many as were declared (c.3)."""
    if one.closed_at is None:
        return []
    return [day for day in one.days if day.entered != (day.declared or 0)]


def emergency_form(*, actor: Actor, area: AreaRef, first: int | None, lines: int) -> bytes:
    """Return the numbered form to print, from a number (the next free one when none is named)."""
    number = first or protocol.next_emergency_number(actor=actor, area_id=area.id)
    permissions.require(actor, "protocol.emergency", area_id=area.id)
    period = _open_period(actor, area)
    return protocol.emergency_form(header=_header(area), first_number=number, lines=lines, period=period)


def emergency_authorisation(*, actor: Actor, area: AreaRef) -> bytes:
    """Return the authorisation to print, filled in as far as the emergency is known."""
    permissions.require(actor, "protocol.emergency", area_id=area.id)
    return protocol.emergency_authorisation(header=_header(area), period=_open_period(actor, area))


def _open_period(actor: Actor, area: AreaRef) -> EmergencyView | None:
    return next((one for one in emergencies(actor=actor, area=area) if one.closed_at is None), None)


def _header(area: AreaRef) -> dict[str, str]:
    return {"administration_name": area.body_name, "aoo": area.code, "aoo_name": area.name}
