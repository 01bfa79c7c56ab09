"""The copies of the register that somebody asked for, and their files."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal
from uuid import UUID

from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions
from crinale.spine.protocol.models import ExportPart, RegisterExport

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.spine.identity import Actor

MOST = 10
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class CopyView:
    """A copy of the register, and how much of it is written."""

    id: UUID
    kind: str
    state: Literal["waiting", "ready", "failed"]
    written: int
    total: int
    file_name: str
    media_type: str
    size: int
    asked_at: datetime
    ended_at: datetime | None

    @property
    def percent(self) -> int:
        """How much is written, of a hundred."""
        return min(100, self.written * 100 // max(1, self.total))


def copies(*, actor: Actor, area_id: UUID) -> list[CopyView]:
    """Return the last copies that the actor asked for, the newest first."""
    permissions.require(actor, "protocol.view", area_id=area_id)
    found = RegisterExport.objects.filter(area_id=area_id, person=actor.person_id or _NOBODY)
    return [copy_view(one) for one in found.order_by("-asked_at")[:MOST]]


def copy(*, actor: Actor, area_id: UUID, copy_id: UUID) -> CopyView:
    """Return a copy that the actor asked for.

    :raises NotVisible: when it is another's, or forgotten by now.
    """
    permissions.require(actor, "protocol.view", area_id=area_id)
    found = RegisterExport.objects.filter(
        id=copy_id, area_id=area_id, person=actor.person_id or _NOBODY
    ).first()
    if found is None:
        raise NotVisible
    return copy_view(found)


def open_copy(*, actor: Actor, area_id: UUID, copy_id: UUID) -> tuple[CopyView, BinaryIO]:
    """Open the file of a ready copy; it is gathered on the disk, piece by piece.

    :raises NotVisible: when it is another's or not ready.
    """
    found = copy(actor=actor, area_id=area_id, copy_id=copy_id)
    if found.state != "ready":
        raise NotVisible
    parts = ExportPart.objects.filter(export_id=copy_id)
    target: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  whoever sends it closes it
    sequences = sorted(parts.values_list("sequence", flat=True))
    target.writelines(parts.values_list("data", flat=True).get(sequence=one) for one in sequences)
    target.seek(0)
    return found, target


def copy_view(one: RegisterExport) -> CopyView:
    """Describe a copy."""
    return CopyView(
        id=one.id,
        kind=one.kind,
        state=one.state,  # type: ignore[arg-type]
        written=one.total if one.state == "ready" else one.written,
        total=one.total,
        file_name=one.file_name,
        media_type=one.media_type,
        size=one.size,
        asked_at=one.asked_at,
        ended_at=one.ended_at,
    )
