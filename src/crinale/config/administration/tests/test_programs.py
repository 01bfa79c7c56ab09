"""Programs are let in at the console: the secret is told once, what is done is a fact, an end is an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.config.administration import programs
from crinale.config.administration.operators import Operator
from crinale.kernel.errors import Invalid
from crinale.spine.audit.models import FactRow
from crinale.spine.identity import programs as known
from crinale.spine.protocol.tests.conftest import ports
from crinale.spine.protocol.tests.town import build_town
from crinale.spine.tenancy import queries as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.config.administration.programs import Made

__all__ = ["ports"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Operator:
    return Operator.at_console()


@pytest.fixture
def made(operator: Operator, ports: None) -> Made:
    area = tenancy.area_by_code(build_town().code)
    assert area is not None
    return programs.add(
        operator=operator,
        name="SUAP",
        area=area,
        scopes=["protocol.read", "protocol.register"],
        days=365,
        requests_per_minute=600,
    )


def good(made: Made, secret: str) -> bool:
    try:
        known.token_by_secret(client_id=str(made.program.id), secret=secret)
    except known.InvalidClient:
        return False
    return True


def test_a_program_gets_a_secret_and_its_coming_is_a_fact_of_the_body(made: Made) -> None:
    assert good(made, made.secret)
    (area_id, _scope), *_others = made.program.scopes
    area = tenancy.area(area_id)
    assert area is not None
    with scope(area.body_id):
        fact = FactRow.objects.get(kind="program.added")
    assert fact.payload["scopes"] == ["protocol.read", "protocol.register"]
    assert made.secret not in str(fact.payload)


def scopes_of(made: Made) -> set[str]:
    (actor,) = [known.actor_of(made.program.id)]
    assert actor is not None
    return {one.role.removeprefix("program_") for one in actor.grants}


def test_scopes_are_given_and_taken_with_facts(operator: Operator, made: Made) -> None:
    area = tenancy.area(made.program.scopes[0][0])
    assert area is not None
    client_id = str(made.program.id)
    token = known.token_by_secret(client_id=client_id, secret=made.secret).value
    programs.grant(operator=operator, client_id=client_id, area=area, scopes=["protocol.annul"])
    assert scopes_of(made) == {"protocol.read", "protocol.register", "protocol.annul"}
    programs.withdraw(operator=operator, client_id=client_id, area=area, scopes=["protocol.register"])
    assert scopes_of(made) == {"protocol.read", "protocol.annul"}
    # A token that was given before covers what its program still holds.
    assert {one.role for one in known.bearer(token).actor.grants} == {"program_protocol.read"}
    with scope(area.body_id):
        told = FactRow.objects.filter(kind__in=["program.granted", "program.withdrawn"]).order_by("id")
        assert [one.payload["scopes"] for one in told] == [["protocol.annul"], ["protocol.register"]]
    with pytest.raises(Invalid, match="does not hold"):
        programs.withdraw(operator=operator, client_id=client_id, area=area, scopes=["protocol.register"])
    with pytest.raises(Invalid, match="no scope"):
        programs.grant(operator=operator, client_id=client_id, area=area, scopes=["protocol.everything"])
    # What was taken may be given again.
    programs.grant(operator=operator, client_id=client_id, area=area, scopes=["protocol.register"])
    assert "protocol.register" in scopes_of(made)


def test_a_revoked_program_gets_nothing_more(operator: Operator, made: Made) -> None:
    area = tenancy.area(made.program.scopes[0][0])
    assert area is not None
    client_id = str(made.program.id)
    programs.revoke(operator=operator, client_id=client_id)
    with pytest.raises(Invalid, match="revoked"):
        programs.grant(operator=operator, client_id=client_id, area=area, scopes=["protocol.annul"])


def test_renewing_keeps_the_one_before_for_a_while(operator: Operator, made: Made) -> None:
    again = programs.renew(operator=operator, client_id=str(made.program.id), days=365)
    assert good(made, made.secret)
    assert good(made, again.secret)
    third = programs.renew(operator=operator, client_id=str(made.program.id), days=365)
    assert [good(made, one) for one in (made.secret, again.secret, third.secret)] == [False, True, True]


def test_revoking_ends_it_and_cannot_be_done_twice(operator: Operator, made: Made) -> None:
    programs.revoke(operator=operator, client_id=str(made.program.id))
    assert not good(made, made.secret)
    with pytest.raises(Invalid, match="already"):
        programs.revoke(operator=operator, client_id=str(made.program.id))
    with pytest.raises(Invalid, match="revoked"):
        programs.renew(operator=operator, client_id=str(made.program.id), days=1)


@pytest.mark.parametrize("client_id", ["nobody", "01936b5e-0000-7000-8000-000000000000"])
def test_a_program_that_is_none_is_told(operator: Operator, client_id: str) -> None:
    with pytest.raises(Invalid, match="program list"):
        programs.revoke(operator=operator, client_id=client_id)
