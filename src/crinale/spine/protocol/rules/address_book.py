"""How correspondents are compared and found: what makes two of them the same, and what a search looks at."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.parties import PartyData

# What belongs to one registration, not to the correspondent.
_OF_A_REGISTRATION: Final = {"confirm": True, "for_information": False}
_LONGEST: Final = 1000


def as_kept(party: PartyData) -> PartyData:
    """Return a party as the address book keeps it: without what was asked of it once."""
    return replace(party, confirm=True, for_information=False, email=party.email.lower())


def search_text(party: PartyData) -> str:
    """Return what a search looks at: names, codes and addresses, folded."""
    parts = (
        party.display_name,
        party.name,
        party.tax_code,
        party.ipa_code,
        party.aoo_code,
        party.email,
        party.postal_address,
    )
    return folded(" ".join(dict.fromkeys(part for part in parts if part)))[:_LONGEST]


def folded(text: str) -> str:
    """Return a text without accents, capitals and doubled spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(one for one in plain if not unicodedata.combining(one)).split())


def likely_same(one: PartyData, other: PartyData) -> str:
    """Return why two correspondents are probably the same, or "".

    ``tax_code``, ``office``, ``email`` or ``name``.
    A shared e-mail alone is not enough: families and small firms share one.
    """
    if one.tax_code and one.tax_code == other.tax_code and one.office_code == other.office_code:
        return "tax_code"
    if one.tax_code and other.tax_code and one.tax_code != other.tax_code:
        return ""
    if one.ipa_code and one.ipa_code.casefold() == other.ipa_code.casefold():
        same = (one.aoo_code, one.office_code) == (other.aoo_code, other.office_code)
        return "office" if same else ""
    if one.kind != other.kind or folded(one.display_name) != folded(other.display_name):
        return ""
    return "email" if one.email and one.email.casefold() == other.email.casefold() else "name"
