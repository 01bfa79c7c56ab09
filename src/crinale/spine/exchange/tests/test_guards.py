"""Nobody sees another body's messages; nobody changes what happened; the verifier finds who did as the
owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction

from crinale.kernel.errors import Conflict, NotVisible
from crinale.spine import tenancy
from crinale.spine.audit.verification import Section
from crinale.spine.exchange import actions, queries
from crinale.spine.exchange.models import Message, Receipt, WireMessage
from crinale.spine.exchange.verification import verify_messages
from crinale.spine.protocol.tests.town import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries

    from crinale.spine.exchange.tests.pair import Pair

pytestmark = pytest.mark.django_db


def test_a_clerk_of_one_body_gets_nothing_of_another(pair: Pair) -> None:
    pair.by_clerk()
    view = pair.send()
    pair.run()
    sent, (received,) = pair.sent(view.id), pair.received()
    stranger = pair.sassetta.clerk("records_manager")
    attempts: list[Callable[[], object]] = [
        lambda: queries.message(actor=stranger, message_id=sent.id),
        lambda: queries.message_timeline(actor=stranger, message_id=sent.id),
        lambda: queries.queue(actor=stranger, area_id=pair.massa.area_id, box="sent"),
        lambda: actions.retry_now(actor=stranger, message_id=sent.id),
        lambda: actions.take_note(actor=stranger, message_id=sent.id),
        lambda: queries.received_segnatura(actor=stranger, message_id=sent.id),
        lambda: actions.annul(actor=stranger, registration_id=view.id, act="x", reason="y"),
    ]
    for body_id in (pair.massa.body_id, pair.sassetta.body_id):
        for attempt in attempts:
            with tenancy.scope(body_id), pytest.raises(NotVisible), transaction.atomic():
                attempt()
    outsider = pair.massa.clerk("records_manager")
    with tenancy.scope(pair.sassetta.body_id), pytest.raises(NotVisible):
        actions.register_waiting(actor=outsider, message_id=received.id, classification="6.10")
    with tenancy.scope(pair.sassetta.body_id), connection.cursor() as cursor:
        for table in ("message", "receipt", "wiremessage", "incident", "parcel"):
            cursor.execute(
                f"select count(*) from exchange_{table} where body_id = %s",
                [pair.massa.body_id],
            )
            assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "update exchange_receipt set kind = 'registered'",
        "delete from exchange_receipt",
        "delete from exchange_message",
        "update exchange_message set counterpart_aoo = 'AZZZ999'",
        "update exchange_message set recipient_identifier = '{}'",
        "update exchange_message set accepted_at = now()",
        "update exchange_wiremessage set content = 'x'",
        "delete from exchange_wiremessage",
        "update exchange_parcel set files = '[]'",
    ],
)
def test_what_happened_cannot_be_changed(pair: Pair, statement: str) -> None:
    pair.send()
    pair.run()
    for town in (pair.massa, pair.sassetta):
        with tenancy.scope(town.body_id), connection.cursor() as cursor:
            if "parcel" in statement and town is pair.massa:
                continue
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(statement)


def test_a_response_is_kept_once(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    reply = actions.receive_confirmation(
        area_code="AAAA001",
        peer=pair.wire._peer("AAAA002"),
        sender_identifier=view.identifier,
        recipient_identifier=pair.sent(view.id).recipient_identifier,
        anomaly=None,
        evidence_request=b"<again/>",
    )
    actions.keep_response(reply.wire_id, b"<answer/>")
    actions.keep_response(reply.wire_id, b"<answer/>")
    with pytest.raises(Conflict):
        actions.keep_response(reply.wire_id, b"<other/>")


def test_large_envelopes_go_to_the_blob_store_and_come_back_whole(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    large = b"<again>" + b"x" * 300_000 + b"</again>"
    reply = actions.receive_confirmation(
        area_code="AAAA001",
        peer=pair.wire._peer("AAAA002"),
        sender_identifier=view.identifier,
        recipient_identifier=pair.sent(view.id).recipient_identifier,
        anomaly=None,
        evidence_request=large,
    )
    with tenancy.scope(pair.massa.body_id):
        assert WireMessage.objects.get(id=reply.wire_id.id).content is None
        with queries.envelope(actor=SYSTEM, envelope_id=reply.wire_id.id).stream as stream:
            assert stream.read() == large


@pytest.mark.parametrize("box", queries.BOXES)
def test_a_box_of_the_queue_costs_the_same_however_full_it_is(
    pair: Pair, box: queries.Box, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    pair.by_clerk()
    pair.wire.retouch = lambda xml: (
        xml if pair.wire.calls.count("forward") % 2 else xml.replace(b"parere", b"paRere")
    )
    for _ in range(4):
        pair.send()
    pair.run()
    with tenancy.scope(pair.massa.body_id), django_assert_max_num_queries(4):
        queries.queue(actor=SYSTEM, area_id=pair.massa.area_id, box=box)


def test_pages_of_a_box_follow_each_other(pair: Pair) -> None:
    sent = [pair.send().id for _ in range(5)]
    with tenancy.scope(pair.massa.body_id):
        first = queries.queue(actor=SYSTEM, area_id=pair.massa.area_id, box="sent", limit=3)
        second = queries.queue(
            actor=SYSTEM, area_id=pair.massa.area_id, box="sent", limit=3, before=first.more
        )
    assert [one.registration_id for one in (*first.rows, *second.rows)] == sent[::-1]
    assert second.more is None


def test_a_refusal_leaves_the_queue_when_a_clerk_has_taken_note(pair: Pair) -> None:
    pair.wire.retouch = lambda xml: xml.replace(b"parere", b"paRere")
    view = pair.send()
    pair.run()
    clerk, message_id = pair.massa.clerk("protocol_clerk"), pair.sent(view.id).id
    with tenancy.scope(pair.massa.body_id):
        actions.take_note(actor=clerk, message_id=message_id)
        assert queries.queue(actor=clerk, area_id=pair.massa.area_id, box="refused").rows == ()
        assert queries.queue_counts(actor=clerk, area_id=pair.massa.area_id)["refused"] == 0
        assert queries.message(actor=clerk, message_id=message_id).noted


def test_every_step_has_its_sentence(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    number = pair.sent(view.id).recipient_identifier
    assert number is not None
    sentences = [one.sentence for one in pair.story(pair.massa, pair.sent(view.id).id)]
    assert any(number.number_text in one for one in sentences)
    assert not any("%(" in one for one in sentences)


def verify(pair: Pair) -> Section:
    """Verify body by body: the tests ask as the application role, which sees one at a time."""
    section = Section(name="exchange")
    for town in (pair.massa, pair.sassetta):
        with tenancy.scope(town.body_id):
            verify_messages(section)
    return section


def test_the_verifier_agrees_with_what_was_written(pair: Pair) -> None:
    pair.send()
    pair.run()
    section = verify(pair)
    assert section.findings == []
    assert section.checked == 2 + 8


def test_the_verifier_finds_a_state_that_no_receipt_proves(pair: Pair) -> None:
    view = pair.send()
    with tenancy.scope(pair.massa.body_id):
        Message.objects.filter(registration_id=view.id).update(state="registered", errand="")
    (finding,) = verify(pair).findings
    assert "its receipts say sealed/forward/" in finding.what


def test_the_verifier_finds_a_receipt_that_nobody_wrote(pair: Pair) -> None:
    view = pair.send()
    with tenancy.scope(pair.massa.body_id):
        message = Message.objects.get(registration_id=view.id)
        Receipt(message=message, seq=2, kind="accepted", at=message.created_at, actor_name="x").save()
        Message.objects.filter(id=message.id).update(receipts_count=2, state="accepted", errand="")
    (finding,) = verify(pair).findings
    assert "receipt 2" in finding.where
