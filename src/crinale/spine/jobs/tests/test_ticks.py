"""What the system promises about ticks: one worker takes each, and one failure does not stop the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from crinale.spine import jobs
from crinale.spine.audit import actions as audit
from crinale.spine.jobs import ticks
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import current, scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _only_mine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "_ticks", {})


def counted(calls: list[UUID | None]) -> Callable[[], None]:
    def tick() -> None:
        calls.append(current())

    return tick


def test_a_tick_runs_when_its_time_has_come_again() -> None:
    calls: list[UUID | None] = []
    made = jobs.periodic(seconds=60)(counted(calls))
    assert [jobs.run_ticks(due_only=True) for _ in range(3)] == [1, 0, 0]
    with connection.cursor() as cursor:
        cursor.execute(
            "update jobs_tick set claimed_at = claimed_at - interval '61 seconds' where name = %s",
            [made.name],
        )
    assert jobs.run_ticks(due_only=True) == 1
    assert jobs.run_ticks() == 1, "asked for, it runs at any time"
    assert calls == [None] * 3


def test_a_clock_of_the_server_that_went_back_does_not_stop_the_ticks() -> None:
    made = jobs.periodic(seconds=1)(counted([]))
    assert ticks.claim(made)
    with connection.cursor() as cursor:
        cursor.execute("update jobs_tick set claimed_at = claimed_at + interval '1 day'")
    assert ticks.claim(made)


def test_a_tick_per_body_runs_in_every_scope_even_if_one_fails(caplog: pytest.LogCaptureFixture) -> None:
    bodies = [tenancy.create_body(ipa_code=code, name=code, kind="municipality").id for code in "abc"]
    seen = []

    @jobs.periodic(seconds=1, per_body=True)
    def look(*, body_id: UUID) -> None:
        assert current() == body_id
        seen.append(body_id)
        if body_id == min(bodies):
            raise LookupError("only here")

    with scope(bodies[2]):
        assert jobs.run_ticks() == 1
    assert seen == sorted(bodies)
    assert "only here" in caplog.text


def test_a_failing_tick_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[UUID | None] = []

    @jobs.periodic(seconds=1)
    def broken() -> None:
        raise LookupError("broken here")

    jobs.periodic(seconds=1)(counted(calls))
    assert jobs.run_ticks() == 2
    assert calls == [None]
    assert "broken here" in caplog.text


def test_the_node_seals_facts_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from crinale.spine.jobs import housekeeping

    sealed = []
    monkeypatch.setattr(audit, "seal", lambda: sealed.append(1))
    housekeeping.seal_facts()
    assert sealed == [1]
