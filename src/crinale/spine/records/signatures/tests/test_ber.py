"""Files of unknown lengths and many pieces come out as one piece, in one pass."""

from __future__ import annotations

import time

import pytest

from crinale.spine.records.signatures.ber import BerDamaged, definite


def test_what_is_definite_stays_byte_for_byte() -> None:
    for data in (b"\x30\x03\x02\x01\x05", b"\x30\x81\x03\x02\x01\x05", b"\x30\x00", b"\x04\x82\x00\x01x"):
        assert definite(data) == data
    assert definite(b"\x30\x03\x02\x01\x05trailing") == b"\x30\x03\x02\x01\x05"


def test_pieces_are_joined() -> None:
    assert definite(b"\x30\x80\x24\x80\x04\x02ab\x04\x01c\x00\x00\x00\x00") == b"\x30\x05\x04\x03abc"
    assert definite(b"\x24\x07\x04\x02ab\x04\x01c") == b"\x04\x03abc"
    nested = b"\x24\x80\x24\x80\x04\x01a\x00\x00\x04\x01b\x00\x00"
    assert definite(nested) == b"\x04\x02ab"
    assert definite(b"\xbf\x81\x01\x80\x02\x01\x05\x00\x00") == b"\xbf\x81\x01\x03\x02\x01\x05"


def test_many_pieces_take_no_more_than_their_size() -> None:
    data = b"\x30\x80\x24\x80" + (b"\x04\x82\x10\x00" + b"x" * 4096) * 7500 + b"\x00\x00\x00\x00"
    begin = time.process_time()
    assert len(definite(data)) == 7500 * 4096 + 12
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x05\x02",
        b"\x30\x80\x02\x01\x05",
        b"\x30\x89" + b"\xff" * 9,
        b"\x04\x80\x00\x00",
        b"\x1f\xff",
        b"\x30\x80" * 10_000,
        b"\x30\x80" + b"\x05\x00" * 300_000 + b"\x00\x00",
    ],
)
def test_damaged_structures_are_refused_quickly(data: bytes) -> None:
    begin = time.process_time()
    with pytest.raises(BerDamaged):
        definite(data)
    assert time.process_time() - begin < 2
