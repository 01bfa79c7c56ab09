"""People at their desks in a town: with a role, an office, somebody for whom they stand in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crinale.spine.identity import Actor
from crinale.spine.identity import actions as identity
from crinale.spine.tenancy import actions as tenancy

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.protocol.tests.town import Town

ROOT = Actor.system("tests")


@dataclass(frozen=True)
class Desk:
    """The people of a town."""

    town: Town

    def person(
        self,
        name: str,
        *,
        role: str = "reader",
        offices: tuple[UUID, ...] = (),
        for_whom: tuple[Actor, ...] = (),
    ) -> Actor:
        """Make a person who holds a role in the town's area; return him as an actor."""
        made = identity.create_person(actor=ROOT, username=name.replace(" ", "."), name=name)
        identity.grant_role(
            actor=ROOT, person_id=made.id, body_id=self.town.body_id, area_id=self.town.area_id, role=role
        )
        return replace(
            self.town.clerk(role, person_id=made.id),
            name=name,
            offices=frozenset(offices),
            stands_in_for=frozenset(one.person_id for one in for_whom if one.person_id),
        )

    def office(self, code: str, name: str) -> UUID:
        """Make another office of the area."""
        return tenancy.create_office(area_id=self.town.area_id, code=code, name=name).id
