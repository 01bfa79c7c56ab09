"""What the system promises about accounts and grants: who may give them, and that they end when they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.identity import Actor, Forbidden, actions, permissions, queries
from crinale.spine.identity.models import Credential, Person
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.spine.tenancy.models import Body

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSWORD = "quattro cavalli in fila"


@pytest.fixture
def town() -> Body:
    return tenancy.create_body(ipa_code="c_f032", name="Massa Marittima", kind="municipality")


@pytest.fixture
def other_town() -> Body:
    return tenancy.create_body(ipa_code="c_i451", name="Sassetta", kind="municipality")


def person(username: str, body: Body | None = None, role: str = "protocol_clerk") -> Person:
    made = actions.create_person(
        actor=SYSTEM, username=username, name=f"Signora {username}", password=PASSWORD
    )
    if body is not None:
        actions.grant_role(actor=SYSTEM, person_id=made.id, body_id=body.id, role=role)
    return made


def actor(made: Person) -> Actor:
    return queries.actor_for_person(made.id)


def test_the_password_is_kept_as_argon2_only() -> None:
    made = person("anna")
    assert Credential.objects.get(person=made).password.startswith("argon2$")


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 257,
        "anna e il suo segreto",
        "signora anna 1",
        "aaabbbaaabbbaaa",
        "1qaz2wsx3edc",
        "qwertyuiop123",
    ],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid, match="password"):
        actions.create_person(actor=SYSTEM, username="anna", name="Signora Anna", password=password)


def test_a_user_name_is_one_person_s_in_any_case() -> None:
    made = person("Anna")
    assert queries.person_by_username(" ANNA") == made
    with pytest.raises(actions.UsernameTaken):
        person("aNNa")


def test_the_actor_has_the_grants_not_yet_over(town: Body, other_town: Body) -> None:
    with clock.frozen(NOW):
        anna = person("anna", town)
        actions.grant_role(
            actor=SYSTEM,
            person_id=anna.id,
            body_id=other_town.id,
            role="reader",
            valid_to=NOW + timedelta(days=1),
        )
        assert [body.name for body in queries.staff_bodies(actor(anna))] == ["Massa Marittima", "Sassetta"]
    with clock.frozen(NOW + timedelta(days=1)):
        assert [body.name for body in queries.staff_bodies(actor(anna))] == ["Massa Marittima"]


def test_a_revoked_grant_ends_at_once_and_stays_as_history(town: Body) -> None:
    with clock.frozen(NOW):
        anna = person("anna")
        grant = actions.grant_role(actor=SYSTEM, person_id=anna.id, body_id=town.id, role="reader")
        before = actor(anna)
    with clock.frozen(NOW + timedelta(hours=1)):
        actions.revoke_grant(actor=SYSTEM, grant_id=grant.id)
        with scope(town.id):
            assert permissions.allows(before, "records.read")
            assert not permissions.allows(actor(anna), "records.read")
    grant.refresh_from_db()
    assert (grant.valid_from, grant.valid_to) == (NOW, NOW + timedelta(hours=1))


def test_an_area_must_be_of_the_body(town: Body, other_town: Body) -> None:
    area = tenancy.create_area(body_id=other_town.id, code="A1B2C3D", name="Protocollo")
    anna = person("anna")
    with pytest.raises(Invalid, match="area"):
        actions.grant_role(actor=SYSTEM, person_id=anna.id, body_id=town.id, role="reader", area_id=area.id)
    actions.grant_role(actor=SYSTEM, person_id=anna.id, body_id=other_town.id, role="reader", area_id=area.id)
    assert [found.code for found in queries.staff_areas(actor(anna))] == ["A1B2C3D"]


@pytest.mark.parametrize("role", ["peer", "emperor"])
def test_only_roles_for_people_are_granted(town: Body, role: str) -> None:
    with pytest.raises(Invalid, match="role"):
        actions.grant_role(actor=SYSTEM, person_id=person("anna").id, body_id=town.id, role=role)


def test_an_administrator_rules_in_one_body_only(town: Body, other_town: Body) -> None:
    admin = actor(person("ada", town, "administrator"))
    clerk = person("carlo")
    actions.grant_role(actor=admin, person_id=clerk.id, body_id=town.id, role="reader")
    with pytest.raises(Forbidden):
        actions.grant_role(actor=admin, person_id=clerk.id, body_id=other_town.id, role="reader")
    with pytest.raises(Forbidden):
        actions.grant_role(actor=actor(clerk), person_id=clerk.id, body_id=town.id, role="administrator")
    with pytest.raises(Forbidden):
        actions.create_person(actor=actor(clerk), username="dario", name="Dario")


def test_no_administrator_takes_over_a_colleague_of_another_body(town: Body, other_town: Body) -> None:
    admin = actor(person("ada", town, "administrator"))
    shared = person("carlo", town)
    actions.set_password(actor=admin, person_id=shared.id, password="un altro segreto lungo")
    actions.grant_role(actor=SYSTEM, person_id=shared.id, body_id=other_town.id, role="reader")
    with pytest.raises(Forbidden):
        actions.set_password(actor=admin, person_id=shared.id, password="ancora un segreto lungo")
    with pytest.raises(Forbidden):
        actions.deactivate_person(actor=admin, person_id=shared.id)
    actions.set_password(actor=actor(shared), person_id=shared.id, password="il mio segreto lungo")


def test_a_grant_not_yet_begun_protects_a_colleague_too(town: Body, other_town: Body) -> None:
    with clock.frozen(NOW):
        admin = actor(person("ada", town, "administrator"))
        leaving = person("carlo", town)
        actions.grant_role(
            actor=SYSTEM,
            person_id=leaving.id,
            body_id=other_town.id,
            role="administrator",
            valid_from=NOW + timedelta(days=7),
        )
        with pytest.raises(Forbidden):
            actions.set_password(actor=admin, person_id=leaving.id, password="un segreto per domani")
        with pytest.raises(Forbidden):
            actions.deactivate_person(actor=admin, person_id=leaving.id)


def test_a_grant_that_is_over_protects_no_more(town: Body, other_town: Body) -> None:
    with clock.frozen(NOW):
        admin = actor(person("ada", town, "administrator"))
        stayed = person("carlo", town)
        actions.grant_role(
            actor=SYSTEM,
            person_id=stayed.id,
            body_id=other_town.id,
            role="reader",
            valid_to=NOW + timedelta(days=1),
        )
    with clock.frozen(NOW + timedelta(days=1)):
        actions.set_password(actor=admin, person_id=stayed.id, password="un altro segreto lungo")


def test_a_closed_account_acts_no_more(town: Body) -> None:
    anna = person("anna", town)
    actions.deactivate_person(actor=SYSTEM, person_id=anna.id)
    with pytest.raises(NotVisible):
        actor(anna)
    with pytest.raises(actions.WrongCredentials):
        actions.sign_in(username="anna", password=PASSWORD)
