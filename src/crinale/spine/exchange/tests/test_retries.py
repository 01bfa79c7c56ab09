"""Failures are tried again on the schedule of Allegato 6, then escalated; a silent recipient becomes an
incident.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine import tenancy
from crinale.spine.exchange import actions, queries
from crinale.spine.exchange.models import IndexedArea, Message
from crinale.spine.exchange.tests.test_exchange import registered_in_sassetta
from crinale.spine.protocol import queries as protocol
from crinale.spine.protocol.tests.town import SYSTEM

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.queries import IncidentView
    from crinale.spine.exchange.tests.pair import Pair

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _legal_schedule(settings: object) -> None:
    settings.CRINALE_RETRY_SCALE = 1.0  # type: ignore[attr-defined]


def incidents(pair: Pair, message_id: UUID) -> list[IncidentView]:
    with tenancy.scope(pair.massa.body_id):
        return list(queries.message(actor=SYSTEM, message_id=message_id).incidents)


def test_a_recipient_that_is_down_for_a_while_gets_it_once(pair: Pair) -> None:
    start = clock.now()
    pair.wire.fail("connection", "timeout")
    with clock.frozen(start):
        view = pair.send()
        pair.run()
    for hours, calls in ((1.9, 1), (2.01, 2), (3.9, 2), (4.01, 3)):
        with clock.frozen(start + hours * HOUR):
            pair.tick()
            assert pair.wire.calls.count("forward") == calls
    assert pair.sent(view.id).state == "registered"
    assert registered_in_sassetta(pair) == 1
    assert [one.kind for one in pair.story(pair.massa, pair.sent(view.id).id)][:3] == [
        "sealed",
        "attempt_failed",
        "attempt_failed",
    ]


def test_after_the_third_retry_it_has_failed_and_a_blocking_incident_names_whom_to_call(pair: Pair) -> None:
    start = clock.now()
    pair.wire.fail(*["fault"] * 4)
    with clock.frozen(start):
        view = pair.send()
        pair.run()
    for hours in (2.01, 4.01, 8.01, 16, 100):
        with clock.frozen(start + hours * HOUR):
            pair.tick()
    sent = pair.sent(view.id)
    assert (sent.state, sent.next_attempt_at, pair.wire.calls) == ("failed", None, ["forward"] * 4)
    (incident,) = incidents(pair, sent.id)
    assert (incident.kind, incident.blocking) == ("retries_exhausted", True)
    assert incident.contact["phone"] == "0566 1"
    assert incident.contact["emails"] == ["protocollo@comune.example.it"]

    manager = pair.massa.clerk("records_manager")
    with tenancy.scope(pair.massa.body_id):
        box = queries.queue(actor=manager, area_id=pair.massa.area_id, box="incidents")
        assert ([one.id for one in box.rows], box.counts["incidents"]) == ([sent.id], 1)
        with pytest.raises(NotVisible):
            actions.record_workaround(
                actor=pair.massa.clerk("reader"),
                incident_id=incident.id,
                workaround="PEC",
                restore_expected_at=None,
            )
        with pytest.raises(Invalid):
            actions.record_workaround(
                actor=manager, incident_id=incident.id, workaround=" ", restore_expected_at=None
            )
        actions.record_workaround(
            actor=manager,
            incident_id=incident.id,
            workaround="Inviare per PEC",
            restore_expected_at=start + 48 * HOUR,
        )
        actions.retry_now(actor=manager, message_id=sent.id)
    pair.run()
    assert pair.sent(view.id).state == "registered"
    (incident,) = incidents(pair, sent.id)
    assert incident.workaround == "Inviare per PEC"
    assert incident.closed_at is not None
    with tenancy.scope(pair.massa.body_id), pytest.raises(Conflict):
        actions.close_incident(actor=manager, incident_id=incident.id, note="Risolto")


def test_a_demonstration_network_retries_sooner(pair: Pair, settings: object) -> None:
    settings.CRINALE_RETRY_SCALE = 0.001  # type: ignore[attr-defined]
    start = clock.now()
    pair.wire.fail("timeout")
    with clock.frozen(start):
        view = pair.send()
        pair.run()
    with clock.frozen(start + timedelta(seconds=7.3)):
        pair.tick()
    assert pair.sent(view.id).state == "registered"


def test_our_confirmation_is_tried_again_on_the_same_schedule(pair: Pair) -> None:
    start = clock.now()
    with clock.frozen(start):
        view = pair.send()
        pair.wire.failures.extend([("", ""), ("timeout", "before")])
        pair.run()
    assert pair.sent(view.id).state == "accepted"
    (received,) = pair.received()
    assert (received.state, received.errand, received.failures) == ("registered", "confirm", 1)
    with clock.frozen(start + 2.01 * HOUR):
        pair.tick()
    assert pair.sent(view.id).state == "registered"
    assert [one.errand for one in pair.received()] == [""]


def test_a_confirmation_that_does_not_come_in_three_days_is_a_non_blocking_incident(pair: Pair) -> None:
    start = clock.now()
    pair.by_clerk()
    with clock.frozen(start):
        view = pair.send()
        pair.run()
    sent = pair.sent(view.id)
    with clock.frozen(start + 71.9 * HOUR):
        pair.tick()
        assert incidents(pair, sent.id) == []
    for hours in (72.1, 80):
        with clock.frozen(start + hours * HOUR):
            pair.tick()
    (incident,) = incidents(pair, sent.id)
    assert (incident.kind, incident.blocking, incident.closed_at) == ("confirmation_overdue", False, None)
    with clock.frozen(start + 81 * HOUR):
        with tenancy.scope(pair.sassetta.body_id):
            (received,) = pair.received()
            actions.register_waiting(actor=SYSTEM, message_id=received.id, classification="6.10")
        pair.run()
    assert pair.sent(view.id).state == "registered"
    (incident,) = incidents(pair, sent.id)
    assert incident.closed_at is not None


def test_no_confirmation_is_awaited_where_none_was_requested(pair: Pair) -> None:
    start = clock.now()
    with clock.frozen(start):
        view = pair.send(confirm=False)
        pair.run()
    with clock.frozen(start + 100 * HOUR):
        pair.tick()
    assert incidents(pair, pair.sent(view.id).id) == []


def test_what_a_crash_left_behind_is_taken_up(pair: Pair) -> None:
    view = pair.send()
    lose_all_jobs()
    pair.tick()
    assert pair.sent(view.id).state == "sealed"  # its job may still be on its way
    with clock.frozen(clock.now() + timedelta(seconds=31)):
        pair.tick()
    assert pair.sent(view.id).state == "registered"


def lose_all_jobs() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_events")
        cursor.execute("delete from procrastinate_jobs")


def test_an_unforeseen_failure_is_not_tried_again_at_once(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = pair.send()

    def broken(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pair.wire, "forward", broken)
    with pytest.raises(ZeroDivisionError):
        pair.run()
    sent = pair.sent(view.id)
    assert sent.state == "sealed"
    assert sent.next_attempt_at is not None
    assert sent.next_attempt_at > clock.now() + timedelta(seconds=30)
    monkeypatch.undo()
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        pair.tick()


def test_there_is_nothing_to_try_again_once_it_is_registered(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    with tenancy.scope(pair.massa.body_id), pytest.raises(Conflict):
        actions.retry_now(actor=SYSTEM, message_id=pair.sent(view.id).id)


def test_an_area_without_address_is_a_failure_that_a_new_index_cures(pair: Pair) -> None:
    start = clock.now()
    with clock.frozen(start):
        view = pair.send()
        IndexedArea.objects.filter(aoo_code="AAAA002").update(endpoint="")
        pair.run()
    assert "index" in pair.sent(view.id).reason
    pair.list_area(pair.sassetta)
    with clock.frozen(start + 2.01 * HOUR):
        pair.tick()
    assert pair.sent(view.id).state == "registered"


def test_round_trips_are_measured_against_the_service_level(pair: Pair) -> None:
    with clock.frozen(clock.now().replace(month=11, day=24, hour=9)):
        pair.send()
        pair.run()
    with tenancy.scope(pair.massa.body_id):
        year = Message.objects.get(direction="out").created_at.year
        levels = queries.service_levels(actor=SYSTEM, area_id=pair.massa.area_id, year=year, month=11)
        none = queries.service_levels(actor=SYSTEM, area_id=pair.massa.area_id, year=year, month=12)
    assert (levels.calls, levels.within, levels.failed, levels.kept) == (1, 1, 0, True)
    assert (none.calls, none.share_within) == (0, None)


def given_up(pair: Pair, *, beforehand: int) -> None:
    """Let the calls after the first ones fail until no attempt is left."""
    pair.wire.failures.extend([("", "")] * beforehand)
    pair.wire.fail(*["timeout"] * 4)
    pair.run()
    start = clock.now()
    for hours in (2.1, 4.2, 8.3):
        with clock.frozen(start + hours * HOUR):
            pair.tick()
    assert not pair.wire.failures


def test_our_answer_that_never_arrives_is_stuck_until_a_clerk_orders_an_attempt(pair: Pair) -> None:
    view = pair.send()
    given_up(pair, beforehand=1)
    (received,) = pair.received()
    assert (received.state, received.errand, received.stuck) == ("registered", "", True)
    assert (received.owed, received.notified, received.can_retry) == ("confirm", False, True)
    with tenancy.scope(pair.sassetta.body_id):
        actions.retry_now(actor=SYSTEM, message_id=received.id)
    pair.run()
    (received,) = pair.received()
    assert (received.stuck, received.owed, received.notified, received.can_retry) == (False, "", True, False)
    assert pair.sent(view.id).state == "registered"


def test_a_sender_that_asks_again_gets_the_answer_that_was_given_up(pair: Pair) -> None:
    view = pair.send()
    given_up(pair, beforehand=1)
    assert [one.stuck for one in pair.received()] == [True]
    with tenancy.scope(pair.massa.body_id):
        xml = protocol.segnatura_xml(actor=SYSTEM, registration_id=view.id)
    actions.receive_forward(
        area_code="AAAA002",
        peer=pair.wire._peer("AAAA001"),
        segnatura=xml,
        files=[],
        evidence_request=b"<forward/>",
    )
    pair.run()
    assert [(one.stuck, one.notified) for one in pair.received()] == [(False, True)]
    assert pair.sent(view.id).state == "registered"
    assert registered_in_sassetta(pair) == 1


def test_an_annulment_that_nobody_takes_note_of_is_stuck_too(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    with tenancy.scope(pair.massa.body_id):
        actions.annul(actor=SYSTEM, registration_id=view.id, act="Decreto 1", reason="Errore")
    given_up(pair, beforehand=0)
    sent = pair.sent(view.id)
    assert (sent.state, sent.stuck, sent.owed, sent.can_retry) == ("registered", True, "annul", True)


def test_a_message_offers_an_attempt_only_when_one_would_be_made(pair: Pair) -> None:
    """Whatever a row offers, the order is accepted; what it does not offer has nothing that failed."""
    pair.wire.fail("timeout")
    failing = pair.send()
    pair.run()
    pair.wire.retouch = lambda xml: xml.replace(b"parere", b"paRere")
    at_door = pair.send()
    pair.run()
    pair.wire.retouch = bytes
    done = pair.send()
    pair.run()
    offers = {view.id: pair.sent(view.id).can_retry for view in (failing, at_door, done)}
    assert offers == {failing.id: True, at_door.id: True, done.id: False}
    for view in (failing, at_door):
        with tenancy.scope(pair.massa.body_id):
            actions.retry_now(actor=SYSTEM, message_id=pair.sent(view.id).id)
    with tenancy.scope(pair.massa.body_id), pytest.raises(Conflict):
        actions.retry_now(actor=SYSTEM, message_id=pair.sent(done.id).id)
