"""The copies of the register that a clerk asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.spine.protocol import queries as protocol

if TYPE_CHECKING:
    from typing import BinaryIO
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import CopyView
    from crinale.spine.tenancy.queries import AreaRef


def copies(*, actor: Actor, area: AreaRef) -> list[CopyView]:
    """Return the last ones, the newest first."""
    return protocol.copies(actor=actor, area_id=area.id)


def copy(*, actor: Actor, area: AreaRef, copy_id: UUID) -> CopyView:
    """Return one of them.

    :raises NotVisible: when it is another's, or forgotten by now.
    """
    return protocol.copy(actor=actor, area_id=area.id, copy_id=copy_id)


def open_copy(*, actor: Actor, area: AreaRef, copy_id: UUID) -> tuple[CopyView, BinaryIO]:
    """Open the file of a ready one.

    :raises NotVisible: when it is another's or not ready.
    """
    return protocol.open_copy(actor=actor, area_id=area.id, copy_id=copy_id)
