"""What the kernel promises."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, date, datetime

import pytest

from crinale.kernel import clock, codes, digests, ids, numbers, working_days
from crinale.kernel.errors import CrinaleError, Invalid
from crinale.kernel.ports import Port, PortNotBound


def test_ids_are_version_7_and_sort_by_time() -> None:
    made = [ids.new_id() for _ in range(50)]
    assert {(i.version, i.variant) for i in made} == {(7, uuid.RFC_4122)}
    assert len(set(made)) == len(made)
    milliseconds = [i.int >> 80 for i in made]
    assert milliseconds == sorted(milliseconds)


def test_the_docstring_of_an_error_is_its_message() -> None:
    class Closed(CrinaleError):
        """The register is closed."""

    assert str(Closed()) == "The register is closed."
    assert str(Invalid("subject", "write what it is about")) == "subject: write what it is about"


def test_a_legal_day_is_a_day_in_rome() -> None:
    with clock.frozen(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)):
        assert clock.now() == datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
        assert clock.today() == date(2027, 1, 1)
    assert clock.now().year < 2100  # the source is put back


def test_an_unbound_port_says_its_name() -> None:
    port: Port[str] = Port("records.blob_store")
    with pytest.raises(PortNotBound, match=r"records\.blob_store"):
        port.get()
    with port.replaced("a"):
        assert port.get() == "a"
    assert not port.is_bound


@pytest.mark.parametrize("code", ["RSSMRA85T10A562S", "rssmra85t10a562s ", "RSSMRA85T10A56NH"])
def test_codice_fiscale_is_accepted(code: str) -> None:
    assert codes.check_codice_fiscale(code) == code.strip().upper()


@pytest.mark.parametrize("code", ["RSSMRA85T10A562T", "RSSMRA85T10A562", "", "RSSMRA85Z10A562S"])
def test_codice_fiscale_is_refused_with_the_field(code: str) -> None:
    with pytest.raises(Invalid) as error:
        codes.check_codice_fiscale(code)
    assert error.value.field == "codice_fiscale"


def test_partita_iva() -> None:
    assert codes.check_partita_iva("IT00743110157") == "00743110157"
    with pytest.raises(Invalid):
        codes.check_partita_iva("00743110158")


def test_aoo_and_register_codes() -> None:
    assert codes.check_aoo_code("a12bc34") == "A12BC34"
    assert codes.check_register_code("PG") == "PG"
    for bad in ("B12BC34", "A12BC3", "A12BC345", "A12 C34"):
        with pytest.raises(Invalid):
            codes.check_aoo_code(bad)
    with pytest.raises(Invalid):
        codes.check_register_code("a register")


@pytest.mark.parametrize(
    ("year", "day"),
    [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5))],
)
def test_easter(year: int, day: date) -> None:
    assert working_days.easter(year) == day


def test_working_days_skip_weekends_holidays_and_the_patron() -> None:
    assert working_days.next_working_day(date(2026, 4, 3)) == date(2026, 4, 7)  # Easter
    assert working_days.next_working_day(date(2026, 10, 9)) == date(2026, 10, 12)
    assert working_days.next_working_day(date(2026, 10, 9), patron_day="10-12") == date(2026, 10, 13)
    assert not working_days.is_working_day(date(2027, 10, 4))
    assert working_days.is_working_day(date(2024, 10, 4))


def test_a_patron_on_29_february_rests_in_leap_years_only() -> None:
    assert working_days.next_working_day(date(2027, 2, 26), patron_day="02-29") == date(2027, 3, 1)
    assert working_days.next_working_day(date(2028, 2, 28), patron_day="02-29") == date(2028, 3, 1)
    assert date(2028, 2, 29) in working_days.holidays(2028, patron_day="02-29")
    assert working_days.holidays(2027, patron_day="02-29") == working_days.holidays(2027)
    with pytest.raises(ValueError, match="day"):
        working_days.holidays(2028, patron_day="02-30")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("123/2026", (2026, 123)),
        (" 0000123 / 2026 ", (2026, 123)),
        ("2026/0000123", (2026, 123)),
        ("123", None),
        ("12/26", None),
        ("delibera 12/2026", None),
    ],
)
def test_numbers_as_people_write_them(text: str, expected: tuple[int, int] | None) -> None:
    assert numbers.parse_number(text) == expected


def test_numbers_have_at_least_seven_digits() -> None:
    assert numbers.format_number(123) == "0000123"
    assert numbers.format_number(12_345_678) == "12345678"


def test_digests() -> None:
    assert digests.sha256_stream(io.BytesIO(b"abc")) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        3,
    )
    assert digests.canonical_json({"b": 1, "a": "è"}) == '{"a":"è","b":1}'.encode()


def test_a_merkle_root_changes_with_any_leaf_and_with_their_order() -> None:
    leaves = [digests.merkle_leaf(str(i).encode()) for i in range(7)]
    root = digests.merkle_root(leaves)
    for i in range(7):
        changed = [*leaves]
        changed[i] = digests.merkle_leaf(b"x")
        assert digests.merkle_root(changed) != root
    assert digests.merkle_root(leaves[::-1]) != root
    assert digests.merkle_root(leaves[:6]) != root
    assert digests.merkle_root(leaves[:1]) == leaves[0]
