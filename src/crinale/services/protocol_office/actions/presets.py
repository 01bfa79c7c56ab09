"""Keep documents that are written again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.services.protocol_office.models import Preset
from crinale.spine.identity import permissions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import PartyData


@dataclass(frozen=True, kw_only=True)
class PresetContent:
    """What a preset fills in."""

    subject: str = ""
    classification: str = ""
    office: str = ""
    parties: Sequence[PartyData] = ()
    groups: Sequence[str] = ()

    def as_json(self) -> dict[str, object]:
        """Give it for a JSON column."""
        return {
            "subject": self.subject,
            "classification": self.classification,
            "office": self.office,
            "parties": [party.as_json() for party in self.parties],
            "groups": list(self.groups),
        }


def open_preset(*, actor: Actor, area_id: UUID, name: str, direction: str, content: PresetContent) -> UUID:
    """Keep a document that is written again and again; return it.

    :raises Invalid: when another one of the area has this name.
    :raises NotVisible: when the actor may not register such documents in the area.
    """
    right = "protocol.register_incoming" if direction == "incoming" else "protocol.register"
    with transaction.atomic(durable=True):
        permissions.require(actor, right, area_id=area_id)
        made = Preset(
            area=area_id,
            name=name,
            direction=direction,
            content=content.as_json(),
            made_at=clock.now(),
            made_by=actor.person_id,
            made_by_name=actor.name[:200],
        )
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:
            raise Invalid("name", "another preset has this name: choose a different one") from error
        return made.id


def close_preset(*, actor: Actor, area_id: UUID, preset_id: UUID) -> None:
    """Take a preset out of use.

    :raises NotVisible: when there is none in use in the area, or the actor may not register there.
    """
    with transaction.atomic(durable=True):
        permissions.require(actor, "protocol.register", area_id=area_id)
        closed = Preset.objects.filter(id=preset_id, area=area_id, closed_at=None).update(
            closed_at=clock.now()
        )
        if not closed:
            raise NotVisible
