"""A confidential document that is exchanged leaves no trace for those who may not see it."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.kernel.ids import new_id
from crinale.spine import tenancy
from crinale.spine.exchange import actions, queries
from crinale.spine.protocol.tests.town import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from psycopg import Cursor

    from crinale.spine.exchange.tests.pair import Pair
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.tests.town import Town


def told(town: Town, actor: Actor) -> list[object]:
    """Everything that the queue of a town tells an actor."""
    with tenancy.scope(town.body_id):
        return [
            queries.queue_sizes(actor=actor, area_id=town.area_id),
            *(queries.queue(actor=actor, area_id=town.area_id, box=box) for box in queries.BOXES),
        ]


def in_every_box(pair: Pair, *, confidential: bool) -> None:
    """Fill the boxes of both towns: delivered, failed, refused at the door, waiting."""
    pair.send(confidential=confidential)
    pair.run()
    pair.wire.fail("timeout")
    pair.send(confidential=confidential)
    pair.run()
    pair.wire.retouch = lambda xml: xml.replace(b"parere", b"paRere")
    pair.send(confidential=confidential)
    pair.run()
    pair.wire.retouch = bytes
    pair.by_clerk()
    pair.send(confidential=confidential)
    pair.run()


def test_the_queue_tells_a_reader_the_same_with_and_without_confidential_messages(pair: Pair) -> None:
    in_every_box(pair, confidential=False)
    people = [(town, town.clerk("reader", person_id=new_id())) for town in (pair.massa, pair.sassetta)]
    before = [told(town, actor) for town, actor in people]
    manager = told(pair.massa, pair.massa.clerk("records_manager"))
    in_every_box(pair, confidential=True)
    assert [told(town, actor) for town, actor in people] == before
    assert told(pair.massa, pair.massa.clerk("records_manager")) != manager


def test_service_levels_do_not_count_confidential_messages_for_a_reader(pair: Pair) -> None:
    working_hour = datetime(2026, 11, 24, 9, tzinfo=UTC)

    def calls(role: str) -> int:
        actor = pair.massa.clerk(role, person_id=new_id())
        with tenancy.scope(pair.massa.body_id):
            found = queries.service_levels(actor=actor, area_id=pair.massa.area_id, year=2026, month=11)
        return found.calls

    with clock.frozen(working_hour):
        for confidential in (False, True):
            pair.send(confidential=confidential)
            pair.run()
        assert calls("reader") == 1
        assert calls("records_manager") == 2


def read_file(message_id: UUID, actor: Actor) -> bytes:
    with queries.open_arrived_file(actor=actor, message_id=message_id, position=0)[1] as stream:
        return stream.read()


def readings(message_id: UUID, registration_id: UUID | None, actor: Actor) -> list[Callable[[], object]]:
    return [
        lambda: queries.message(actor=actor, message_id=message_id),
        lambda: queries.message_timeline(actor=actor, message_id=message_id),
        lambda: queries.arrival(actor=actor, message_id=message_id),
        lambda: read_file(message_id, actor),
        lambda: queries.received_segnatura(actor=actor, message_id=message_id),
        *(
            [lambda: queries.messages_of_registration(actor=actor, registration_id=registration_id)]
            if registration_id
            else []
        ),
    ]


def may(town: Town, actor: Actor, message: queries.MessageRow, wires: list[UUID]) -> set[bool]:
    """Which of the readings of a message succeed: all of them, none, or (a fault) some."""
    attempts = [
        *readings(message.id, message.registration_id, actor),
        *(lambda wire=wire: queries.envelope(actor=actor, envelope_id=wire).stream.close() for wire in wires),
    ]
    found = set()
    with tenancy.scope(town.body_id):
        for attempt in attempts:
            try:
                attempt()
            except NotVisible:
                found.add(False)
            else:
                found.add(True)
    return found


def test_what_waits_is_for_those_who_decide_then_for_those_who_see_confidential_ones(pair: Pair) -> None:
    pair.by_clerk()
    pair.send(confidential=True)
    pair.run()
    town, (received,) = pair.sassetta, pair.received()
    wires = [wire.id for step in pair.story(town, received.id) for wire in step.envelopes]
    assert wires
    reader = town.clerk("reader", person_id=new_id())
    clerk = town.clerk("protocol_clerk", person_id=new_id())
    other = town.clerk("protocol_clerk", person_id=new_id())
    manager = town.clerk("records_manager", person_id=new_id())
    assert [may(town, one, received, wires) for one in (reader, clerk, other, manager)] == [
        {False},
        {True},
        {True},
        {True},
    ]
    with tenancy.scope(town.body_id):
        actions.register_waiting(actor=clerk, message_id=received.id, classification="6.10")
    (received,) = pair.received()
    assert [may(town, one, received, wires) for one in (reader, clerk, other, manager)] == [
        {False},
        {True},
        {False},
        {True},
    ]
    assert told(town, other)[0] == told(town, reader)[0]


def test_what_is_not_confidential_stays_open_to_every_reader(pair: Pair) -> None:
    pair.send()
    pair.run()
    (received,) = pair.received()
    assert may(pair.sassetta, pair.sassetta.clerk("reader"), received, []) == {True}


def test_messages_from_before_the_column_are_marked_by_what_is_known_of_them(
    committed_pair: Pair, owner_cursor: Cursor[Any]
) -> None:
    """Of what was refused at the door nothing was kept that tells: it is taken as confidential."""
    in_every_box(committed_pair, confidential=False)
    in_every_box(committed_pair, confidential=True)
    marks = "select id, confidential from exchange_message order by id"
    expected = owner_cursor.execute(
        "select id, confidential or (registration_id is null and accepted_at is null)"
        " from exchange_message order by id"
    ).fetchall()
    owner_cursor.execute("alter table exchange_message disable trigger crinale_keep_columns")
    owner_cursor.execute("update exchange_message set confidential = false")
    known = import_module("crinale.spine.exchange.migrations.0003_confidential").KNOWN
    owner_cursor.execute("set constraints all immediate")
    owner_cursor.execute(known)
    assert owner_cursor.execute(marks).fetchall() == expected
    assert {mark for _id, mark in expected} == {True, False}


def test_the_system_sees_everything(pair: Pair) -> None:
    view = pair.send(confidential=True)
    pair.run()
    with tenancy.scope(pair.massa.body_id):
        (row,) = queries.messages_of_registration(actor=SYSTEM, registration_id=view.id)
    assert row.subject
