"""Emergencies of an area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions
from crinale.spine.protocol import queries as protocol

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import EmergencyView
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
