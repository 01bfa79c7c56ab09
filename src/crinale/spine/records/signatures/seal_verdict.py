"""Whether the seal of a received segnatura is good (Allegato 6 section 3.1.1 B a; ETSI EN 319 132-1).

The verdict is a value with a reason, a sentence for people and the certificate; only programming errors are
raised.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import Encoding

from crinale.spine.records.signatures.algorithms import DIGESTS, DS
from crinale.spine.records.signatures.certificates import CertificateReason, load_der
from crinale.spine.records.signatures.parsing import MAX_BYTES, XmlRefused, parse_xml
from crinale.spine.records.signatures.reading import Flaw, SignatureRefused, base64_of
from crinale.spine.records.signatures.xmldsig import VerifiedReference, verify_signature

if TYPE_CHECKING:
    from cryptography import x509
    from lxml import etree

    from crinale.spine.records.signatures.certificates import TrustStore

XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
SIGNED_PROPERTIES_TYPE: Final = "http://uri.etsi.org/01903#SignedProperties"
_MAX_CERTIFICATES: Final = 8
_PROPERTIES_PATH: Final = f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties/{{{XADES}}}SignedProperties"
_SIGNATURE_PROPERTIES: Final = f"{{{XADES}}}SignedSignatureProperties"


class SealReason(StrEnum):
    """Why a seal is good or not."""

    VALID = "valid"
    UNREADABLE = "unreadable"
    NO_SEAL = "no_seal"
    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    REFERENCE = "reference"
    CONTENT_CHANGED = "content_changed"
    SIGNATURE_WRONG = "signature_wrong"
    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_MISMATCH = "certificate_mismatch"
    UNKNOWN_ISSUER = "unknown_issuer"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    WRONG_USE = "wrong_use"
    WEAK = "weak"


# Message identifiers: whoever shows them to a person translates them.
SENTENCES: Final[dict[SealReason, str]] = {
    SealReason.VALID: "The seal is valid.",
    SealReason.UNREADABLE: "The sealed document cannot be read.",
    SealReason.NO_SEAL: "The document has no seal.",
    SealReason.MALFORMED: "The seal is not built as XAdES baseline-B requires.",
    SealReason.ALGORITHM: "The seal uses an algorithm or a transform that is not allowed.",
    SealReason.REFERENCE: "The seal does not cover the document in the expected way.",
    SealReason.CONTENT_CHANGED: "The document was changed after it was sealed.",
    SealReason.SIGNATURE_WRONG: "The value of the seal does not agree with its certificate.",
    SealReason.CERTIFICATE_MISSING: "The seal does not carry its certificate.",
    SealReason.CERTIFICATE_MISMATCH: "The certificate is not the one that the seal names.",
    SealReason.UNKNOWN_ISSUER: "The issuer of the seal's certificate is not known.",
    SealReason.EXPIRED: "A certificate of the seal has expired.",
    SealReason.NOT_YET_VALID: "A certificate of the seal is not valid yet.",
    SealReason.REVOKED: "A certificate of the seal was revoked.",
    SealReason.WRONG_USE: "The certificate of the seal is not meant for signatures.",
    SealReason.WEAK: "The key of the seal is too weak.",
}
_REASON_OF_FLAW: Final = {
    Flaw.MALFORMED: SealReason.MALFORMED,
    Flaw.ALGORITHM: SealReason.ALGORITHM,
    Flaw.REFERENCE: SealReason.REFERENCE,
    Flaw.DUPLICATE_ID: SealReason.REFERENCE,
    Flaw.DIGEST: SealReason.CONTENT_CHANGED,
    Flaw.VALUE: SealReason.SIGNATURE_WRONG,
}


@dataclass(frozen=True, slots=True)
class SealVerdict:
    """The verdict on a seal at an instant."""

    reason: SealReason
    detail: str = ""
    certificate: x509.Certificate | None = None
    chain: tuple[x509.Certificate, ...] = ()
    signing_time: datetime | None = None

    @property
    def valid(self) -> bool:
        """Say whether the seal is good."""
        return self.reason is SealReason.VALID

    @property
    def sentence(self) -> str:
        """Say it to a person, in English; also the identifier of its translation."""
        return SENTENCES[self.reason]


class _NotValid(Exception):
    """The seal is not valid."""

    def __init__(self, reason: SealReason, detail: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def verify_seal(xml: bytes, *, trust: TrustStore, at: datetime, max_bytes: int = MAX_BYTES) -> SealVerdict:
    """Judge the enveloped seal of a document at an instant."""
    try:
        root = parse_xml(xml, max_bytes=max_bytes)
    except XmlRefused as refusal:
        return SealVerdict(SealReason.UNREADABLE, str(refusal))
    return verify_seal_of(root, trust=trust, at=at)


def verify_seal_of(root: etree._Element, *, trust: TrustStore, at: datetime) -> SealVerdict:
    """Judge the seal of a parsed document; ``root`` must be a root that :func:`parse_xml` gave."""
    certificate, signing_time = None, None
    try:
        signature = _only_signature(root)
        signing = _signed_signature_properties(signature)
        certificates = _certificates(signature)
        certificate = _named_certificate(signing, certificates)
        signing_time = _signing_time(signing)
        _check_coverage(root, signature, verify_signature(signature, certificate=certificate))
    except SignatureRefused as refusal:
        return SealVerdict(_REASON_OF_FLAW[refusal.flaw], refusal.detail, certificate, (), signing_time)
    except _NotValid as refusal:
        return SealVerdict(refusal.reason, refusal.detail, certificate, (), signing_time)
    believed = trust.check(certificate, at=at, extra=certificates)
    valid = believed.reason is CertificateReason.TRUSTED
    reason = SealReason.VALID if valid else SealReason(believed.reason.value)
    return SealVerdict(reason, believed.detail, certificate, believed.chain, signing_time)


def _only_signature(root: etree._Element) -> etree._Element:
    found = root.findall(f"{{{DS}}}Signature")
    if not found:
        raise _NotValid(SealReason.NO_SEAL)
    if len(found) > 1 or root[-1] is not found[0]:
        raise _NotValid(SealReason.MALFORMED, "exactly one ds:Signature must stand last in the root")
    return found[0]


def _signed_signature_properties(signature: etree._Element) -> etree._Element:
    found = signature.findall(f"{_PROPERTIES_PATH}/{_SIGNATURE_PROPERTIES}")
    if len(found) != 1:
        raise _NotValid(
            SealReason.MALFORMED,
            "exactly one xades:SignedSignatureProperties is required",
        )
    return found[0]


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    found = signature.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if not found:
        raise _NotValid(SealReason.CERTIFICATE_MISSING)
    try:
        return [load_der(base64_of(element)) for element in found[:_MAX_CERTIFICATES]]
    except ValueError as error:
        raise _NotValid(SealReason.MALFORMED, f"a certificate cannot be read: {error}") from None


def _named_certificate(signing: etree._Element, certificates: list[x509.Certificate]) -> x509.Certificate:
    """Find the certificate that SigningCertificateV2 names by digest.

    The signature proves that this name is meant.
    """
    named = signing.find(f"{{{XADES}}}SigningCertificateV2/{{{XADES}}}Cert/{{{XADES}}}CertDigest")
    if named is None:
        named = signing.find(f"{{{XADES}}}SigningCertificate/{{{XADES}}}Cert/{{{XADES}}}CertDigest")
    if named is None:
        raise _NotValid(SealReason.MALFORMED, "xades:SigningCertificateV2 is missing")
    method = named.find(f"{{{DS}}}DigestMethod")
    digest = DIGESTS.get("" if method is None else method.get("Algorithm", ""))
    if digest is None:
        raise _NotValid(SealReason.ALGORITHM, "digest of the signing certificate")
    try:
        expected = b64decode(named.findtext(f"{{{DS}}}DigestValue", ""))
    except (binascii.Error, ValueError):
        raise _NotValid(SealReason.MALFORMED, "digest of the signing certificate") from None
    for certificate in certificates:
        if digest(certificate.public_bytes(Encoding.DER)).digest() == expected:
            return certificate
    raise _NotValid(SealReason.CERTIFICATE_MISMATCH)


def _signing_time(signing: etree._Element) -> datetime:
    text = signing.findtext(f"{{{XADES}}}SigningTime", "").strip()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _NotValid(SealReason.MALFORMED, "xades:SigningTime is missing or wrong") from None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _check_coverage(
    root: etree._Element,
    signature: etree._Element,
    references: tuple[VerifiedReference, ...],
) -> None:
    """Check that exactly the document and the signed properties are covered, and optionally KeyInfo."""
    properties = signature.find(_PROPERTIES_PATH)
    qualifying = signature.find(f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties")
    key_info = signature.find(f"{{{DS}}}KeyInfo")
    documents = [one for one in references if one.element is root and one.enveloped]
    signed = [one for one in references if one.element is properties and one.type == SIGNED_PROPERTIES_TYPE]
    others = [one for one in references if one not in documents and one not in signed]
    if len(documents) != 1 or len(signed) != 1 or any(one.element is not key_info for one in others):
        raise _NotValid(
            SealReason.REFERENCE,
            "the seal must cover the whole document and its properties, and no more",
        )
    identity = signature.get("Id")
    if qualifying is None or not identity or qualifying.get("Target") != f"#{identity}":
        raise _NotValid(
            SealReason.REFERENCE,
            "xades:QualifyingProperties is about another signature",
        )
