"""Checks of the codes that Italian public bodies, persons and firms are known by.

Each ``check_`` function returns the code in its canonical spelling, or raises
:class:`~crinale.kernel.errors.Invalid` with the field and the remedy.
"""

from __future__ import annotations

import re

from crinale.kernel.errors import Invalid

_IPA = re.compile(r"[A-Za-z0-9_.\-]{1,50}")
_AOO = re.compile(r"A[A-Z0-9]{6}")
_REGISTER = re.compile(r"[A-Za-z0-9_.\-]{1,16}")
_DIGIT = "[0-9LMNPQRSTUV]"  # homocodes have letters for digits
_FISCAL = re.compile(f"[A-Z]{{6}}{_DIGIT}{{2}}[ABCDEHLMPRST]{_DIGIT}{{2}}[A-Z]{_DIGIT}{{3}}[A-Z]")
_ELEVEN_DIGITS = re.compile(r"[0-9]{11}")
_ODD_VALUES = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def check_ipa_code(code: str, *, field: str = "ipa_code") -> str:
    """Check the IPA code of an administration (Codice_IPA of the open data)."""
    stripped = code.strip()
    if not _IPA.fullmatch(stripped):
        raise Invalid(field, "an IPA code has letters, digits, '_', '.' or '-', at most 50")
    return stripped


def check_aoo_code(code: str, *, field: str = "aoo_code") -> str:
    """Check a Codice_uni_aoo: seven characters, the first one is A (Allegato 6 AgID, note 4)."""
    upper = code.strip().upper()
    if not _AOO.fullmatch(upper):
        raise Invalid(field, "a unique AOO code has seven characters and begins with A")
    return upper


def check_register_code(code: str, *, field: str = "register_code") -> str:
    """Check a register code (CodiceRegistroType of the segnatura schema)."""
    stripped = code.strip()
    if not _REGISTER.fullmatch(stripped):
        raise Invalid(field, "a register code has 1 to 16 letters, digits, '_', '.' or '-'")
    return stripped


def check_codice_fiscale(code: str, *, field: str = "codice_fiscale") -> str:
    """Check a person's codice fiscale with its control letter (DM 23 December 1976), homocodes included."""
    upper = code.strip().upper()
    if not _FISCAL.fullmatch(upper):
        raise Invalid(field, "a codice fiscale has 16 characters: check it on the health card")
    if _control_letter(upper[:15]) != upper[15]:
        raise Invalid(field, "the control letter does not agree: check it on the health card")
    return upper


def _control_letter(first_fifteen: str) -> str:
    total = 0
    for position, character in enumerate(first_fifteen, start=1):
        value = ord(character) - (ord("0") if character.isdigit() else ord("A"))
        total += _ODD_VALUES[value] if position % 2 else value
    return chr(ord("A") + total % 26)


def check_partita_iva(code: str, *, field: str = "partita_iva") -> str:
    """Check an eleven-digit VAT number, or the fiscal code of a body, with its control digit."""
    stripped = code.strip().upper().removeprefix("IT")
    if not _ELEVEN_DIGITS.fullmatch(stripped):
        raise Invalid(field, "a VAT number has eleven digits")
    total = 0
    for position, digit in enumerate(map(int, stripped[:10]), start=1):
        doubled = digit * 2 if position % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled  # the digits of the double are added
    if (10 - total % 10) % 10 != int(stripped[10]):
        raise Invalid(field, "the control digit does not agree: check the number on a document")
    return stripped
