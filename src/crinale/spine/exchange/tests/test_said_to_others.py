"""What another administration reads is Italian and says the true reason; the technical detail stays here."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from crinale.kernel import clock
from crinale.spine import tenancy
from crinale.spine.exchange import actions
from crinale.spine.exchange.actions import readability, seals
from crinale.spine.exchange.models import Receipt
from crinale.spine.exchange.tests.test_exchange import registered_in_sassetta
from crinale.spine.protocol.rules.segnatura import build, parse
from crinale.spine.protocol.rules.segnatura_data import OnlineLocation
from crinale.spine.protocol.views import EnclosureData
from crinale.spine.records.signatures import xades
from crinale.spine.records.signatures.file_checks import FileFinding, FindingCode
from crinale.spine.records.signatures.seal_verdict import SealReason, SealVerdict

if TYPE_CHECKING:
    from crinale.spine.exchange.ports import ForwardAnswer, Identifier
    from crinale.spine.exchange.tests.pair import Pair
    from crinale.spine.exchange.values import ForwardReply

pytestmark = pytest.mark.django_db
DETAIL = "the file is not what it says"
_ENGLISH = re.compile(r"\b(the|of|is|are|not|and|file is|cannot|must|was|with)\b")


def refusals(pair: Pair) -> list[dict[str, str]]:
    """What the receipts of refusals say in Sassetta."""
    with tenancy.scope(pair.sassetta.body_id):
        return [one.data for one in Receipt.objects.filter(kind__startswith="refused").order_by("at")]


@pytest.mark.parametrize("code", list(FindingCode))
def test_what_is_wrong_with_a_file_is_said_in_italian(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, code: FindingCode
) -> None:
    monkeypatch.setattr(
        readability, "check_file", lambda *_, file_name, **__: [FileFinding(code, file_name, DETAIL)]
    )
    view = pair.send()
    pair.run()
    (kept,) = refusals(pair)
    assert "parere.txt" in kept["info"]
    assert not _ENGLISH.search(kept["info"])
    assert kept["detail"] == DETAIL
    assert pair.sent(view.id).reason == kept["info"]


@pytest.mark.parametrize("reason", [one for one in SealReason if one is not SealReason.VALID])
def test_what_is_wrong_with_a_seal_is_said_in_italian(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, reason: SealReason
) -> None:
    monkeypatch.setattr(seals, "verify_seal", lambda *_, **__: SealVerdict(reason, DETAIL))
    view = pair.send()
    pair.run()
    (kept,) = refusals(pair)
    assert not _ENGLISH.search(kept["info"])
    assert kept["detail"] == DETAIL
    assert pair.sent(view.id).reason == kept["info"]


def test_a_real_damaged_file_is_told_without_english(pair: Pair) -> None:
    with tenancy.scope(pair.massa.body_id):
        broken = pair.massa.store(b"%PDF-1.7\nnothing of a PDF follows", name="rotto.pdf")
    view = pair.send(documents=[EnclosureData(broken)])
    pair.run()
    reason = pair.sent(view.id).reason
    assert reason == "Il file rotto.pdf manca, è danneggiato o non è del tipo dichiarato."


def test_the_senders_number_is_given_back_as_he_wrote_it(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign system writes ten digits, and may compare texts."""
    said: list[str] = []
    receive_forward, confirm = actions.receive_forward, pair.wire.confirm

    def answered(**arguments: Any) -> ForwardReply:
        reply = receive_forward(**arguments)
        said.append(reply.identifier.number_text)
        return reply

    def confirmed(*, sender_identifier: Identifier, **arguments: Any) -> ForwardAnswer:
        said.append(sender_identifier.number_text)
        return confirm(sender_identifier=sender_identifier, **arguments)

    def ten_digits(xml: bytes) -> bytes:
        data = parse(xml)
        text = build(data).replace(data.identifier.number_text.encode(), b"0000000001")
        return xades.seal(text, key=pair.seals.for_area("AAAA001"), signing_time=clock.now())

    monkeypatch.setattr(actions, "receive_forward", answered)
    monkeypatch.setattr(pair.wire, "confirm", confirmed)
    pair.wire.retouch = ten_digits
    view = pair.send()
    pair.run()
    assert said == ["0000000001", "0000000001"]
    assert pair.sent(view.id).state == "registered"
    (received,) = pair.received()
    assert received.sender_identifier == view.identifier
    assert received.sender_identifier.number_text == "0000000001"


def test_a_document_kept_online_is_refused_with_000_and_the_reason(pair: Pair) -> None:
    """It is no fault of its digest: fetching it is not built, so the sender is asked for the file."""

    def moved_online(xml: bytes) -> bytes:
        data = parse(xml)
        place = OnlineLocation(host="documenti.example.it", path="/mappa.pdf")
        online = replace(data.primary, file_name="mappa.pdf", location=place, carrier="online")
        text = build(replace(data, attachments=(online,)))
        return xades.seal(text, key=pair.seals.for_area("AAAA001"), signing_time=clock.now())

    pair.wire.retouch = moved_online
    view = pair.send()
    pair.run()
    sent = pair.sent(view.id)
    assert (sent.state, sent.anomaly) == ("refused", "000")
    assert "CollocazioneTelematica" in sent.reason
    assert "mappa.pdf" in sent.reason
    assert registered_in_sassetta(pair) == 0
