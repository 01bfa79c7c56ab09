"""Decisions about bodies and their unions (D.Lgs. 267/2000 art. 32: municipalities may form a union)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from crinale.kernel.errors import Conflict, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

LONGEST_REVIEW_MONTHS = 60
_LEAP_YEAR = 2024
_OFFICE = re.compile(r"[A-Z0-9]{6}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"[0-9 +()./-]{3,40}")
_ISTAT = re.compile(r"[0-9]{6}")


class NotAUnion(Conflict):
    """Only a union has members."""


class OverlappingMembership(Conflict):
    """The body already belongs to this union on one of these days."""


@dataclass(frozen=True, kw_only=True)
class Days:
    """Days from ``first`` until ``until``, the first day that is not among them; nothing means for ever."""

    first: date
    until: date | None = None

    def overlaps(self, other: Days) -> bool:
        """Say whether some day is in both."""
        return (self.until is None or other.first < self.until) and (
            other.until is None or self.first < other.until
        )


def check_patron_day(text: str) -> str:
    """Check the patron saint's day, ``MM-DD``: a holiday for the body (L. 260/1949); empty when unknown."""
    if not text:
        return text
    try:
        day = date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    except ValueError as error:
        raise Invalid("patron_day", "write month and day as MM-DD, for instance 10-10") from error
    return f"{day:%m-%d}"


def check_istat_code(text: str) -> str:
    """Check the ISTAT code of a municipality, six digits; empty for bodies that have none."""
    if text and not _ISTAT.fullmatch(text):
        raise Invalid("istat_code", "an ISTAT code of a municipality has six digits")
    return text


def check_name(text: str, *, field: str = "name") -> str:
    """Check that a name says something and fits."""
    name = " ".join(text.split())
    if not name or len(name) > 300:
        raise Invalid(field, "write a name of 1 to 300 characters")
    return name


def check_office_ipa_code(text: str) -> str:
    """Check a Codice_uni_uo of the IPA, six letters or digits; empty for an office that is not published."""
    code = text.strip().upper()
    if code and not _OFFICE.fullmatch(code):
        raise Invalid("ipa_code", "a unique office code has six letters or digits")
    return code


def check_email(text: str) -> str:
    """Check the shape of an address of electronic mail; empty where there is none."""
    address = text.strip()
    if address and (len(address) > 254 or not _EMAIL.fullmatch(address)):
        raise Invalid("email", "write an address such as ufficio@comune.example")
    return address


def check_phone(text: str) -> str:
    """Check the shape of a telephone number; empty where there is none."""
    number = " ".join(text.split())
    if number and not _PHONE.fullmatch(number):
        raise Invalid("phone", "write a number of digits and spaces, such as 0566 906111")
    return number


def all_above(start: UUID, parents: Mapping[UUID, set[UUID]]) -> set[UUID]:
    """Return an office and all that stand, or will stand, above it."""
    found: set[UUID] = set()
    waiting = [start]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += parents.get(one, ())
    return found


def begins(day: date | None) -> date:
    """Return a day to sort by; nothing stands for what was always so."""
    return day or date.min


def check_membership(*, is_union: bool, wanted: Days, held: Iterable[Days]) -> None:
    """Check a new membership against those that the body already held in the union."""
    if not is_union:
        raise NotAUnion
    if wanted.until is not None and wanted.until <= wanted.first:
        raise Invalid("valid_to", "a membership ends after the day on which it begins")
    if any(wanted.overlaps(days) for days in held):
        raise OverlappingMembership
