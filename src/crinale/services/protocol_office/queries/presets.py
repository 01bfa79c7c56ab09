"""Documents that an area writes again and again, as the pages that compose one use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.models import Preset
from crinale.services.protocol_office.queries.reading import may
from crinale.spine.identity import permissions
from crinale.spine.protocol.queries import PartyData

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef

MOST = 100


@dataclass(frozen=True)
class PresetShown:
    """A preset and what it fills in."""

    id: UUID
    name: str
    direction: str
    subject: str
    classification: str
    office: str
    parties: tuple[PartyData, ...]
    groups: tuple[str, ...]
    made_at: datetime
    made_by_name: str

    @property
    def initial(self) -> dict[str, str]:
        """What it writes into the fields of a form."""
        values = {"subject": self.subject, "classification": self.classification, "office": self.office}
        return {name: value for name, value in values.items() if value}


def presets(*, actor: Actor, area: AreaRef, direction: str = "") -> list[PresetShown]:
    """Return the presets of an area in use, by name; none to who may not see its registrations."""
    if not may(actor, "protocol.view", area):
        return []
    found = Preset.objects.filter(area=area.id, closed_at=None)
    if direction:
        found = found.filter(direction=direction)
    return [_shown(row) for row in found.order_by("name")[:MOST]]


def preset(*, actor: Actor, area: AreaRef, preset_id: UUID) -> PresetShown:
    """Return a preset of the area that is in use.

    :raises NotVisible: when there is none for this person.
    """
    permissions.require(actor, "protocol.view", area_id=area.id)
    row = Preset.objects.filter(id=preset_id, area=area.id, closed_at=None).first()
    if row is None:
        raise NotVisible
    return _shown(row)


def preset_named(*, actor: Actor, area: AreaRef, text: str, direction: str) -> PresetShown | None:
    """Return the preset of a direction that an address names; nothing when there is none."""
    try:
        found = preset(actor=actor, area=area, preset_id=UUID(text))
    except (ValueError, NotVisible):
        return None
    return found if found.direction == direction else None


def _shown(row: Preset) -> PresetShown:
    content = row.content
    return PresetShown(
        id=row.id,
        name=row.name,
        direction=row.direction,
        subject=content["subject"],
        classification=content["classification"],
        office=content["office"],
        parties=tuple(PartyData.from_json(one) for one in content["parties"]),
        groups=tuple(content["groups"]),
        made_at=row.made_at,
        made_by_name=row.made_by_name,
    )
