"""The retry schedule, the anomalies' spellings, receivability, digests and service levels follow Allegato
6.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crinale.kernel.errors import Invalid
from crinale.spine.exchange.rules import schedule
from crinale.spine.exchange.rules.anomalies import (
    SPELLINGS,
    AnomalyCode,
    Operation,
    UnknownAnomaly,
    spell,
    understand,
)
from crinale.spine.exchange.rules.digests import digest_anomaly
from crinale.spine.exchange.rules.index import (
    AreaEntry,
    area_from_json,
    area_to_json,
    check_area,
    check_endpoint,
    folded,
    keep_what_is_missing,
)
from crinale.spine.exchange.rules.receiving import Addressee, Here, Presented, our_addressee, unreceivable
from crinale.spine.exchange.rules.service_levels import in_window, percentile
from crinale.spine.protocol.rules.digests import Digest
from crinale.spine.protocol.rules.segnatura_data import DetachedFile, DocumentData, Mark

T = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_three_retries_at_two_four_and_eight_hours_after_the_first_failure_then_none() -> None:
    planned = [schedule.next_attempt(first_failure_at=T, failures=n) for n in (1, 2, 3, 4)]
    assert planned == [T + timedelta(hours=2), T + timedelta(hours=4), T + timedelta(hours=8), None]


def test_a_demonstration_shortens_the_schedule() -> None:
    assert schedule.next_attempt(first_failure_at=T, failures=2, scale=0.001) == T + timedelta(seconds=14.4)


@pytest.mark.parametrize(
    ("round_trip_ms", "size", "kept"),
    [
        (1000, 50 * 1024, True),
        (1001, 50 * 1024, False),
        (1000, 1, True),
        (2000, 100 * 1024, True),
        (2001, 100 * 1024, False),
    ],
)
def test_a_call_has_a_second_for_fifty_kilobytes(round_trip_ms: int, size: int, kept: bool) -> None:
    assert schedule.within_target(round_trip_ms=round_trip_ms, size=size) is kept


@pytest.mark.parametrize(
    ("operation", "code", "literal"),
    [
        ("forward", AnomalyCode.SEAL, "001_ValidazioneFirma"),
        ("forward", AnomalyCode.DIGEST, "002_AnomaliaImpronte"),
        ("confirm", AnomalyCode.UNRECEIVABLE, "000_Irricevibile"),
        ("confirm", AnomalyCode.TIMESTAMP, "005_DocumentoAllegatiErroreVaidazioneMarcaTemporale"),
        ("annul_by_sender", AnomalyCode.UNRECEIVABLE, "000_Irricevibilita"),
        ("annul_by_recipient", AnomalyCode.NOT_FOUND, "007_ErroreIdentificatoreNonTrovato"),
    ],
)
def test_anomalies_are_spelled_as_the_wsdl_of_the_operation_does(
    operation: Operation, code: AnomalyCode, literal: str
) -> None:
    assert spell(operation, code) == literal


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        ("002_AnomaliaImpronta", AnomalyCode.DIGEST),
        ("000_Irricevibilita", AnomalyCode.UNRECEIVABLE),
        ("000_Irricevibile", AnomalyCode.UNRECEIVABLE),
        (" 004_DocumentoAllegatiErrorreValidazioneFirma ", AnomalyCode.SIGNATURE),
        ("005_DocumentoAllegatiErroreValidazioneMarcaTemporale", AnomalyCode.TIMESTAMP),
    ],
)
def test_every_published_spelling_is_understood(literal: str, code: AnomalyCode) -> None:
    assert understand(literal, " perché ").code is code
    assert understand(literal, " perché ").info == "perché"


def test_what_is_emitted_is_understood_and_anything_else_is_not() -> None:
    for operation, table in SPELLINGS.items():
        for code in table:
            assert understand(spell(operation, code)).code is code
    with pytest.raises(UnknownAnomaly):
        understand("999_OTHER")
    with pytest.raises(UnknownAnomaly):
        spell("forward", AnomalyCode.UNREADABLE)


HERE = Here(ipa_code="c_i452", aoo_code="AB12CD3", former_aoo_code="AOO1")
OURS = Addressee(ipa_code="C_I452", aoo_code="ab12cd3")


def presented(
    *addressees: Addressee,
    subject: str = "Invio",
    code: str = "1.1",
    names: tuple[str, ...] = ("a.pdf",),
) -> Presented:
    return Presented(
        addressees=addressees or (OURS,), subject=subject, classification_code=code, file_names=names
    )


def test_a_message_for_us_with_subject_and_classification_can_be_received() -> None:
    assert unreceivable(presented(), HERE) is None


@pytest.mark.parametrize(
    "addressee", [Addressee(ipa_code="c_i452", aoo_code=""), Addressee(ipa_code="c_i452", aoo_code="aoo1")]
)
def test_the_body_alone_or_the_former_code_name_us_too(addressee: Addressee) -> None:
    assert unreceivable(presented(addressee), HERE) is None


def test_the_recipient_that_names_the_area_wins_over_the_one_that_names_the_body() -> None:
    loose = Addressee(ipa_code="c_i452", aoo_code="", confirm=False)
    assert our_addressee([loose, OURS], HERE) is OURS


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (presented(Addressee(ipa_code="c_i452", aoo_code="AZ99999")), "non è tra i destinatari"),
        (presented(Addressee(ipa_code="c_f032", aoo_code="AB12CD3")), "non è tra i destinatari"),
        (presented(subject="  "), "oggetto"),
        (presented(code=""), "classificazione"),
        (presented(names=("../a.pdf",)), "percorso"),
        (presented(names=("a.pdf", "a.pdf")), "stesso nome"),
    ],
)
def test_what_cannot_be_received_is_refused_with_its_reason(case: Presented, words: str) -> None:
    anomaly = unreceivable(case, HERE)
    assert anomaly is not None
    assert anomaly.code is AnomalyCode.UNRECEIVABLE
    assert words in anomaly.info


def document(name: str, value: bytes, algorithm: str = "SHA-256", mark: Mark | None = None) -> DocumentData:
    return DocumentData(
        file_name=name, mime_type="application/pdf", digest=Digest(value, algorithm), signed=mark
    )


def test_files_that_agree_with_their_digests_are_no_anomaly() -> None:
    named = [document("a.pdf", b"1"), document("b.pdf", b"2", "SHA-512")]
    received = [("b.pdf", {"SHA-512": b"2"}), ("a.pdf", {"SHA-256": b"1"})]
    assert digest_anomaly(named, received) is None


def test_a_detached_signature_comes_along_without_a_digest_of_its_own() -> None:
    named = [document("a.pdf", b"1", mark=Mark(detached=(DetachedFile("a.p7s"),)))]
    assert digest_anomaly(named, [("a.pdf", {"SHA-256": b"1"}), ("a.p7s", {})]) is None


def test_a_document_kept_online_does_not_come_along() -> None:
    online = replace(document("b.pdf", b"2"), carrier="online")
    sent = ("a.pdf", {"SHA-256": b"1"})
    assert digest_anomaly([document("a.pdf", b"1"), online], [sent]) is None
    assert digest_anomaly([document("a.pdf", b"1"), online], [sent, ("b.pdf", {"SHA-256": b"X"})]) is not None


@pytest.mark.parametrize(
    ("received", "words"),
    [
        ([("a.pdf", {"SHA-256": b"X"})], "non corrisponde"),
        ([], "Manca il file a.pdf"),
        ([("a.pdf", {"SHA-256": b"1"}), ("c.pdf", {})], "non previsti dalla segnatura: c.pdf"),
        ([("a.pdf", {"SHA-256": b"1"}), ("a.pdf", {"SHA-256": b"1"})], "stesso nome"),
        ([("a.pdf", {"SHA-512": b"1"})], "non verificabile"),
    ],
)
def test_a_file_that_is_changed_missing_or_extra_is_anomaly_002(
    received: list[tuple[str, dict[str, bytes]]], words: str
) -> None:
    anomaly = digest_anomaly([document("a.pdf", b"1")], received)
    assert anomaly is not None
    assert anomaly.code is AnomalyCode.DIGEST
    assert words in anomaly.info


@pytest.mark.parametrize(
    ("instant", "counts"),
    [
        (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), True),  # Monday 07:00 in Rome
        (datetime(2026, 11, 23, 5, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 22, 0, tzinfo=UTC), False),  # 23:00
        (datetime(2026, 11, 28, 11, 59, tzinfo=UTC), True),  # Saturday 12:59
        (datetime(2026, 11, 28, 12, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 29, 10, 0, tzinfo=UTC), False),  # Sunday
        (datetime(2026, 12, 8, 10, 0, tzinfo=UTC), False),  # Immacolata, a Tuesday
    ],
)
def test_service_levels_are_measured_in_their_window(instant: datetime, counts: bool) -> None:
    assert in_window(instant) is counts


def test_the_98th_percentile_is_a_value_that_98_in_100_do_not_exceed() -> None:
    assert percentile(list(range(1, 101)), 0.98) == 98
    assert percentile([7], 0.98) == 7
    assert percentile([], 0.98) == 0


def entry(**changes: object) -> AreaEntry:
    values: dict[str, object] = {
        "ipa_code": "c_f032",
        "body_name": "Comune di Massa Marittima",
        "aoo_code": "A1B2C3D",
        "aoo_name": "Protocollo",
    }
    return AreaEntry(**(values | changes))  # type: ignore[arg-type]


def test_the_open_data_do_not_erase_what_an_enrolment_said() -> None:
    enrolled = entry(endpoint="https://node.example/aoo/A1B2C3D", seal_certificates=("c2Vh",))
    merged = keep_what_is_missing(entry(phone="0566"), enrolled)
    assert merged.endpoint == enrolled.endpoint
    assert merged.seal_certificates == enrolled.seal_certificates
    assert merged.phone == "0566"


def test_an_entry_survives_the_journey_through_json() -> None:
    assert area_from_json(_listed(area_to_json(entry(emails=("a@b.it",))))) == entry(emails=("a@b.it",))


def _listed(value: dict[str, object]) -> dict[str, object]:
    return {name: list(one) if isinstance(one, tuple) else one for name, one in value.items()}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"aoo_code": "B123456"}, "aoo_code"),
        ({"ipa_code": "a b"}, "ipa_code"),
        ({"endpoint": "http://node.example"}, "endpoint"),
        ({"endpoint": "https://"}, "endpoint"),
        ({"seal_certificates": ("no",)}, "seal_certificates"),
        ({"body_name": " "}, "body_name"),
    ],
)
def test_an_entry_that_cannot_be_used_names_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_area(entry(**changes))
    assert refusal.value.field == field


def test_the_prefix_of_the_services_has_no_last_slash() -> None:
    assert (
        check_endpoint(" https://node.example:8443/aoo/A1B2C3D/ ") == "https://node.example:8443/aoo/A1B2C3D"
    )


def test_texts_are_searched_without_case_accents_and_punctuation() -> None:
    assert (
        folded("Comunità  Montana «Colline Metallifère», c_F032")
        == "comunita montana colline metallifere c_f032"
    )
