"""The provider of the demonstration, and the people outside who are played there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from lxml import etree

from crinale.config.demo import network, outside, post_office
from crinale.config.demo.homes import DemoHome
from crinale.config.demo.post_office import Submission
from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine.protocol.rules.legacy_segnatura import parse_legacy_segnatura

GRAMMAR = (
    Path(__file__).resolve().parents[6]
    / "shared/specs/exchange/protocollo-comunicazione-aoo"
)  # fmt: skip
BODY, STUDIO, CITIZEN = outside.CONSORTIUM, outside.STUDIO, outside.CITIZEN
TO = network.SENDER.mail


@pytest.fixture
def home(tmp_path: Path) -> DemoHome:
    found = DemoHome(tmp_path / "demo")
    post_office.open_mailboxes(found)
    return found


def dispatch(*files: str) -> bytes:
    sent = outside.Dispatch(
        number=12,
        at=datetime(2026, 11, 23, 9, 30, tzinfo=clock.ROME),
        subject="Nulla osta <idraulico> & pareri",
        recipient=TO,
        recipient_name=network.SENDER.name,
        files=files,
    )
    return outside.segnatura(BODY, sent)


def kinds(home: DemoHome, address: str) -> list[str]:
    return [one.read.kind for one in post_office.letters(home, address)]


def test_every_certified_address_is_in_a_domain_of_the_provider(home: DemoHome) -> None:
    provider = post_office.provider(home)

    assert len(post_office.addresses()) == 8 + len(outside.CORRESPONDENTS)
    assert all(provider.is_certified(body.mail) for body in network.bodies())
    assert {one.address: provider.is_certified(one.address) for one in outside.CORRESPONDENTS} == {
        one.address: one.certified for one in outside.CORRESPONDENTS
    }
    assert network.SENDER.mail == "protocollo@pec.comune.massamarittima.example"


def test_the_segnatura_of_the_body_outside_reads_as_what_it_says() -> None:
    data = parse_legacy_segnatura(dispatch("nulla-osta.pdf", 'pianta "a".pdf'))

    assert data.version == "60/2013"
    assert data.subject == "Nulla osta <idraulico> & pareri"
    assert (data.identifier.ipa_code, data.identifier.aoo_code, data.identifier.number) == (
        BODY.ipa_code,
        BODY.aoo_code,
        12,
    )
    assert (data.primary.file_name, [one.file_name for one in data.attachments]) == (
        "nulla-osta.pdf",
        ['pianta "a".pdf'],
    )
    assert [(one.email, one.confirm) for one in data.recipients] == [(TO, True)]


@pytest.mark.skipif(not GRAMMAR.is_dir(), reason="the official grammars are not beside the repository")
@pytest.mark.parametrize("files", [(), ("uno.pdf",), ("uno.pdf", "due.pdf")])
def test_the_segnatura_of_the_body_outside_is_valid_by_the_official_grammar(files: tuple[str, ...]) -> None:
    (file,) = GRAMMAR.rglob("segnatura_protocollo_circolare 60_2013.xsd")

    etree.XMLSchema(etree.parse(file)).assertValid(etree.fromstring(dispatch(*files)))


def test_a_certified_mail_brings_both_receipts_and_its_files(home: DemoHome, tmp_path: Path) -> None:
    file = tmp_path / "domanda.pdf"
    file.write_bytes(b"%PDF-1.7 domanda")

    message_id = post_office.submit(home, Submission(STUDIO.address, TO, "Domanda", files=[file]))

    assert kinds(home, STUDIO.address) == ["acceptance", "delivery"]
    assert {one.read.about for one in post_office.letters(home, STUDIO.address)} == {message_id}
    (arrived,) = post_office.letters(home, TO)
    assert (arrived.read.kind, arrived.read.sender_address) == ("certified", STUDIO.address)
    assert arrived.read.signature is not None
    assert arrived.read.signature.trusted
    assert [one.name for one in arrived.read.files] == ["domanda.pdf"]
    assert arrived.read.segnatura is None
    assert post_office.letters(home, TO, after=arrived.number) == []


def test_the_body_outside_numbers_what_it_sends(home: DemoHome) -> None:
    for subject in ("Primo", "Secondo"):
        post_office.submit(home, Submission(BODY.address, TO, subject, segnatura=True))

    numbers = [
        parse_legacy_segnatura(one.read.segnatura or b"").identifier.number
        for one in post_office.letters(home, TO)
    ]
    assert numbers == [1, 2]


def test_an_ordinary_mail_arrives_in_an_envelope_of_anomaly(home: DemoHome) -> None:
    post_office.submit(home, Submission(CITIZEN.address, TO, "Segnalazione"))

    assert kinds(home, TO) == ["anomaly_envelope"]
    assert kinds(home, CITIZEN.address) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Submission(network.SENDER.mail, TO, "Falso"), "sender"),
        (Submission(STUDIO.address, TO, "Senza protocollo", segnatura=True), "segnatura"),
    ],
)
def test_only_people_outside_are_played_and_as_what_they_are(
    home: DemoHome, given: Submission, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        post_office.submit(home, given)

    assert refused.value.field == field
    assert kinds(home, TO) == []


@pytest.mark.parametrize("address", ["nessuno@pec.example", "../../etc", ""])
def test_a_mailbox_that_is_not_there_is_told(home: DemoHome, address: str) -> None:
    with pytest.raises(Invalid, match="address"):
        post_office.letters(home, address)
