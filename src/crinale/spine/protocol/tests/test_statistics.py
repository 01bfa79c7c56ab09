"""The figures of the register: right, few questions, and no trace of what may not be seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crinale.kernel import clock, ids
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.protocol import actions, queries
from crinale.spine.protocol.tests.town import SYSTEM, Town

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoAssertNumQueries

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import Figures

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # 10:30 in Rome
DAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def this_morning() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def _figures(town: Town, actor: Actor = SYSTEM) -> Figures:
    return queries.statistics(actor=actor, area_id=town.area_id, since=DAY, until=DAY + timedelta(days=1))


def test_registrations_are_counted_by_everything_in_one_question(
    town: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for minutes in (10, 20, 30, 40, 50, 60, 70, 80, 90, 100):
        town.receive(arrived_at=NOW - timedelta(minutes=minutes))
    actions.assign(actor=SYSTEM, registration_id=town.receive(channel="post").id, office_id=town.office_id)
    with clock.frozen(NOW + timedelta(hours=14)):  # the day after, in Rome
        sent = town.send()
        actions.annul(actor=SYSTEM, registration_id=sent.id, act="Decreto 1", reason="Doppione")
    town_actor = town.clerk("records_manager")
    with django_assert_num_queries(1):
        found = _figures(town, town_actor)
    assert (found.whole.count, found.whole.annulled, found.whole.timed) == (12, 1, 10)
    assert found.whole.median == pytest.approx(55 * 60)
    assert found.whole.ninth == pytest.approx(91 * 60)
    assert [(one.name, one.count) for one in found.by_direction] == [("incoming", 11), ("outgoing", 1)]
    assert {one.name: one.count for one in found.by_channel}["post"] == 1
    assert {one.name: one.count for one in found.by_office} == {"": 11, "Ufficio tecnico": 1}
    assert [(one.name, one.count) for one in found.by_hour] == [("0", 1), ("10", 11)]
    assert [(one.name, one.count) for one in found.by_day] == [("2026-11-24", 11), ("2026-11-25", 1)]


def test_an_empty_period_has_figures_too(town: Town) -> None:
    found = _figures(town)
    assert (found.whole.count, found.whole.median, found.by_day) == (0, None, ())


def test_the_figures_of_a_stranger_do_not_change_with_confidential_registrations(town: Town) -> None:
    town.receive()
    reader, head = town.clerk("reader", person_id=ids.new_id()), town.clerk("records_manager")
    mine = town.clerk("protocol_clerk", person_id=ids.new_id())
    before = _figures(town, reader), _figures(town, head).whole.count
    town.receive(confidential=True, channel="post", arrived_at=NOW - timedelta(days=30))
    own = town.receive(actor=mine, confidential=True)
    assert own.confidential
    assert _figures(town, reader) == before[0]
    assert _figures(town, head).whole.count == before[1] + 2
    assert _figures(town, mine).whole.count == before[0].whole.count + 1


def test_only_who_sees_the_register_has_figures_and_for_a_year_at_most(town: Town, other_town: Town) -> None:
    with pytest.raises(NotVisible):
        queries.statistics(actor=town.clerk(), area_id=town.area_id, since=DAY, until=DAY)
    assert queries.statistics(actor=SYSTEM, area_id=other_town.area_id, since=DAY, until=DAY).whole.count == 0
    for until in (DAY - timedelta(days=1), DAY + timedelta(days=400)):
        with pytest.raises(Invalid):
            queries.statistics(actor=SYSTEM, area_id=town.area_id, since=DAY, until=until)
