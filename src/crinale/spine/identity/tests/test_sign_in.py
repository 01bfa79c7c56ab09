"""What the system promises about signing in: guessing gets slower and slower, and tells not who exists."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import argon2.low_level
import pytest
from django.db import connection

from crinale.kernel import clock
from crinale.spine.identity import Actor, actions, passwords, rules
from crinale.spine.identity.models import AttemptOutcome, Credential, SignInAttempt

if TYPE_CHECKING:
    from crinale.config.testing.databases import TestDatabase

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSWORD = "quattro cavalli in fila"


@pytest.fixture
def anna(db: None) -> str:
    actions.create_person(actor=Actor.system("tests"), username="anna", name="Anna Neri", password=PASSWORD)
    return "anna"


def attempt(username: str, password: str = "wrong") -> str:
    try:
        actions.sign_in(username=username, password=password)
    except actions.SignInDelayed as delayed:
        return f"wait {delayed.wait.total_seconds():.0f}"
    except actions.WrongCredentials:
        return "wrong"
    return "in"


def test_the_right_password_signs_in(anna: str) -> None:
    assert actions.sign_in(username=" Anna", password=PASSWORD).name == "Anna Neri"
    assert attempt(anna) == "wrong"
    assert attempt(anna, "x" * 100_000) == "wrong"


@pytest.mark.parametrize("username", ["anna", "nobody"])
def test_failures_slow_down_known_and_unknown_names_alike(anna: str, username: str) -> None:
    answers = []
    instant = NOW
    with clock.frozen(instant):
        answers += [attempt(username) for _ in range(4)]
    for seconds in (4.9, 0.2, 9.9, 0.2):
        instant += timedelta(seconds=seconds)
        with clock.frozen(instant):
            answers.append(attempt(username))
    assert answers == ["wrong", "wrong", "wrong", "wait 5", "wait 0", "wrong", "wait 0", "wrong"]


def test_during_the_delay_even_the_right_password_waits(anna: str) -> None:
    with clock.frozen(NOW):
        for _ in range(3):
            attempt(anna)
        assert attempt(anna, PASSWORD) == "wait 5"
    with clock.frozen(NOW + timedelta(seconds=5)):
        assert attempt(anna, PASSWORD) == "in"
        assert [attempt(anna) for _ in range(3)] == ["wrong"] * 3, "a success forgets the failures"


def test_refused_attempts_do_not_make_the_delay_longer(anna: str) -> None:
    with clock.frozen(NOW):
        for _ in range(20):
            attempt(anna)
    with clock.frozen(NOW + timedelta(seconds=5)):
        assert attempt(anna, PASSWORD) == "in"


def test_failures_are_forgotten_after_a_day(anna: str) -> None:
    with clock.frozen(NOW):
        for _ in range(3):
            attempt(anna)
    with clock.frozen(NOW + timedelta(days=1, seconds=1)):
        assert [attempt(anna) for _ in range(3)] == ["wrong"] * 3


def test_an_unknown_name_costs_one_hash_like_a_known_one(anna: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[str] = []
    library = argon2.low_level.hash_secret

    def counted(*args: Any, **options: Any) -> bytes:
        spent.append("hash")
        return library(*args, **options)

    def verified(self: object, password: str, encoded: str) -> bool:
        spent.append("hash")
        return False

    monkeypatch.setattr(argon2.low_level, "hash_secret", counted)
    monkeypatch.setattr(passwords.StaffHasher, "verify", verified)
    answers = [attempt(username) for username in ("anna", "nobody")]
    assert (answers, spent) == (["wrong", "wrong"], ["hash", "hash"])


def test_the_log_keeps_what_happened_and_forgets_when_told(anna: str) -> None:
    with clock.frozen(NOW):
        for _ in range(4):
            attempt(anna)
    outcomes = list(SignInAttempt.objects.order_by("id").values_list("outcome", flat=True))
    assert outcomes == [AttemptOutcome.FAILED] * 3 + [AttemptOutcome.DELAYED]
    assert actions.forget_attempts(before=NOW) == 0
    assert actions.forget_attempts(before=NOW + timedelta(seconds=1)) == 4


def test_an_old_hash_is_renewed_at_sign_in(anna: str) -> None:
    weak = passwords.StaffHasher()
    weak.time_cost = 1
    Credential.objects.update(password=weak.encode(PASSWORD, weak.salt()))
    assert attempt(anna, PASSWORD) == "in"
    assert "t=1," not in Credential.objects.get().password


def test_attempts_at_once_do_not_slip_by_each_other(fresh_database: TestDatabase) -> None:
    actions.create_person(actor=Actor.system("tests"), username="anna", name="Anna Neri", password=PASSWORD)
    answers: list[str] = []
    start = threading.Barrier(8)

    def guess() -> None:
        try:
            start.wait()
            answers.append(attempt("anna"))
        finally:
            connection.close()

    with clock.frozen(NOW):
        threads = [threading.Thread(target=guess) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 8
    assert answers.count("wrong") <= rules.FREE_FAILURES


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (2, 0), (3, 5), (4, 10), (5, 20), (10, 640), (11, 900), (10_000, 900)]
)
def test_the_delay_doubles_up_to_a_quarter_of_an_hour(failures: int, seconds: int) -> None:
    assert rules.delay_after(failures) == timedelta(seconds=seconds)
