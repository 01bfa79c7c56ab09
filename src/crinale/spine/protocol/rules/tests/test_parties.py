"""Parties, subjects and identifiers: what is refused names its field and its remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from crinale.kernel.errors import Invalid
from crinale.spine.protocol.rules.identifier import Identifier, check_identifier, parse_identifier
from crinale.spine.protocol.rules.parties import PartyData, check_party, check_recipients
from crinale.spine.protocol.rules.subject import check_subject
from crinale.spine.protocol.rules.tests.samples import IDENTIFIER, PARTIES


def test_good_parties_pass_and_survive_json() -> None:
    for party in PARTIES:
        checked = check_party(party, field="sender")
        assert PartyData.from_json(checked.as_json()) == checked
        assert checked.display_name


def test_codes_come_out_in_canonical_spelling() -> None:
    party = PartyData(kind="administration", name=" Comune ", ipa_code=" c_f032", aoo_code="a1b2c3d")
    assert check_party(party, field="x") == PartyData(
        kind="administration", name="Comune", ipa_code="c_f032", aoo_code="A1B2C3D"
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "administration", "name": "Comune"}, "ipa_code"),
        ({"kind": "administration", "ipa_code": "c_f032"}, "name"),
        ({"kind": "administration", "name": "C", "ipa_code": "c_f032", "aoo_code": "B123456"}, "aoo_code"),
        ({"kind": "administration", "name": "C", "ipa_code": "c_f032", "office_code": "U"}, "aoo_code"),
        ({"kind": "administration", "name": "C", "ipa_code": "c_f032", "first_name": "A"}, "last_name"),
        ({"kind": "legal_person", "name": "Ditta", "tax_code": "RSSMRA80A01F032K"}, "tax_code"),
        ({"kind": "legal_person", "name": "Ditta", "tax_code": "00488410011"}, "tax_code"),
        ({"kind": "legal_person", "name": "Ditta", "email": "non un indirizzo"}, "email"),
        ({"kind": "natural_person", "last_name": "Rossi"}, "first_name"),
        ({"kind": "natural_person", "first_name": "Ada"}, "last_name"),
        (
            {"kind": "natural_person", "first_name": "A", "last_name": "R", "tax_code": "RSSMRA80A01F032X"},
            "tax_code",
        ),
        ({"kind": "natural_person", "first_name": "A", "last_name": "R", "ipa_code": "c_f032"}, "ipa_code"),
        ({"kind": "foreign_administration"}, "name"),
        ({"kind": "foreign_administration", "name": "x" * 501}, "name"),
        ({"kind": "legal_person", "name": "a\x07b"}, "name"),
        ({"kind": "martian", "name": "x"}, "kind"),
    ],
)
def test_wrong_parties_name_their_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_party(PartyData(**values), field="recipients.0")
    assert caught.value.field == f"recipients.0.{field}"
    assert caught.value.remedy


def test_recipients_are_at_least_one_and_never_twice() -> None:
    assert check_recipients(PARTIES) == tuple(check_party(party, field="x") for party in PARTIES)
    with pytest.raises(Invalid):
        check_recipients(())
    with pytest.raises(Invalid) as caught:
        check_recipients((*PARTIES, PARTIES[0]))
    assert caught.value.field == f"recipients.{len(PARTIES)}"


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "   ",
        "\u00a0",
        "abc",
        "oggetto",
        "-----",
        "aaaaaa",
        "1 2",
        "x" * 2001,
        "ciao\x00ciao",
        "\u202etesto lungo",
    ],
)
def test_meaningless_subjects_are_refused(subject: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_subject(subject)
    assert caught.value.field == "subject"


def test_subjects_are_normalised_and_short_ones_advised() -> None:
    assert check_subject(" Nota\n\tdel   Sindaco ").subject == "Nota del Sindaco"
    assert check_subject("Nota del Sindaco").advice
    assert not check_subject("Trasmissione del verbale della conferenza dei servizi").advice
    assert check_subject("Perche\u0301 no").subject == "Perché no"


def test_identifiers_are_written_and_read() -> None:
    assert str(IDENTIFIER) == "c_f032/A1B2C3D/PG/0000123/2026-11-23"
    assert parse_identifier(str(IDENTIFIER)).key == IDENTIFIER.key
    assert str(replace(IDENTIFIER, written=f"000{IDENTIFIER.number_text}")) == str(IDENTIFIER)
    assert Identifier("C_F032", "a1b2c3d", "pg", 123, date(2026, 11, 23)).key == IDENTIFIER.key
    assert (IDENTIFIER.number_text, IDENTIFIER.year) == ("0000123", 2026)
    assert Identifier("a", "b", "c", 12345678, date(2026, 1, 1)).number_text == "12345678"
    for wrong in ("", "c_f032/A1B2C3D/PG/0000123", "c_f032/A1B2C3D/PG/0/2026-11-23", "a/b/c/1/2026-13-01"):
        with pytest.raises(Invalid):
            parse_identifier(wrong)
    with pytest.raises(Invalid):
        check_identifier(Identifier("", "b", "c", 1, date(2026, 1, 1)))
