"""The actor of a change or a read: every action takes one, and every fact names one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

ActorKind = Literal["staff", "system", "peer", "program"]


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantRef:
    """A role in a body, in one area of it or in all, for one office or for none, between two instants."""

    body_id: UUID
    role: str
    valid_from: datetime
    area_id: UUID | None = None
    office_id: UUID | None = None
    valid_to: datetime | None = None

    def holds_at(self, instant: datetime) -> bool:
        """Say whether the grant is in force at an instant."""
        return self.valid_from <= instant and (self.valid_to is None or instant < self.valid_to)


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts: one of the staff (grants as read at the start of the request), the node, a peer, a program.

    ``offices`` are those where the person works now, ``stands_in_for`` the people whose substitute he is now.
    """

    name: str
    kind: ActorKind
    person_id: UUID | None = None
    grants: tuple[GrantRef, ...] = ()
    service: str = ""
    offices: frozenset[UUID] = frozenset()
    stands_in_for: frozenset[UUID] = frozenset()

    @property
    def people(self) -> frozenset[UUID]:
        """The person himself and those whose substitute he is."""
        return self.stands_in_for if self.person_id is None else self.stands_in_for | {self.person_id}

    @classmethod
    def system(cls, service: str) -> Actor:
        """Return the node itself, acting for one of its parts; it may do everything in the open scope."""
        return cls(name=service, kind="system", service=service)

    @classmethod
    def peer(cls, name: str, *, service: str = "exchange") -> Actor:
        """Return another node or area, known by its certificate; it may do what the role ``peer`` allows."""
        return cls(name=name, kind="peer", service=service)
