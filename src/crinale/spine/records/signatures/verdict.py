"""The verdict on a signed file, as people, programs and reports read it (ETSI EN 319 102-1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from crinale.spine.records.signatures.found import (
        FoundContent,
        FoundSignature,
        FoundStamp,
        Integrity,
        SubIndication,
    )


class Indication(StrEnum):
    """The three outcomes of EN 319 102-1 section 5.1.3."""

    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"


class Qualification(StrEnum):
    """What the trusted lists say of a signature (eIDAS articles 3, 25, 35)."""

    QES = "QES"
    QSEAL = "QESeal"
    ADES_QC = "AdES-QC"
    ADESEAL_QC = "AdESeal-QC"
    ADES = "AdES"
    NOT_ADES = "not AdES"
    UNKNOWN = "unknown"


class Revocation(StrEnum):
    """What is known of the revocation of the signer's certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    NOT_CHECKED = "not-checked"  # could not be checked: said honestly, never taken for good


@dataclass(frozen=True, slots=True)
class StampVerdict:
    """The verdict on one time-stamp; only a passed one proves that something existed."""

    found: FoundStamp
    indication: Indication
    sub_indication: SubIndication | None = None
    detail: str = ""
    chain: tuple[x509.Certificate, ...] = ()
    qualified: bool | None = None  # None: the trusted lists were not asked


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """The verdict on one signature.

    ``best_time`` is the earliest instant at which it is proven to have existed (a passed time-stamp, or
    the registration), or the instant of judgement. ``revocation_source`` says where the answer came from.
    """

    found: FoundSignature
    indication: Indication
    sub_indication: SubIndication | None = None
    detail: str = ""
    best_time: datetime | None = None
    chain: tuple[x509.Certificate, ...] = ()
    qualification: Qualification = Qualification.UNKNOWN
    revocation: Revocation = Revocation.NOT_CHECKED
    revocation_source: str = ""
    revoked_at: datetime | None = None
    stamps: tuple[StampVerdict, ...] = ()
    counter_signatures: tuple[SignatureVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a file: of several signatures and of what is nested, the worst counts.

    ``signatures`` and ``stamps`` are those of this file; ``nested`` judges the signed files inside.
    A file without signature has ``integrity`` NONE and is INDETERMINATE.
    """

    form: str
    integrity: Integrity
    indication: Indication
    judged_at: datetime
    sub_indication: SubIndication | None = None
    detail: str = ""
    signatures: tuple[SignatureVerdict, ...] = ()
    stamps: tuple[StampVerdict, ...] = ()
    contents: tuple[FoundContent, ...] = ()
    nested: tuple[Verdict, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Say whether the file may be shown as validly signed."""
        return self.indication is Indication.TOTAL_PASSED
