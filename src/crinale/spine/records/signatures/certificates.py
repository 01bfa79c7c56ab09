"""Whom to believe: roots, intermediates and revocation lists, and the verdict on a certificate at an instant.

RFC 5280 path validation as far as seals of public bodies need it: signatures, validity, CA rights, path
length, revocation by lists at hand. Nothing is fetched. Paths are remembered by fingerprint, so that the
second message of a peer costs only the comparison of dates.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from asn1crypto import x509 as asn1_x509  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from crinale.spine.records.signatures.keys import MINIMUM_RSA_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

_MAX_PATH: Final = 6
_REMEMBERED: Final = 1024
_WEAK_HASHES: Final = (hashes.MD5, hashes.SHA1)
# What certificates of others raise: parts are parsed when they are asked for, extensions and keys above all.
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


class CertificateReason(StrEnum):
    """Why a certificate is or is not to be believed."""

    TRUSTED = "trusted"
    UNKNOWN_ISSUER = "unknown_issuer"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    WRONG_USE = "wrong_use"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class CertificateVerdict:
    """The verdict on one certificate at one instant, with the path that was followed (leaf first)."""

    reason: CertificateReason
    chain: tuple[x509.Certificate, ...] = ()
    detail: str = ""

    @property
    def valid(self) -> bool:
        """Say whether the certificate is to be believed."""
        return self.reason is CertificateReason.TRUSTED


class TrustStore:
    """Roots that are believed, intermediates that are known, revocation lists; never changes once made."""

    def __init__(
        self,
        roots: Iterable[x509.Certificate],
        *,
        intermediates: Iterable[x509.Certificate] = (),
        revocation_lists: Iterable[x509.CertificateRevocationList] = (),
    ) -> None:
        self._roots = frozenset(roots)
        self._known = (*self._roots, *intermediates)
        self._lists = tuple(revocation_lists)
        self._paths: OrderedDict[bytes, tuple[tuple[x509.Certificate, ...], ...]] = OrderedDict()
        self._revoked: dict[bytes, dict[int, datetime]] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_pem(
        cls,
        roots: bytes,
        *,
        intermediates: bytes = b"",
        revocation_lists: Sequence[bytes] = (),
    ) -> TrustStore:
        """Make a store from PEM texts: several certificates may stand in one text."""
        return cls(
            x509.load_pem_x509_certificates(roots),
            intermediates=x509.load_pem_x509_certificates(intermediates) if intermediates.strip() else (),
            revocation_lists=[x509.load_pem_x509_crl(pem) for pem in revocation_lists],
        )

    def check(
        self,
        certificate: x509.Certificate,
        *,
        at: datetime,
        extra: Sequence[x509.Certificate] = (),
    ) -> CertificateVerdict:
        """Judge a certificate at an instant.

        ``extra`` are issuers that came with the message, never believed alone.
        """
        if not has_strong_key(certificate):
            return CertificateVerdict(
                CertificateReason.WEAK,
                (certificate,),
                "the key is too short or of another kind",
            )
        if not _may_sign(certificate):
            return CertificateVerdict(
                CertificateReason.WRONG_USE,
                (certificate,),
                "its key is not meant for signatures",
            )
        paths = self._paths_of(certificate, extra)
        if not paths:
            issuer = certificate.issuer.rfc4514_string()
            return CertificateVerdict(CertificateReason.UNKNOWN_ISSUER, (certificate,), issuer)
        verdicts = [self._judge(path, at) for path in paths]
        return next((verdict for verdict in verdicts if verdict.valid), verdicts[0])

    def _judge(self, path: tuple[x509.Certificate, ...], at: datetime) -> CertificateVerdict:
        for certificate in path:
            name = certificate.subject.rfc4514_string
            if at > certificate.not_valid_after_utc:
                when = certificate.not_valid_after_utc.isoformat()
                return CertificateVerdict(CertificateReason.EXPIRED, path, f"{name()} ended on {when}")
            if at < certificate.not_valid_before_utc:
                when = certificate.not_valid_before_utc.isoformat()
                return CertificateVerdict(CertificateReason.NOT_YET_VALID, path, f"{name()} begins on {when}")
        for certificate, issuer in pairwise(path):
            since = self._revocations(issuer).get(certificate.serial_number)
            if since is not None and since <= at:
                detail = f"{certificate.subject.rfc4514_string()} since {since.isoformat()}"
                return CertificateVerdict(CertificateReason.REVOKED, path, detail)
        return CertificateVerdict(CertificateReason.TRUSTED, path)

    def _paths_of(
        self, certificate: x509.Certificate, extra: Sequence[x509.Certificate]
    ) -> tuple[tuple[x509.Certificate, ...], ...]:
        key = fingerprint(certificate)
        with self._lock:
            remembered = self._paths.get(key)
            if remembered:
                self._paths.move_to_end(key)
                return remembered
        # A failure is not remembered: the next message may bring the missing intermediate along.
        paths = tuple(self._extend((certificate,), (*self._known, *extra[:_MAX_PATH])))
        if paths:
            with self._lock:
                self._paths[key] = paths
                if len(self._paths) > _REMEMBERED:
                    self._paths.popitem(last=False)
        return paths

    def _extend(
        self, path: tuple[x509.Certificate, ...], candidates: Sequence[x509.Certificate]
    ) -> Iterator[tuple[x509.Certificate, ...]]:
        last = path[-1]
        if last in self._roots:
            yield path
            return
        if len(path) >= _MAX_PATH:
            return
        for issuer in candidates:
            if issuer not in path and _issued(issuer, last, below=len(path) - 1):
                yield from self._extend((*path, issuer), candidates)

    def _revocations(self, issuer: x509.Certificate) -> dict[int, datetime]:
        key = fingerprint(issuer)
        found = self._revoked.get(key)
        if found is None:
            found = {}
            for revocation_list in self._lists:
                if revocation_list.issuer == issuer.subject and _list_is_of(revocation_list, issuer):
                    found.update(
                        {entry.serial_number: entry.revocation_date_utc for entry in revocation_list}
                    )
            self._revoked[key] = found
        return found


def fingerprint(certificate: x509.Certificate) -> bytes:
    """Give the SHA-256 fingerprint, the name of a certificate in tables and caches."""
    return certificate.fingerprint(hashes.SHA256())


@lru_cache(maxsize=_REMEMBERED)
def load_der(der: bytes) -> x509.Certificate:
    """Load a certificate from DER; :class:`ValueError` when it is none that RFC 5280 allows."""
    try:
        # Looked at first: the library only warns of such numbers.
        if asn1_x509.Certificate.load(der).serial_number > 0:
            certificate = x509.load_der_x509_certificate(der)
            # Parsed when asked for: whoever is given a certificate can rely on its names and dates.
            _ = (certificate.subject, certificate.issuer, certificate.not_valid_before_utc)
            _ = certificate.not_valid_after_utc
            return certificate
    except (TypeError, KeyError, AttributeError, OverflowError, RecursionError, x509.InvalidVersion) as error:
        raise ValueError(str(error)) from None
    raise ValueError("the serial number of the certificate is not positive")


@lru_cache(maxsize=_REMEMBERED)
def has_strong_key(certificate: x509.Certificate) -> bool:
    """Say whether the key is RSA of at least 2048 bits or ECDSA on at least 256."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= MINIMUM_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= 256


@lru_cache(maxsize=_REMEMBERED)
def _may_sign(certificate: x509.Certificate) -> bool:
    """Read KeyUsage: qualified certificates have contentCommitment only, others digitalSignature."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except _UNREADABLE:
        return False
    return usage.digital_signature or usage.content_commitment


def _issued(issuer: x509.Certificate, certificate: x509.Certificate, *, below: int) -> bool:
    """Say whether one certificate issued the other and had the right to.

    ``below`` counts the CAs under the issuer.
    """
    try:
        if issuer.subject != certificate.issuer:
            return False
        if isinstance(certificate.signature_hash_algorithm, _WEAK_HASHES):
            return False
        rights = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = _key_usage(issuer)
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, *_UNREADABLE):
        return False
    if not rights.ca or (rights.path_length is not None and rights.path_length < below):
        return False
    return has_strong_key(issuer) and (usage is None or usage.key_cert_sign)


def _key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _list_is_of(revocation_list: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    return revocation_list.is_signature_valid(key)
