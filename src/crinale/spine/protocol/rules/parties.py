"""Who sends and who receives: the four kinds of correspondent of the segnatura (Allegato 6, SoggettoType)."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, get_args

from crinale.kernel.codes import check_aoo_code, check_codice_fiscale, check_ipa_code, check_partita_iva
from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PartyKind = Literal["administration", "legal_person", "natural_person", "foreign_administration"]
KINDS: Final[tuple[str, ...]] = get_args(PartyKind)
MAXIMUM_NAME: Final = 500
MOST_SENDERS: Final = 100  # a petition names its first signatories; the whole list is in the document
MOST_RECIPIENTS: Final = 2000  # a mailing to more is registered in parts
CONTACTS: Final = ("email", "phone", "postal_address")
_EMAIL: Final = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,189}\.[^\s@<>\".]{2,63}")
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_ELEVEN_DIGITS: Final = re.compile(r"[0-9]{11}")
_PERSONAL_CODE_LENGTH: Final = 16


class PersonNames(TypedDict):
    """The names of a person, as they go into :class:`PartyData`."""

    first_name: str
    last_name: str
    title: str


class Contacts(TypedDict):
    """How to reach a party."""

    email: str
    phone: str
    postal_address: str


class RecipientFlags(TypedDict):
    """What is asked of a recipient."""

    confirm: bool
    for_information: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyData:
    """A sender or a recipient.

    ``first_name`` and ``last_name`` are those of a natural person, or of the person meant inside an
    administration or a firm. ``confirm`` (answer with your registration) and ``for_information`` matter for
    recipients only. ``postal_address`` is one line of text: it is kept in the register and never put into a
    segnatura, whose schema asks for a postal code of six digits, which Italy does not have.
    """

    kind: PartyKind
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    title: str = ""
    tax_code: str = ""
    ipa_code: str = ""
    aoo_code: str = ""
    aoo_name: str = ""
    office_code: str = ""
    office_name: str = ""
    email: str = ""
    phone: str = ""
    postal_address: str = ""
    confirm: bool = True
    for_information: bool = False

    @property
    def display_name(self) -> str:
        """The name to show and to search by."""
        if self.kind == "natural_person":
            return " ".join(part for part in (self.title, self.first_name, self.last_name) if part)
        return " - ".join(part for part in (self.name, self.aoo_name, self.office_name) if part)

    def as_json(self) -> dict[str, str | bool]:
        """Give the fields that differ from their defaults, for a JSON column."""
        return {
            name: getattr(self, name)
            for name, default in _FIELDS.items()
            if name == "kind" or getattr(self, name) != default
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> PartyData:
        """Read what :meth:`as_json` gave; unknown keys are ignored, so that older rows stay readable."""
        known = {field.name for field in dataclasses.fields(cls)}
        values: dict[str, Any] = {name: value for name, value in data.items() if name in known}
        return cls(**values)


# Looked up once: every registration asks for them several times.
_FIELDS: Final = {field.name: field.default for field in dataclasses.fields(PartyData)}


def check_party(party: PartyData, *, field: str) -> PartyData:
    """Check a correspondent and give it with its codes in canonical spelling.

    :raises Invalid: naming the field (``field`` is the path before it, such as ``recipients.0``) and the
        remedy.
    """
    if party.kind not in KINDS:
        raise Invalid(f"{field}.kind", f"choose one of {', '.join(KINDS)}")
    stripped = _stripped(party)
    _check_lengths(stripped, field)
    check_email(stripped.email, field=f"{field}.email")
    if stripped.kind == "natural_person":
        return _check_natural_person(stripped, field)
    if not stripped.name:
        raise Invalid(f"{field}.name", "give the full name")
    if bool(stripped.first_name) != bool(stripped.last_name):
        raise Invalid(f"{field}.last_name", "give both names of the person, or none")
    if stripped.kind == "administration":
        return _check_administration(stripped, field)
    if stripped.kind == "legal_person":
        return dataclasses.replace(stripped, tax_code=_tax_code_of_firm(stripped.tax_code, field))
    return stripped


def party_as_received(party: PartyData) -> PartyData:
    """Return a correspondent that somebody else wrote and sealed, without what hides text."""
    cleaned: dict[str, Any] = {
        name: _CONTROL.sub("", value).strip()[:MAXIMUM_NAME] if isinstance(value, str) else value
        for name, value in party.as_json().items()
    }
    return PartyData(**cleaned)


def _stripped(party: PartyData) -> PartyData:
    values: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value for name, value in party.as_json().items()
    }
    return PartyData(**values)


def check_email(address: str, *, field: str) -> None:
    """Check the spelling of an address; an empty one is none."""
    if address and not _EMAIL.fullmatch(address):
        raise Invalid(field, "write an address such as ufficio@comune.example.it")


def check_contact(value: str, *, field: str) -> str:
    """Check one of the :data:`CONTACTS`; ``field`` ends with its name."""
    clean = value.strip()
    _check_text(clean, field)
    if field.endswith("email"):
        check_email(clean, field=field)
    return clean


def check_recipients(recipients: Sequence[PartyData], *, field: str = "recipients") -> tuple[PartyData, ...]:
    """Check all recipients: at least one, none twice (DPR 445/2000 art. 53 c.1 c)."""
    if not recipients:
        raise Invalid(field, "add at least one recipient")
    if len(recipients) > MOST_RECIPIENTS:
        raise Invalid(field, f"register at most {MOST_RECIPIENTS} recipients together: divide them")
    return _each_once(recipients, field, "this recipient is listed twice: remove one")


def check_senders(senders: Sequence[PartyData], *, field: str = "senders") -> tuple[PartyData, ...]:
    """Check all senders: at least one, none twice (DPR 445/2000 art. 53 c.1 c)."""
    if not senders:
        raise Invalid(field, "say who sends it")
    if len(senders) > MOST_SENDERS:
        raise Invalid(field, f"name at most {MOST_SENDERS} senders; the document names the others")
    if len(senders) == 1:
        return (check_party(senders[0], field="sender"),)
    return _each_once(senders, field, "this sender is listed twice: remove one")


def _each_once(parties: Sequence[PartyData], field: str, remedy: str) -> tuple[PartyData, ...]:
    checked = tuple(check_party(party, field=f"{field}.{position}") for position, party in enumerate(parties))
    seen: set[tuple[str, ...]] = set()
    for position, party in enumerate(checked):
        key = _sameness(party)
        if key in seen:
            raise Invalid(f"{field}.{position}", remedy)
        seen.add(key)
    return checked


def _sameness(party: PartyData) -> tuple[str, ...]:
    if party.aoo_code:
        return (
            party.kind,
            party.aoo_code,
            party.office_code.lower(),
            party.last_name.lower(),
            party.first_name.lower(),
        )
    names = (party.name, party.first_name, party.last_name, party.tax_code, party.ipa_code, party.office_code)
    return (party.kind, *(name.lower() for name in names), party.office_name.lower(), party.email.lower())


def _check_lengths(party: PartyData, field: str) -> None:
    for name in _FIELDS:
        value = getattr(party, name)
        if isinstance(value, str):
            _check_text(value, f"{field}.{name}")


def _check_text(value: str, field: str) -> None:
    if len(value) > MAXIMUM_NAME:
        raise Invalid(field, f"shorten it to {MAXIMUM_NAME} characters")
    if _CONTROL.search(value):
        raise Invalid(field, "remove the control characters")


def _check_natural_person(party: PartyData, field: str) -> PartyData:
    if not party.first_name:
        raise Invalid(f"{field}.first_name", "give the first name")
    if not party.last_name:
        raise Invalid(f"{field}.last_name", "give the last name")
    if party.ipa_code or party.aoo_code or party.office_code:
        raise Invalid(f"{field}.ipa_code", "a person has no IPA codes: choose the kind administration")
    if not party.tax_code:
        return party
    return dataclasses.replace(
        party, tax_code=check_codice_fiscale(party.tax_code, field=f"{field}.tax_code")
    )


def _check_administration(party: PartyData, field: str) -> PartyData:
    if not party.ipa_code:
        raise Invalid(f"{field}.ipa_code", "give the IPA code, or choose the body from the index")
    if party.office_code and not party.aoo_code:
        raise Invalid(f"{field}.aoo_code", "an office is reached through its AOO: give the AOO's code")
    return dataclasses.replace(
        party,
        ipa_code=check_ipa_code(party.ipa_code, field=f"{field}.ipa_code"),
        aoo_code=check_aoo_code(party.aoo_code, field=f"{field}.aoo_code") if party.aoo_code else "",
        tax_code=_eleven_digits(party.tax_code, f"{field}.tax_code"),
    )


def _tax_code_of_firm(code: str, field: str) -> str:
    """Check the code of a company, or of a firm that is one person and has that person's code."""
    if len(code) == _PERSONAL_CODE_LENGTH:
        return check_codice_fiscale(code, field=f"{field}.tax_code")
    return _eleven_digits(code, f"{field}.tax_code")


def _eleven_digits(code: str, field: str) -> str:
    if not code:
        return ""
    if not _ELEVEN_DIGITS.fullmatch(code.removeprefix("IT")):
        raise Invalid(field, "the tax code of a body or firm has eleven digits")
    return check_partita_iva(code, field=field)
