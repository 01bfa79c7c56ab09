"""An annulled registration is told to the other side, in both directions; what it does not know is answered
007.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from crinale.spine import tenancy
from crinale.spine.exchange import actions
from crinale.spine.exchange.rules.anomalies import AnomalyCode
from crinale.spine.protocol.tests.town import SYSTEM

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.exchange.tests.pair import Pair
    from crinale.spine.protocol.tests.town import Town

pytestmark = pytest.mark.django_db
ACT = "Determina 12 del 23/11/2026"


def annul(town: Town, registration_id: UUID) -> None:
    with tenancy.scope(town.body_id):
        actions.annul(actor=SYSTEM, registration_id=registration_id, act=ACT, reason="Inviato per errore")


def test_the_sender_annuls_and_the_recipient_is_told(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    annul(pair.massa, view.id)
    assert pair.sent(view.id).annulment == "here"
    pair.run()
    assert pair.sent(view.id).annulment == "notified"
    (received,) = pair.received()
    assert (received.state, received.annulment) == ("registered", "there")
    last = pair.story(pair.sassetta, received.id)[-1]
    assert (last.kind, ACT in last.sentence) == ("annulled_there", True)
    assert pair.wire.calls == ["forward", "confirm", "annul_by_sender"]


def test_the_recipient_annuls_and_the_sender_is_told(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    (received,) = pair.received()
    assert received.registration_id is not None
    annul(pair.sassetta, received.registration_id)
    pair.run()
    assert pair.received()[0].annulment == "notified"
    assert pair.sent(view.id).annulment == "there"
    assert pair.wire.calls[-1] == "annul_by_recipient"


def test_before_the_number_is_known_the_annulment_waits_for_it(pair: Pair) -> None:
    pair.by_clerk()
    view = pair.send()
    pair.run()
    annul(pair.massa, view.id)
    pair.run()
    assert (pair.sent(view.id).state, pair.sent(view.id).annulment) == ("accepted", "here")
    with tenancy.scope(pair.sassetta.body_id):
        actions.register_waiting(actor=SYSTEM, message_id=pair.received()[0].id, classification="6.10")
    pair.run()
    assert pair.sent(view.id).annulment == "notified"


def test_what_nobody_accepted_is_withdrawn(pair: Pair) -> None:
    view = pair.send()
    annul(pair.massa, view.id)
    pair.run()
    assert pair.sent(view.id).state == "withdrawn"
    assert pair.wire.calls == []
    assert pair.received() == []


def test_an_annulment_is_told_again_after_a_failure_and_counted_once(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    annul(pair.massa, view.id)
    pair.wire.fail("timeout", when="after")
    pair.run()
    assert pair.sent(view.id).failures == 1
    with tenancy.scope(pair.massa.body_id):
        actions.retry_now(actor=SYSTEM, message_id=pair.sent(view.id).id)
    pair.run()
    assert pair.sent(view.id).annulment == "notified"
    (received,) = pair.received()
    assert [one.kind for one in pair.story(pair.sassetta, received.id)][-2:] == ["annulled_there", "repeated"]


def test_unknown_identifiers_are_answered_007_and_a_missing_act_000(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    sent = pair.sent(view.id)
    assert sent.recipient_identifier is not None
    said: dict[str, Any] = {
        "area_code": "AAAA002",
        "peer": pair.wire._peer("AAAA001"),
        "sender_identifier": view.identifier,
        "recipient_identifier": sent.recipient_identifier,
        "act": ACT,
        "note": None,
        "evidence_request": b"<a/>",
    }
    unknown = replace(sent.recipient_identifier, number=99)
    for changes in (
        {"recipient_identifier": unknown},
        {"sender_identifier": unknown},
        {"peer": pair.wire._peer("AAAA003")},
    ):
        reply = actions.receive_annulment_by_sender(**{**said, **changes})
        assert reply.anomaly is not None
        assert reply.anomaly.code is AnomalyCode.NOT_FOUND
        actions.keep_response(reply.wire_id, b"<answer/>")
    reply = actions.receive_annulment_by_sender(**{**said, "act": " "})
    assert reply.anomaly is not None
    assert reply.anomaly.code is AnomalyCode.UNRECEIVABLE
    assert actions.receive_annulment_by_sender(**said).anomaly is None


def test_the_other_sides_refusal_of_an_annulment_is_kept_with_its_reason(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    pair.wire.peer = "AAAA009"
    annul(pair.massa, view.id)
    pair.run()
    sent = pair.sent(view.id)
    assert (sent.annulment, sent.anomaly) == ("refused", "007")
