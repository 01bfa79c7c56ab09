"""What the readers of signed files found: facts of mathematics and form, before any question of trust.

Each format has its reader (CMS, PDF, XML, ASiC, time-stamps); all give these values, and
:mod:`crinale.spine.records.signatures.judgement` makes one verdict of them. Terms are those of ETSI
EN 319 102-1 (validation), EN 319 122, 132, 142 and 162 (formats).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography import x509


class Integrity(StrEnum):
    """Whether what was signed is still what it was."""

    INTACT = "intact"  # every value verifies, every digest agrees
    NOT_INTACT = "not-intact"  # a value or digest is wrong, or what was signed is not there
    MIXED = "mixed"  # of several signatures some are intact, some are not
    NOT_ADES_B = "not-ades-b"  # the value may verify, but what AdES baseline B requires is missing or wrong
    NONE = "none"  # the file holds no signature and no time-stamp


class SubIndication(StrEnum):
    """Why a signature did not pass (EN 319 102-1 table 6)."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    SIGNATURE_POLICY_NOT_AVAILABLE = "SIGNATURE_POLICY_NOT_AVAILABLE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"


class Format(StrEnum):
    """The format of one signature."""

    CADES = "CAdES"
    PADES = "PAdES"
    XADES = "XAdES"
    CMS = "CMS"  # a signature of CMS that does not claim to be AdES
    PDF = "PDF"  # adbe.pkcs7.detached and the like
    XMLDSIG = "XMLDSig"


class StampKind(StrEnum):
    """What a time-stamp proves the existence of."""

    CONTENT = "content"  # the signed data, before the signature
    SIGNATURE = "signature"  # the value of the signature
    REFERENCES = "references"  # certificates and revocation references (levels C and X)
    ARCHIVE = "archive"  # the signature with all its validation material
    DOCUMENT = "document"  # a PDF revision, or a whole file (.tsd, .tst, .tsr, ASiC time-stamp)


@dataclass(frozen=True, slots=True)
class FoundStamp:
    """One time-stamp token (RFC 3161), read and checked as mathematics.

    ``intact`` says that the token's own signature verifies and its imprint agrees with what it stamps.
    ``certificate`` is that of the authority, ``certificates`` all that the token carries.
    ``digest`` and ``signature_algorithm`` are names as in :mod:`hashlib` and as "rsa", "ecdsa"…
    """

    kind: StampKind
    time: datetime | None
    intact: bool
    detail: str = ""
    certificate: x509.Certificate | None = None
    certificates: tuple[x509.Certificate, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsp_responses: tuple[bytes, ...] = ()
    digest: str = ""
    imprint_digest: str = ""
    signature_algorithm: str = ""
    serial_number: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class FoundSignature:
    """One signature, read and checked as mathematics and form.

    ``integrity`` is INTACT, NOT_INTACT or NOT_ADES_B; when it is not INTACT ``failure`` and ``detail``
    say why. ``certificate`` is the signer's, proven by the signed attributes where the format has them.
    ``crls`` and ``ocsp_responses`` are DER as embedded. ``covers`` names what is signed, for people.
    ``warnings`` are sentences in English (identifiers of translations) such as later changes of a PDF.
    """

    format: Format
    integrity: Integrity
    failure: SubIndication | None = None
    detail: str = ""
    level: str = "B"  # B, T, LT, LTA as the material present allows; "" when not AdES
    certificate: x509.Certificate | None = None
    certificates: tuple[x509.Certificate, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsp_responses: tuple[bytes, ...] = ()
    claimed_time: datetime | None = None
    digest: str = ""
    signature_algorithm: str = ""
    policy: str = ""  # identifier of an explicit signature policy
    commitments: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    reason: str = ""
    location: str = ""
    covers: str = ""
    stamps: tuple[FoundStamp, ...] = ()
    counter_signatures: tuple[FoundSignature, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundContent:
    """What was signed, extracted; ``open`` gives a new stream over it each time."""

    name: str
    media_type: str
    size: int
    sha256: str
    open: Callable[[], BinaryIO] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """Everything found in one file.

    ``form`` names the file for people ("CAdES", "PAdES", "XAdES", "ASiC-S", "ASiC-E", "time-stamp", ""
    for an unsigned one). ``stamps`` are the time-stamps of the file itself (not those inside a signature).
    ``nested`` are the signed files inside (a .p7m in a .p7m, a signed PDF in an ASiC), each with its content.
    ``refused`` says why the file was not read to its end (limits, damage); a refused file never passes.
    """

    form: str
    signatures: tuple[FoundSignature, ...] = ()
    stamps: tuple[FoundStamp, ...] = ()
    contents: tuple[FoundContent, ...] = ()
    nested: tuple[FoundDocument, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: str = ""
