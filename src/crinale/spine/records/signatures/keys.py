"""The key that makes a seal, behind a port: a file, a token or a remote service can stand behind it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from cryptography import x509

MINIMUM_RSA_BITS = 2048


class SigningAlgorithm(StrEnum):
    """What a key may be asked to do; PKCS#1 v1.5 for RSA, a DER pair (r, s) for ECDSA."""

    RSA_SHA256 = "rsa-sha256"
    ECDSA_SHA256 = "ecdsa-sha256"


class KeyRefused(CrinaleError):
    """The key cannot be used for signatures: RSA of at least 2048 bits or a NIST curve is required."""


@runtime_checkable
class SealKey(Protocol):
    """A private key with its certificate; made once, used from many threads."""

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the key."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The issuers to send along, nearest first, without the root."""

    def sign(self, data: bytes, *, algorithm: SigningAlgorithm) -> bytes:
        """Sign the bytes (not their digest)."""


def algorithm_of(certificate: x509.Certificate) -> SigningAlgorithm:
    """Choose the algorithm that the key of a certificate asks for.

    :class:`KeyRefused` when none is allowed.
    """
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MINIMUM_RSA_BITS:
        return SigningAlgorithm.RSA_SHA256
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(
        key.curve, ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1
    ):
        return SigningAlgorithm.ECDSA_SHA256
    raise KeyRefused
