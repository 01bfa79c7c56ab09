"""Two bodies and their people, for the tests of identity."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crinale.spine.audit.models import FactRow
from crinale.spine.identity import Actor, actions, queries
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity.models import Person
    from crinale.spine.tenancy.models import Area, Body

SYSTEM = Actor.system("tests")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSWORD = "quattro cavalli in fila"


def make_town(ipa_code: str = "c_f032", name: str = "Massa Marittima") -> Body:
    return tenancy.create_body(ipa_code=ipa_code, name=name, kind="municipality")


def make_area(body: Body, code: str = "A1B2C3D") -> Area:
    return tenancy.create_area(body_id=body.id, code=code, name="Protocollo")


def make_person(username: str, *bodies: Body, role: str = "protocol_clerk") -> Person:
    made = actions.create_person(
        actor=SYSTEM, username=username, name=f"Signora {username.title()}", password=PASSWORD
    )
    for body in bodies:
        actions.grant_role(actor=SYSTEM, person_id=made.id, body_id=body.id, role=role)
    return made


def actor(person: Person) -> Actor:
    return queries.actor_for_person(person.id)


def facts(body_id: UUID) -> list[str]:
    """The kinds of the facts of a body, in order."""
    with scope(body_id):
        return list(FactRow.objects.filter(body_id=body_id).order_by("id").values_list("kind", flat=True))
