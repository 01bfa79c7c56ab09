"""A message that is not as it should be is refused with the anomaly that Allegato 6 has for it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from crinale.spine.exchange.values import TransportFailure
from tests.faults.peer import RECIPIENT, outgoing

if TYPE_CHECKING:
    from tests.faults.peer import Letter, Peer
    from tests.network import Network

pytestmark = pytest.mark.xdist_group("network")
NODE = "nal-piombino"


def registrations(network: Network, letter: Letter) -> int:
    """How many registrations a letter has at the recipient."""
    found = network.rows(
        NODE,
        "select count(*) from protocol_registration where received_aoo_code = %s and received_number = %s",
        [letter.identifier.aoo_code, letter.identifier.number_text],
    )
    return int(found[0][0])


def test_a_good_letter_is_accepted_registered_and_confirmed(network: Network, peer: Peer) -> None:
    letter = peer.letter()

    answer = peer.send(letter)
    confirmation = peer.confirmation_of(letter)

    assert answer.anomaly is None
    assert answer.identifier.number == letter.identifier.number
    assert confirmation["anomaly"] is None
    assert confirmation["recipient_identifier"].aoo_code == RECIPIENT
    assert registrations(network, letter) == 1


def test_a_segnatura_changed_after_its_seal_is_refused_001(network: Network, peer: Peer) -> None:
    letter = peer.letter(subject="Concessione di un contributo di cento euro")
    spoilt = dataclasses.replace(letter, segnatura=letter.segnatura.replace(b"cento euro", b"mille euro"))

    answer = peer.send(spoilt)

    assert answer.anomaly is not None
    assert (answer.anomaly.code, "modificata" in answer.anomaly.info) == ("001", True)
    assert registrations(network, letter) == 0


def test_a_document_that_differs_from_its_digest_is_refused_002(network: Network, peer: Peer) -> None:
    letter = peer.letter()
    spoilt = dataclasses.replace(letter, files=(outgoing(letter.files[0].name, b"Si trasmette altro.\n"),))

    answer = peer.send(spoilt)

    assert answer.anomaly is not None
    assert answer.anomaly.code == "002"
    assert registrations(network, letter) == 0


def test_a_letter_to_somebody_else_is_refused_000(network: Network, peer: Peer) -> None:
    letter = peer.letter(to="AG68701")

    answer = peer.send(letter, to=RECIPIENT)
    confirmation = peer.confirmation_of(letter)

    assert answer.anomaly is None
    assert confirmation["recipient_identifier"] is None
    assert confirmation["anomaly"].code == "000"
    assert registrations(network, letter) == 0


def test_an_unreadable_document_is_refused_003(network: Network, peer: Peer) -> None:
    letter = peer.letter(files=[outgoing("verbale.pdf", b"%PDF-1.7\nthis is no PDF" * 20, "application/pdf")])

    peer.send(letter)
    confirmation = peer.confirmation_of(letter)

    assert confirmation["anomaly"].code == "003"
    assert "verbale.pdf" in confirmation["anomaly"].info
    assert registrations(network, letter) == 0


def test_the_same_letter_twice_is_one_registration_and_one_answer(network: Network, peer: Peer) -> None:
    letter = peer.letter()

    first = peer.send(letter)
    peer.confirmation_of(letter)
    second = peer.send(letter)

    assert (first.identifier, first.anomaly) == (second.identifier, second.anomaly)
    assert registrations(network, letter) == 1


@pytest.mark.parametrize("kind", ["expired", "unknown_authority"])
def test_a_client_without_a_good_certificate_does_not_get_through_the_door(peer: Peer, kind: str) -> None:
    with pytest.raises(TransportFailure) as refused:
        peer.send(peer.letter(), tls=kind)

    assert refused.value.code in {"tls", "connection"}


@pytest.mark.parametrize("kind", ["expired", "unknown_authority"])
def test_a_message_signed_with_a_bad_certificate_is_refused(network: Network, peer: Peer, kind: str) -> None:
    letter = peer.letter()

    with pytest.raises(TransportFailure) as refused:
        peer.send(letter, sign_with=kind)

    assert refused.value.code == "fault"
    assert registrations(network, letter) == 0


@pytest.mark.parametrize(
    ("kind", "said"), [("expired", "scaduto"), ("unknown_authority", "non riconosciuta")]
)
def test_a_seal_with_a_bad_certificate_is_refused_001(peer: Peer, kind: str, said: str) -> None:
    answer = peer.send(peer.letter(seal_with=kind))

    assert answer.anomaly is not None
    assert answer.anomaly.code == "001"
    assert said in answer.anomaly.info
