"""Rows of the index of areas: what they hold, how one changes another, how they are searched for.

Allegato 6, section 3: administrations keep in the IPA, for every area, the prefix of its service endpoints;
note 4: the unique code of the area (Codice_uni_aoo) since 1 January 2022, before that cod_AOO, unique
within one administration.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from cryptography import x509

from crinale.kernel.codes import check_aoo_code, check_ipa_code
from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

# The widths of the columns; what does not fit is refused row by row.
AREA_WIDTHS: Final = {
    "ipa_code": 50,
    "body_name": 300,
    "aoo_code": 7,
    "aoo_name": 300,
    "former_aoo_code": 50,
    "endpoint": 300,
    "organization_identifier": 60,
    "emails": 254,
    "phone": 60,
    "address": 300,
    "responsible": 200,
}
BODY_WIDTHS: Final = {
    "ipa_code": 50,
    "name": 300,
    "fiscal_code": 16,
    "category": 20,
    "kind": 200,
    "site": 300,
    "emails": 254,
}
OFFICE_WIDTHS: Final = {
    "code": 7,
    "ipa_code": 50,
    "name": 500,
    "aoo_code": 7,
    "parent_code": 7,
    "emails": 254,
}
_NOT_WORDS: Final = re.compile(r"[^0-9a-z_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaEntry:
    """An area of the index. Certificates are base64 of DER."""

    ipa_code: str
    body_name: str
    aoo_code: str
    aoo_name: str
    former_aoo_code: str = ""
    endpoint: str = ""
    organization_identifier: str = ""
    seal_certificates: tuple[str, ...] = ()
    message_certificates: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phone: str = ""
    address: str = ""
    responsible: str = ""

    @property
    def search_text(self) -> str:
        """The words that find it."""
        return folded(f"{self.body_name} {self.aoo_name} {self.ipa_code} {self.aoo_code}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyEntry:
    """An administration of the index."""

    ipa_code: str
    name: str
    fiscal_code: str = ""
    category: str = ""
    kind: str = ""
    site: str = ""
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeEntry:
    """An organisational unit of the index."""

    code: str
    ipa_code: str
    name: str
    aoo_code: str = ""
    parent_code: str = ""
    emails: tuple[str, ...] = ()


def folded(text: str) -> str:
    """Return a text as it is searched: lower case, without accents and punctuation, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(_NOT_WORDS.sub(" ", kept).split())


def check_area(entry: AreaEntry) -> AreaEntry:
    """Return the entry with codes in canonical form.

    :raises Invalid: naming the field at fault.
    """
    if not entry.body_name.strip():
        raise Invalid("body_name", "give the name of the administration")
    if not entry.aoo_name.strip():
        raise Invalid("aoo_name", "give the name of the area")
    checked = replace(
        entry,
        ipa_code=check_ipa_code(entry.ipa_code),
        aoo_code=check_aoo_code(entry.aoo_code),
        endpoint=check_endpoint(entry.endpoint),
        seal_certificates=_certificates(entry.seal_certificates, "seal_certificates"),
        message_certificates=_certificates(entry.message_certificates, "message_certificates"),
    )
    check_widths(checked, AREA_WIDTHS)
    return checked


def check_widths(entry: AreaEntry | BodyEntry | OfficeEntry, widths: Mapping[str, int]) -> None:
    """Check that every text can be kept.

    :raises Invalid: naming the field that is too long, or holds a character that no text has.
    """
    for name, width in widths.items():
        value = getattr(entry, name)
        for text in value if isinstance(value, tuple) else (value,):
            if len(text) > width:
                raise Invalid(name, f"give at most {width} characters, not {len(text)}")
            if "\x00" in text:
                raise Invalid(name, "it holds a NUL character")


def _certificates(given: tuple[str, ...], field: str) -> tuple[str, ...]:
    """Return certificates as base64 of DER in one line each."""
    read = []
    for one in given:
        try:
            der = b64decode("".join(one.split()), validate=True)
            x509.load_der_x509_certificate(der)
        except ValueError:
            raise Invalid(field, "give certificates as base64 of DER") from None
        read.append(b64encode(der).decode())
    return tuple(read)


def check_endpoint(url: str) -> str:
    """Return the prefix of the services of an area without its last slash; empty is allowed.

    :raises Invalid: when it is not an https URL with a host and nothing after the path.
    """
    text = url.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise Invalid("endpoint", "give the https URL that the services share") from None
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise Invalid("endpoint", "give the https URL that the services share")
    return text.rstrip("/")


def keep_what_is_missing(new: AreaEntry, old: AreaEntry) -> AreaEntry:
    """Complete an entry with what its source does not know.

    The IPA files carry no certificates, often no endpoint.
    """
    kept = {
        name: getattr(old, name)
        for name in (
            "endpoint",
            "organization_identifier",
            "seal_certificates",
            "message_certificates",
            "former_aoo_code",
            "emails",
            "phone",
            "address",
            "responsible",
        )
        if not getattr(new, name)
    }
    return replace(new, **kept)


def area_to_json(entry: AreaEntry) -> dict[str, Any]:
    """Return an entry as JSON values."""
    return asdict(entry)


def area_from_json(value: Mapping[str, Any]) -> AreaEntry:
    """Read an entry written by :func:`area_to_json`, by this or a later version.

    :raises Invalid: when a field is missing or of the wrong type.
    """
    if not isinstance(value, dict):
        raise Invalid("areas", "every area is a JSON object")
    known: dict[str, Any] = {}
    for field in fields(AreaEntry):
        if field.name not in value:
            continue
        given = value[field.name]
        is_list = field.name.endswith(("certificates", "emails"))
        wrong = (
            not (isinstance(given, list) and all(isinstance(one, str) for one in given))
            if is_list
            else not isinstance(given, str)
        )
        if wrong:
            raise Invalid(field.name, "a list of texts" if is_list else "a text")
        known[field.name] = tuple(given) if is_list else given
    if missing := {"ipa_code", "body_name", "aoo_code", "aoo_name"} - known.keys():
        raise Invalid(min(missing), "this field is mandatory")
    return check_area(AreaEntry(**known))
