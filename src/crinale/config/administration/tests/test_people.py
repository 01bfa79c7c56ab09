"""Accounts and roles are given from the console; a password is never an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.config import console as console_module
from crinale.config.administration.tests.conftest import SECRET
from crinale.kernel import clock
from crinale.spine.identity import actions, permissions, queries

if TYPE_CHECKING:
    from crinale.config.administration.tests.conftest import Console

ANNA = ("person", "add", "anna.verdi", "--name", "Anna Verdi")
CLERK = ("--person", "anna.verdi", "--body", "c_f032", "--role", "protocol_clerk")


def test_a_person_signs_in_with_the_password_that_was_piped(console: Console) -> None:
    console.do(*ANNA, "--email", "anna@example.org", given=f"{SECRET}\n")
    assert actions.sign_in(username="anna.verdi", password=SECRET).name == "Anna Verdi"
    other = "un'altra frase quieta"
    console.do("person", "password", "anna.verdi", given=f"{other}\n")
    assert actions.sign_in(username="anna.verdi", password=other).active


def test_facts_of_accounts_belong_to_the_node_and_tell_no_password(lasting_console: Console) -> None:
    lasting_console.do(*ANNA, given=f"{SECRET}\n")
    lasting_console.do("person", "password", "anna.verdi", given=f"{SECRET} davvero\n")
    lasting_console.do("person", "deactivate", "anna.verdi")
    told = [
        fact
        for kind in ("person.created", "person.password_set", "person.deactivated")
        for fact in lasting_console.facts(kind)
    ]
    assert [fact["username"] for fact in told] == ["anna.verdi"] * 3
    assert {fact["actor"] for fact in told} == {"console"}
    assert all(str(fact["service"]).startswith("console: ") for fact in told)
    assert SECRET not in str(told)


def test_at_a_terminal_the_password_is_asked_twice(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    # Under the runner standard input is a pipe; what it gives is typed.
    monkeypatch.setattr(console_module, "at_a_terminal", lambda: True)
    said = console.do(*ANNA, given=f"{SECRET}\nmistyped words\n{SECRET}\n{SECRET}\n")
    assert "The two entered values do not match" in said
    assert SECRET not in said
    assert actions.sign_in(username="anna.verdi", password=SECRET).active


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        (ANNA, "", "No password"),
        (ANNA, "corta\n", "password: write 12 to 256 characters"),
        (ANNA, "anna.verdi.anna.verdi\n", "password: do not use the user name"),
        (
            ("person", "add", "mario rossi", "--name", "Mario Rossi"),
            f"{SECRET}\n",
            "'USERNAME': write a user name",
        ),
        (
            ("person", "add", "Mario.Rossi", "--name", "X"),
            f"{SECRET}\n",
            "'USERNAME': Mario.Rossi is somebody's",
        ),
        ((*ANNA, "--tax-code", "RSSMRA80A01F032X"), f"{SECRET}\n", "'--tax-code'"),
        (("person", "password", "nobody"), f"{SECRET}\n", "'USERNAME': nobody has the user name nobody"),
    ],
)
def test_a_person_with_a_mistake_is_refused(
    console: Console, words: tuple[str, ...], given: str, said: str
) -> None:
    console.do("person", "add", "mario.rossi", "--name", "Mario Rossi", given=f"{SECRET}\n")
    assert said in console.refuse(*words, given=given)


def test_a_closed_account_signs_in_no_more(console: Console) -> None:
    console.do(*ANNA, given=f"{SECRET}\n")
    console.do("person", "deactivate", "anna.verdi")
    with pytest.raises(actions.WrongCredentials):
        actions.sign_in(username="anna.verdi", password=SECRET)
    assert "closed" in console.do("person", "list")
    assert "is closed already" in console.refuse("person", "deactivate", "anna.verdi")


def test_a_role_is_granted_with_dates_and_revoked(console: Console) -> None:
    console.with_a_town().do(*ANNA, given=f"{SECRET}\n")
    console.do("role", "grant", *CLERK, "--area", "AF03201", "--from", "2026-01-01", "--until", "2126-01-01")
    anna = queries.person_by_username("anna.verdi")
    assert anna is not None
    (held,) = queries.actor_for_person(anna.id).grants
    assert held.valid_from.astimezone(clock.ROME).isoformat() == "2026-01-01T00:00:00+01:00"
    assert permissions.allows(
        queries.actor_for_person(anna.id), "protocol.register", area_id=held.area_id, body_id=held.body_id
    )
    listed = console.do("person", "list")
    assert "protocol_clerk" in listed
    assert "from 2026-01-01 until 2126-01-01" in listed

    assert "does not hold protocol_clerk for the whole of c_f032" in console.refuse("role", "revoke", *CLERK)
    console.do("role", "revoke", *CLERK, "--area", "AF03201")
    assert queries.actor_for_person(anna.id).grants == ()
    assert len(console.facts("role.granted")) == len(console.facts("role.revoked")) == 1
    console.do("role", "grant", *CLERK, "--area", "AF03201")


def test_a_role_to_come_can_be_revoked_and_given_again(console: Console) -> None:
    console.with_a_town().do(*ANNA, given=f"{SECRET}\n")
    console.do("role", "grant", *CLERK, "--from", "2126-01-01")
    assert "holds protocol_clerk there already" in console.refuse("role", "grant", *CLERK)
    console.do("role", "revoke", *CLERK)
    assert "does not hold" in console.refuse("role", "revoke", *CLERK)
    console.do("role", "grant", *CLERK)


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (
            ("--person", "nobody", "--body", "c_f032", "--role", "reader"),
            "'--person': nobody has the user name nobody",
        ),
        (("--person", "anna.verdi", "--body", "c_x", "--role", "reader"), "'--body': no body"),
        (
            ("--person", "anna.verdi", "--body", "c_f032", "--role", "boss"),
            "'--role': there is no role boss: choose one of administrator,",
        ),
        (
            ("--person", "anna.verdi", "--body", "c_f032", "--role", "reader", "--area", "AI45401"),
            "'--area': choose an area of this body",
        ),
        (
            (
                "--person",
                "anna.verdi",
                "--body",
                "c_f032",
                "--role",
                "reader",
                "--from",
                "2026-01-02",
                "--until",
                "2026-01-01",
            ),
            "'--until': a grant ends after it begins",
        ),
    ],
)
def test_a_grant_with_a_mistake_is_refused(console: Console, mistake: tuple[str, ...], said: str) -> None:
    console.with_a_town().do(*ANNA, given=f"{SECRET}\n")
    console.do("body", "add", "c_i454", "--name", "Comune di Sassetta")
    console.do("area", "add", "AI45401", "--body", "c_i454", "--name", "Protocollo")
    assert said in console.refuse("role", "grant", *mistake)


def test_the_roles_say_what_they_allow(console: Console) -> None:
    said = console.do("role", "list")
    for role in permissions.roles():
        assert role.code in said
