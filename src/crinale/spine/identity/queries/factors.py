"""Questions about second factors: what a person has, and whether one of his bodies asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.kernel import clock
from crinale.spine.identity.models import Authenticator, Passkey, RecoveryCode
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.identity.actor import Actor


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A second factor: ``what`` is authenticator or passkey."""

    id: UUID
    what: str
    name: str
    created_at: datetime
    used_at: datetime | None


def factors(person_id: UUID) -> list[Factor]:
    """Return the second factors of a person, the oldest first; recovery codes are not among them."""
    found = [
        Factor(id=row.id, what=what, name=row.name, created_at=row.created_at, used_at=row.used_at)
        for what, model in (("authenticator", Authenticator), ("passkey", Passkey))
        for row in model.objects.filter(person_id=person_id)
    ]
    return sorted(found, key=lambda one: (one.created_at, one.id))


def recovery_codes_left(person_id: UUID) -> int:
    """Return how many recovery codes of a person are still good."""
    return RecoveryCode.objects.filter(person_id=person_id, used_at=None).count()


def bodies_asking_second_factor(actor: Actor) -> list[str]:
    """Return the names of the actor's bodies that ask for a second factor today."""
    mine = {grant.body_id for grant in actor.grants if grant.holds_at(clock.now())}
    return [
        body.name
        for body in tenancy.bodies()
        if body.id in mine
        and body.second_factor_from is not None
        and body.second_factor_from <= clock.today()
    ]
