"""Offices, roles, absences and second factors are kept over the years from the console too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp
import pytest

from crinale.config.administration.tests.conftest import SECRET
from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.identity import actions, queries

if TYPE_CHECKING:
    from crinale.config.administration.tests.conftest import Console
    from crinale.spine.identity.models import Person


def _hire(console: Console, username: str, *more: str) -> Person:
    console.do("person", "add", username, "--name", username.title(), given=f"{SECRET}\n")
    console.do("role", "grant", "--person", username, "--body", "c_f032", "--role", "reader", *more)
    found = queries.person_by_username(username)
    assert found is not None
    return found


def test_the_organigram_of_each_day_is_drawn(console: Console) -> None:
    console.with_a_town()
    console.do("office", "add", "AG", "--area", "AF03201", "--name", "Affari generali")
    console.do("office", "add", "TEC", "--area", "AF03201", "--name", "Tecnico", "--from", "2026-01-01")
    console.do("office", "move", "TEC", "--area", "AF03201", "--parent", "AG", "--on", "2126-01-01")
    tree = ("office", "tree", "--body", "c_f032", "--on")
    assert [line.split()[0] for line in console.do(*tree, "2025-06-01").splitlines()] == ["Affari"]
    assert "\n  Tecnico" not in "\n" + console.do(*tree, "2125-12-31")
    assert "\n  Tecnico" in console.do(*tree, "2126-01-01")
    said = console.refuse("office", "close", "AG", "--area", "AF03201", "--on", "2127-01-01")
    assert "other offices stand under it" in said
    console.do("office", "close", "TEC", "--area", "AF03201", "--on", "2127-01-01")
    assert "Tecnico" not in console.do(*tree, "2127-01-01")
    kinds = ("office.created", "office.moved", "office.closed")
    assert [len(console.facts(kind)) for kind in kinds] == [2, 1, 1]
    assert "'--parent'" in console.refuse("office", "move", "AG", "--area", "AF03201", "--parent", "NO")


def test_a_role_for_an_office_is_looked_at_again(console: Console) -> None:
    console.with_a_town().do("office", "add", "AG", "--area", "AF03201", "--name", "Affari generali")
    anna = _hire(console, "anna", "--office", "AG")
    assert len(queries.actor_for_person(anna.id).offices) == 1
    assert "Every role was looked at" in console.do("role", "review", "--body", "c_f032")
    with clock.frozen(clock.now().replace(year=clock.now().year + 2, day=1)):
        assert "anna" in console.do("role", "review", "--body", "c_f032")
        console.do("role", "confirm", "--person", "anna", "--body", "c_f032", "--role", "reader")
        assert "Every role was looked at" in console.do("role", "review", "--body", "c_f032")
    assert "'--office'" in console.refuse(
        "role", "grant", "--person", "anna", "--body", "c_f032", "--role", "reader", "--office", "NO"
    )


def test_who_is_away_has_a_substitute_and_who_leaves_has_nothing(console: Console) -> None:
    console.with_a_town()
    anna, bruno = _hire(console, "anna"), _hire(console, "bruno")
    today = clock.today()
    days = ("--from", today.isoformat(), "--until", today.replace(year=today.year + 1, day=1).isoformat())
    console.do("person", "absence", "anna", "--substitute", "bruno", *days)
    assert queries.actor_for_person(bruno.id).stands_in_for == {anna.id}
    assert "'--on'" in console.refuse("person", "leave", "anna", "--on", "2020-01-01")
    console.do("person", "leave", "anna")
    with pytest.raises(NotVisible):
        queries.actor_for_person(anna.id)
    assert queries.actor_for_person(bruno.id).stands_in_for == frozenset()
    console.do("person", "reactivate", "anna")
    assert queries.actor_for_person(anna.id).grants == ()
    console.do("person", "leave", "bruno", "--body", "c_f032")
    assert queries.actor_for_person(bruno.id).grants == ()


def test_a_second_factor_is_asked_for_and_taken_away(console: Console) -> None:
    console.with_a_town()
    anna = _hire(console, "anna")
    console.do("person", "second-factor", "require", "--body", "c_f032")
    actor = queries.actor_for_person(anna.id)
    assert queries.bodies_asking_second_factor(actor) == ["Comune di Massa Marittima"]
    prepared = actions.prepare_authenticator(actor=actor)
    code = pyotp.TOTP(prepared.secret).at(clock.now())
    actions.add_authenticator(actor=actor, sealed=prepared.sealed, code=code, name="Telefono")
    console.do("person", "second-factor", "reset", "anna")
    assert queries.factors(anna.id) == []
    console.do("person", "second-factor", "require", "--body", "c_f032", "--not")
    assert queries.bodies_asking_second_factor(actor) == []
