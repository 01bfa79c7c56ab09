"""What is put in the index and what is found in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One findable thing. ``names`` are the people and bodies in it; ``restricted`` hides it from most.

    ``year`` is that of ``occurred_at`` in Rome, which a search narrowed to a year relies on.
    """

    area_id: UUID
    kind: str
    object_id: UUID
    title: str
    occurred_at: datetime
    names: str = ""
    year: int | None = None
    number: int | None = None
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found."""

    object_id: UUID
    area_id: UUID
    kind: str
    year: int | None
    number: int | None
    title: str
    names: str
    restricted: bool
    occurred_at: datetime

    @property
    def position(self) -> Position:
        """Where the next page begins, when this is the last hit of this one."""
        return Position(self.occurred_at, self.object_id)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order of hits: newest first."""

    occurred_at: datetime
    object_id: UUID
