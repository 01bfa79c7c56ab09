"""A registered document travels, is registered there, and its number comes back; whatever goes wrong is
told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine import tenancy
from crinale.spine.exchange import actions, queries
from crinale.spine.exchange.ports import seal_trust
from crinale.spine.exchange.tests.pair import issue_seal
from crinale.spine.identity import Actor
from crinale.spine.protocol import queries as protocol
from crinale.spine.protocol.models import Registration
from crinale.spine.protocol.tests.town import SYSTEM
from crinale.spine.protocol.views import EnclosureData
from crinale.spine.records.signatures.certificates import TrustStore
from crinale.spine.records.signatures.tests import pki

if TYPE_CHECKING:
    from crinale.spine.exchange.tests.pair import Pair

pytestmark = pytest.mark.django_db


def registered_in_sassetta(pair: Pair) -> int:
    with tenancy.scope(pair.sassetta.body_id):
        return Registration.objects.filter(direction="incoming").count()


def test_the_recipients_number_comes_back(pair: Pair) -> None:
    view = pair.send()
    assert pair.sent(view.id).state == "sealed"
    pair.run()
    sent, (received,) = pair.sent(view.id), pair.received()
    assert (sent.state, received.state) == ("registered", "registered")
    assert sent.recipient_identifier == received.recipient_identifier
    assert received.sender_identifier.key == view.identifier.key
    assert received.registration_id is not None
    with tenancy.scope(pair.sassetta.body_id):
        there = protocol.registration(actor=SYSTEM, registration_id=received.registration_id)
        xml = queries.received_segnatura(actor=SYSTEM, message_id=received.id)
    assert sent.recipient_identifier is not None
    assert there.identifier.key == sent.recipient_identifier.key
    assert (there.subject, there.channel) == (view.subject, "aoo")
    assert there.received is not None
    assert there.received.number == view.number_text
    assert [one.sha256 for one in there.documents] == [one.sha256 for one in view.documents]
    with tenancy.scope(pair.massa.body_id):
        assert xml == protocol.segnatura_xml(actor=SYSTEM, registration_id=view.id)
    assert pair.wire.calls == ["forward", "confirm"]
    assert [one.kind for one in pair.story(pair.massa, sent.id)] == ["sealed", "accepted", "registered"] or [
        one.kind for one in pair.story(pair.massa, sent.id)
    ] == ["sealed", "registered", "accepted"]
    assert [one.kind for one in pair.story(pair.sassetta, received.id)] == [
        "accepted",
        "registered",
        "notified",
    ]


def test_both_sides_keep_the_signed_envelopes(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    sent, (received,) = pair.sent(view.id), pair.received()
    for town, message in ((pair.massa, sent), (pair.sassetta, received)):
        kept = {
            (one.operation, one.part, one.origin)
            for entry in pair.story(town, message.id)
            for one in entry.envelopes
        }
        ours = "sent" if town is pair.massa else "received"
        theirs = "received" if town is pair.massa else "sent"
        assert kept == {
            ("forward", "request", ours),
            ("forward", "response", theirs),
            ("confirm", "request", theirs),
            ("confirm", "response", ours),
        }


def test_a_kept_envelope_can_be_taken_away_by_who_may_see_it(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    entry = next(one for one in pair.story(pair.massa, pair.sent(view.id).id) if one.kind == "accepted")
    with tenancy.scope(pair.massa.body_id):
        file = queries.envelope(actor=pair.massa.clerk("reader"), envelope_id=entry.envelopes[0].id)
        with file.stream as stream:
            assert stream.read().startswith(b"<forward>")
        with pytest.raises(NotVisible):
            queries.envelope(actor=Actor(name="Nessuno", kind="staff"), envelope_id=entry.envelopes[0].id)
    with tenancy.scope(pair.sassetta.body_id), pytest.raises(NotVisible):
        queries.envelope(actor=SYSTEM, envelope_id=entry.envelopes[0].id)


def test_without_a_requested_confirmation_no_number_comes_back(pair: Pair) -> None:
    view = pair.send(confirm=False)
    pair.run()
    assert pair.sent(view.id).state == "delivered"
    assert [one.state for one in pair.received()] == ["registered"]
    assert pair.wire.calls == ["forward"]


def test_recipients_that_the_index_does_not_know_are_registered_and_not_sent(pair: Pair) -> None:
    stranger = pair.party(pair.sassetta, ipa_code="c_x999", aoo_code="AZZZ999", name="Altrove")
    view = pair.send(recipients=[pair.party(pair.sassetta), stranger])
    pair.run()
    with tenancy.scope(pair.massa.body_id):
        rows = queries.messages_of_registration(actor=SYSTEM, registration_id=view.id)
    assert [(one.counterpart_aoo, one.state) for one in rows] == [("AAAA002", "registered")]


def test_a_body_with_one_area_is_reached_by_its_ipa_code(pair: Pair) -> None:
    view = pair.send(recipients=[pair.party(pair.sassetta, aoo_code="", aoo_name="")])
    pair.run()
    assert pair.sent(view.id).state == "registered"


def test_the_same_message_again_gets_the_same_answer_and_one_registration(pair: Pair) -> None:
    pair.wire.fail("timeout", when="after")
    view = pair.send()
    pair.run()
    with clock.frozen(clock.now() + timedelta(hours=2, seconds=1)):
        pair.tick()
    assert (
        pair.wire.calls.count("forward") == 1
    )  # the confirmation came meanwhile: there is nothing to repeat
    assert pair.sent(view.id).state == "registered"
    assert registered_in_sassetta(pair) == 1


def test_a_lost_answer_is_asked_again_and_registered_once(pair: Pair) -> None:
    pair.by_clerk()
    pair.wire.fail("timeout", when="after")
    view = pair.send()
    pair.run()
    assert pair.sent(view.id).state == "sending"
    with clock.frozen(clock.now() + timedelta(hours=2, seconds=1)):
        pair.tick()
        assert pair.wire.calls == ["forward", "forward"]
        assert pair.sent(view.id).state == "accepted"
        (received,) = pair.received()
        assert [one.kind for one in pair.story(pair.sassetta, received.id)] == [
            "accepted",
            "waiting",
            "repeated",
        ]
        with tenancy.scope(pair.sassetta.body_id):
            actions.register_waiting(actor=SYSTEM, message_id=received.id, classification="6.10")
        pair.run()
    assert pair.sent(view.id).state == "registered"
    assert registered_in_sassetta(pair) == 1


def test_another_segnatura_under_an_accepted_identifier_is_a_conflict(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    with tenancy.scope(pair.massa.body_id):
        xml = protocol.segnatura_xml(actor=SYSTEM, registration_id=view.id)
    with pytest.raises(Conflict):
        actions.receive_forward(
            area_code="AAAA002",
            peer=pair.wire._peer("AAAA001"),
            segnatura=xml.replace(b"Richiesta", b"Rifiuto"),
            files=[],
            evidence_request=b"<x/>",
        )


def test_a_tampered_segnatura_is_refused_with_001_and_the_reason(pair: Pair) -> None:
    pair.wire.retouch = lambda xml: xml.replace(b"Richiesta di parere", b"Rifiuto di parere")
    view = pair.send()
    pair.run()
    sent = pair.sent(view.id)
    assert (sent.state, sent.anomaly) == ("refused", "001")
    assert "modificata dopo il sigillo" in sent.reason
    assert registered_in_sassetta(pair) == 0
    with tenancy.scope(pair.massa.body_id):
        clerks = queries.queue(
            actor=pair.massa.clerk("protocol_clerk"), area_id=pair.massa.area_id, box="refused"
        )
    assert [one.id for one in clerks.rows] == [sent.id]
    assert clerks.counts["refused"] == 1


def test_a_message_refused_at_the_door_may_come_again_and_be_accepted(pair: Pair) -> None:
    pair.list_area(pair.massa, seal_certificates=_listed(issue_seal("Altro sigillo")))
    view = pair.send()
    pair.run()
    assert pair.sent(view.id).anomaly == "001"
    pair.list_area(pair.massa)
    with tenancy.scope(pair.massa.body_id):
        actions.retry_now(actor=SYSTEM, message_id=pair.sent(view.id).id)
    pair.run()
    assert pair.sent(view.id).state == "registered"
    assert registered_in_sassetta(pair) == 1
    assert len(pair.received()) == 1


def _listed(identity: pki.Identity) -> tuple[str, ...]:
    from base64 import b64encode

    from cryptography.hazmat.primitives.serialization import Encoding

    return (b64encode(identity.certificate.public_bytes(Encoding.DER)).decode(),)


def test_an_expired_seal_is_refused_with_001(pair: Pair) -> None:
    now = clock.now()
    pair.seals.identities["AAAA001"] = issue_seal(
        "Sigillo vecchio", begin=now - timedelta(days=9), end=now - timedelta(days=1)
    )
    pair.list_area(pair.massa)
    view = pair.send()
    pair.run()
    sent = pair.sent(view.id)
    assert (sent.state, sent.anomaly) == ("refused", "001")
    assert "scaduto" in sent.reason


def test_a_seal_of_an_unknown_authority_is_refused_with_001(pair: Pair) -> None:
    view = pair.send()
    stranger = pki.issue("Radice altrui", pki.ec_key(), authority=True)
    with seal_trust.replaced(TrustStore([stranger.certificate])):
        pair.run()
    assert pair.sent(view.id).anomaly == "001"
    assert "autorità non riconosciuta" in pair.sent(view.id).reason


def test_a_good_seal_of_somebody_else_is_refused_with_001(pair: Pair) -> None:
    pair.seals.identities["AAAA001"] = pair.seals.identities["AAAA002"]
    view = pair.send()
    pair.run()
    assert pair.sent(view.id).anomaly == "001"
    assert "non è tra quelli dell'AOO AAAA001" in pair.sent(view.id).reason


def test_a_segnatura_that_another_area_forwards_is_refused_with_001(pair: Pair) -> None:
    pair.wire.peer = "AAAA002"
    view = pair.send()
    pair.run()
    assert "è firmato dall'AOO AAAA002" in pair.sent(view.id).reason


def test_a_tampered_document_is_refused_with_002_and_its_name(pair: Pair) -> None:
    pair.wire.tamper = lambda files: [replace(one, sha256="0" * 64) for one in files]
    view = pair.send()
    pair.run()
    sent = pair.sent(view.id)
    assert (sent.state, sent.anomaly) == ("refused", "002")
    assert "parere.txt" in sent.reason
    pair.wire.tamper = list
    with tenancy.scope(pair.massa.body_id):
        actions.retry_now(actor=SYSTEM, message_id=sent.id)
    pair.run()
    assert pair.sent(view.id).state == "registered"


def test_an_unreadable_file_is_refused_with_003(pair: Pair) -> None:
    with tenancy.scope(pair.massa.body_id):
        broken = pair.massa.store(b"%PDF-1.7\nnothing of a PDF follows", name="rotto.pdf")
    view = pair.send(documents=[EnclosureData(broken)])
    pair.run()
    sent = pair.sent(view.id)
    assert (sent.state, sent.anomaly) == ("refused", "003")
    assert "rotto.pdf" in sent.reason
    assert registered_in_sassetta(pair) == 0
    assert [one.state for one in pair.received()] == ["refused"]


def test_a_message_for_somebody_else_is_refused_with_000(pair: Pair) -> None:
    """The area was reached, but the segnatura names another one."""
    third = pair.party(pair.sassetta, aoo_code="AAAA003")
    pair.list_area(pair.sassetta, aoo_code="AAAA003", aoo_name="Terza")
    original = pair.wire.forward
    pair.wire.forward = lambda *, to, **said: original(to=replace(to, aoo_code="AAAA002"), **said)  # type: ignore[method-assign]
    view = pair.send(recipients=[third])
    pair.run()
    (received,) = pair.received()
    assert (received.state, received.anomaly) == ("refused", "000")
    assert "non è tra i destinatari" in received.reason
    assert view.number == 1


def test_the_clerk_registers_or_refuses_what_waits(pair: Pair) -> None:
    pair.by_clerk()
    first, second = pair.send(), pair.send()
    pair.run()
    clerk = pair.sassetta.clerk("protocol_clerk")
    with tenancy.scope(pair.sassetta.body_id):
        box = queries.queue(actor=clerk, area_id=pair.sassetta.area_id, box="to_register")
        assert box.counts["to_register"] == 2
        newest, oldest = box.rows
        view = actions.register_waiting(actor=clerk, message_id=oldest.id, classification="1.1")
        with pytest.raises(Conflict):
            actions.register_waiting(actor=clerk, message_id=oldest.id, classification="1.1")
        with pytest.raises(Invalid):
            actions.refuse_waiting(actor=clerk, message_id=newest.id, reason=" ")
        actions.refuse_waiting(actor=clerk, message_id=newest.id, reason="Di competenza della Provincia.")
    pair.run()
    assert view.classification.code == "1.1"
    assert pair.sent(first.id).state == "registered"
    refused = pair.sent(second.id)
    assert (refused.state, refused.anomaly) == ("refused", "000")
    assert refused.reason == "Di competenza della Provincia."


def test_an_unknown_area_is_not_here(pair: Pair) -> None:
    with pytest.raises(NotVisible):
        actions.receive_forward(
            area_code="AZZZ999",
            peer=pair.wire._peer("AAAA001"),
            segnatura=b"<x/>",
            files=[],
            evidence_request=b"",
        )


def test_a_segnatura_that_cannot_be_read_leaves_only_a_fact(pair: Pair) -> None:
    with pytest.raises(Invalid):
        actions.receive_forward(
            area_code="AAAA002",
            peer=pair.wire._peer("AAAA001"),
            segnatura=b"<x/>",
            files=[],
            evidence_request=b"",
        )
    assert pair.received() == []


def test_a_confirmation_for_what_was_never_sent_is_not_taken(pair: Pair) -> None:
    view = pair.send()
    pair.run()
    sent = pair.sent(view.id)
    assert sent.recipient_identifier is not None
    said: dict[str, Any] = {
        "area_code": "AAAA001",
        "peer": pair.wire._peer("AAAA002"),
        "recipient_identifier": sent.recipient_identifier,
        "anomaly": None,
        "evidence_request": b"<c/>",
    }
    with pytest.raises(NotVisible):
        actions.receive_confirmation(
            **said, sender_identifier=replace(view.identifier, number=view.number + 1)
        )
    again = actions.receive_confirmation(**said, sender_identifier=view.identifier)
    assert again.identifier.key == view.identifier.key
    other = replace(sent.recipient_identifier, number=99)
    with pytest.raises(Conflict):
        actions.receive_confirmation(
            **{**said, "recipient_identifier": other}, sender_identifier=view.identifier
        )
    with pytest.raises(Invalid):
        actions.receive_confirmation(
            **{**said, "peer": pair.wire._peer("AAAA003")}, sender_identifier=view.identifier
        )
