"""What nobody foresaw does not stop a message silently: after some minutes people are told of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import OperationalError

from crinale.kernel import clock
from crinale.spine import jobs, tenancy
from crinale.spine.exchange import actions, queries
from crinale.spine.exchange.actions import processing
from crinale.spine.exchange.models import Receipt
from crinale.spine.exchange.tests.test_exchange import registered_in_sassetta
from crinale.spine.exchange.tests.test_retries import incidents, lose_all_jobs
from crinale.spine.protocol.tests.town import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crinale.spine.exchange.tests.pair import Pair

pytestmark = pytest.mark.django_db
SECRET = "Giulia Fabbrì"


@pytest.fixture(autouse=True)
def _legal_schedule(settings: object) -> None:
    settings.CRINALE_RETRY_SCALE = 1.0  # type: ignore[attr-defined]


def breaks(error: Exception) -> Callable[..., None]:
    def broken(*_: object, **__: object) -> None:
        raise error

    return broken


def live(pair: Pair, start: datetime, *instants: timedelta) -> None:
    """Let the ticks look at the clock at these instants; what breaks, breaks."""
    for after in instants:
        with clock.frozen(start + after):
            for town in (pair.massa, pair.sassetta):
                with tenancy.scope(town.body_id):
                    actions.retry_due()
            jobs.drain(queues=["exchange"], raise_errors=False)
            lose_all_jobs()  # those that broke wait for a second of the real clock


MINUTES = tuple(timedelta(minutes=minute) for minute in range(0, 12, 2))
HOURS = tuple(timedelta(hours=hours) for hours in (2.2, 4.2, 8.2))


def test_what_cannot_be_sent_is_tried_as_planned_then_escalated(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = clock.now()
    view = pair.send()
    monkeypatch.setattr(pair.wire, "forward", breaks(ValueError(SECRET)))
    live(pair, start, *MINUTES)
    sent = pair.sent(view.id)
    assert (sent.state, sent.failure) == ("sending", "internal")
    assert "internal error" in sent.reason
    live(pair, start, *HOURS)
    sent = pair.sent(view.id)
    assert (sent.state, sent.can_retry) == ("failed", True)
    assert [(one.kind, one.blocking) for one in incidents(pair, sent.id)] == [("retries_exhausted", True)]
    with tenancy.scope(pair.massa.body_id):
        told = [one.data for one in Receipt.objects.filter(message_id=sent.id, kind="attempt_failed")]
    assert len(told) == 4
    assert SECRET not in str(told)
    monkeypatch.undo()
    with tenancy.scope(pair.massa.body_id):
        actions.retry_now(actor=SYSTEM, message_id=sent.id)
    pair.run()
    assert pair.sent(view.id).state == "registered"


def test_what_fails_for_a_moment_goes_on_without_a_trace(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.now()
    view = pair.send()
    with monkeypatch.context() as patch:
        patch.setattr(pair.wire, "forward", breaks(ValueError(SECRET)))
        live(pair, start, *MINUTES[:2])
    live(pair, start, MINUTES[2])
    assert pair.sent(view.id).state == "registered"
    assert "attempt_failed" not in {one.kind for one in pair.story(pair.massa, pair.sent(view.id).id)}


def test_our_confirmation_that_cannot_be_made_is_escalated(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = clock.now()
    pair.send()
    monkeypatch.setattr(pair.wire, "confirm", breaks(FileNotFoundError("AAAA002.key")))
    live(pair, start, *MINUTES, *HOURS)
    (received,) = pair.received()
    assert (received.state, received.stuck, received.owed) == ("registered", True, "confirm")
    with tenancy.scope(pair.sassetta.body_id):
        (incident,) = queries.message(actor=SYSTEM, message_id=received.id).incidents
    assert incident.kind == "retries_exhausted"


def test_what_cannot_be_examined_waits_for_the_clerk(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.now()
    view = pair.send()
    monkeypatch.setattr(processing, "file_anomaly", breaks(RecursionError(SECRET)))
    live(pair, start, *MINUTES[:2])
    assert [one.state for one in pair.received()] == ["accepted"]
    live(pair, start, *MINUTES[2:])
    clerk = pair.sassetta.clerk("protocol_clerk")
    with clock.frozen(start + HOURS[0]), tenancy.scope(pair.sassetta.body_id):
        (waiting,) = queries.queue(actor=clerk, area_id=pair.sassetta.area_id, box="to_register").rows
        assert "could not examine it" in waiting.reason
        assert SECRET not in waiting.reason
        actions.register_waiting(actor=clerk, message_id=waiting.id, classification="6.10")
    live(pair, start, HOURS[1])
    assert registered_in_sassetta(pair) == 1
    assert pair.sent(view.id).state == "registered"


def test_the_loss_of_the_database_is_nobodys_failure(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.now()
    view = pair.send()
    monkeypatch.setattr(pair.wire, "forward", breaks(OperationalError("the server closed the connection")))
    live(pair, start, *MINUTES)
    assert [one.kind for one in pair.story(pair.massa, pair.sent(view.id).id)] == ["sealed"]
    monkeypatch.undo()
    live(pair, start, timedelta(minutes=13))
    assert pair.sent(view.id).state == "registered"
