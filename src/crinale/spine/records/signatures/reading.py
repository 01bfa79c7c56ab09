"""Reading a ds:Signature into plain values, refusing everything that the short list does not hold."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from crinale.kernel.errors import CrinaleError
from crinale.spine.records.signatures.algorithms import (
    CANONICALIZATIONS,
    DIGESTS,
    DS,
    ENVELOPED,
    EXC_C14N,
    SIGNATURE_METHODS,
)

if TYPE_CHECKING:
    from lxml import etree

_MAX_REFERENCES: Final = 16
_MAX_TRANSFORMS: Final = 3
_INCLUSIVE_NAMESPACES: Final = f"{{{EXC_C14N}}}InclusiveNamespaces"


class Flaw(StrEnum):
    """What is wrong with a signature."""

    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    REFERENCE = "reference"
    DUPLICATE_ID = "duplicate_id"
    DIGEST = "digest"
    VALUE = "value"


class SignatureRefused(CrinaleError):
    """The signature is not valid."""

    def __init__(self, flaw: Flaw, detail: str = "") -> None:
        super().__init__(f"The signature is not valid ({flaw.value}): {detail}")
        self.flaw = flaw
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Canonicalization:
    """How to make the canonical form; comments never belong to it."""

    exclusive: bool
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedReference:
    """One ds:Reference as read."""

    uri: str
    type: str
    id: str
    enveloped: bool
    canonicalization: Canonicalization
    digest_method: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class ParsedSignature:
    """A ds:Signature as read, nothing of it verified."""

    signed_info: etree._Element
    canonicalization: Canonicalization
    method: str
    references: tuple[ParsedReference, ...]
    value: bytes
    key_info: etree._Element | None


def read_signature(signature: etree._Element) -> ParsedSignature:
    """Read a ds:Signature; anything unexpected is a :class:`SignatureRefused`."""
    if signature.tag != _ds("Signature"):
        raise SignatureRefused(Flaw.MALFORMED, "it is not a ds:Signature")
    children = list(signature)
    if [child.tag for child in children[:2]] != [
        _ds("SignedInfo"),
        _ds("SignatureValue"),
    ]:
        raise SignatureRefused(Flaw.MALFORMED, "SignedInfo and SignatureValue must come first")
    info, value = children[:2]
    parts = list(info)
    if [part.tag for part in parts[:2]] != [
        _ds("CanonicalizationMethod"),
        _ds("SignatureMethod"),
    ]:
        raise SignatureRefused(Flaw.MALFORMED, "SignedInfo does not begin with its methods")
    method = parts[1].get("Algorithm", "")
    if method not in SIGNATURE_METHODS or len(parts[1]):
        raise SignatureRefused(Flaw.ALGORITHM, f"signature method {method[:120]!r}")
    if not 1 <= len(parts) - 2 <= _MAX_REFERENCES:
        raise SignatureRefused(Flaw.REFERENCE, "the number of references is not acceptable")
    return ParsedSignature(
        signed_info=info,
        canonicalization=_canonicalization(parts[0]),
        method=method,
        references=tuple(_reference(part) for part in parts[2:]),
        value=base64_of(value),
        key_info=next((child for child in children[2:3] if child.tag == _ds("KeyInfo")), None),
    )


def base64_of(element: etree._Element) -> bytes:
    """Decode the base64 content of an element; only the one canonical spelling of a value is accepted."""
    written = "".join("".join(element.itertext()).split())
    try:
        value = b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        raise SignatureRefused(Flaw.MALFORMED, f"{element.tag!r} is not base64") from None
    if b64encode(value).decode() != written:
        raise SignatureRefused(Flaw.MALFORMED, f"{element.tag!r} has stray bits after its base64 value")
    return value


def _ds(name: str) -> str:
    return f"{{{DS}}}{name}"


def _reference(element: etree._Element) -> ParsedReference:
    if element.tag != _ds("Reference"):
        raise SignatureRefused(Flaw.MALFORMED, "SignedInfo has a foreign part")
    parts = list(element)
    # ds:Transforms may be left out (XML Signature 1.1 section 4.4.3): then the whole target counts.
    transforms = list(parts.pop(0)) if parts and parts[0].tag == _ds("Transforms") else []
    if [part.tag for part in parts] != [_ds("DigestMethod"), _ds("DigestValue")]:
        raise SignatureRefused(
            Flaw.MALFORMED,
            "a reference must have digest method and digest value",
        )
    digest_method = parts[0].get("Algorithm", "")
    if digest_method not in DIGESTS:
        raise SignatureRefused(Flaw.ALGORITHM, f"digest method {digest_method[:120]!r}")
    uri = element.get("URI")
    if uri is None:
        raise SignatureRefused(Flaw.REFERENCE, "a reference has no URI")
    enveloped, how = _transforms(transforms)
    return ParsedReference(
        uri=uri,
        type=element.get("Type", ""),
        id=element.get("Id", ""),
        enveloped=enveloped,
        canonicalization=how,
        digest_method=digest_method,
        digest=base64_of(parts[1]),
    )


def _transforms(transforms: list[etree._Element]) -> tuple[bool, Canonicalization]:
    """Accept an optional enveloped-signature transform followed by at most one canonicalization."""
    if len(transforms) > _MAX_TRANSFORMS or any(part.tag != _ds("Transform") for part in transforms):
        raise SignatureRefused(Flaw.ALGORITHM, "too many or foreign transforms")
    enveloped = bool(transforms) and transforms[0].get("Algorithm") == ENVELOPED
    if enveloped and len(transforms[0]):
        raise SignatureRefused(Flaw.ALGORITHM, "a transform has parameters")
    rest = transforms[1:] if enveloped else transforms
    if len(rest) > 1:
        raise SignatureRefused(Flaw.ALGORITHM, "more than one canonicalization")
    # With no canonicalization named, XML Signature 1.1 section 4.4.3.2 means the inclusive one.
    return enveloped, _canonicalization(rest[0]) if rest else Canonicalization(exclusive=False)


def _canonicalization(element: etree._Element) -> Canonicalization:
    algorithm = element.get("Algorithm", "")
    exclusive = CANONICALIZATIONS.get(algorithm)
    if exclusive is None:
        raise SignatureRefused(Flaw.ALGORITHM, f"transform {algorithm[:120]!r}")
    children = list(element)
    if not children:
        return Canonicalization(exclusive=exclusive)
    if not exclusive or len(children) > 1 or children[0].tag != _INCLUSIVE_NAMESPACES:
        raise SignatureRefused(Flaw.ALGORITHM, "a transform has parameters")
    return Canonicalization(exclusive=True, prefixes=tuple(children[0].get("PrefixList", "").split()))
