"""A seal key read from PEM files once; the loaded key object then signs from any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from crinale.kernel.errors import CrinaleError
from crinale.spine.records.signatures.keys import SigningAlgorithm, algorithm_of

if TYPE_CHECKING:
    from pathlib import Path


class KeyFilesRefused(CrinaleError):
    """The key and the certificate cannot be read, or do not belong together."""


@dataclass(frozen=True, slots=True)
class FileSealKey:
    """A private key with its certificate, behind the port ``SealKey``."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @classmethod
    def load(
        cls, *, key: Path, certificate: Path, chain: Path | None = None, password: bytes | None = None
    ) -> FileSealKey:
        """Read the PEM files; :class:`KeyFilesRefused` when they do not fit together.

        The certificate file may hold the issuers after the certificate; ``chain`` adds more of them.
        """
        try:
            loaded = load_pem_private_key(key.read_bytes(), password)
            own, *issuers = x509.load_pem_x509_certificates(certificate.read_bytes())
            if chain is not None:
                issuers.extend(x509.load_pem_x509_certificates(chain.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise KeyFilesRefused(f"The seal key {key.name} cannot be read: {error}") from error
        if not isinstance(loaded, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise KeyFilesRefused(f"The seal key {key.name} is neither RSA nor elliptic curve.")
        if loaded.public_key() != own.public_key():
            raise KeyFilesRefused(f"The certificate {certificate.name} is not that of the key {key.name}.")
        algorithm_of(own)
        return cls(loaded, own, tuple(one for one in issuers if one.subject != one.issuer))

    def sign(self, data: bytes, *, algorithm: SigningAlgorithm) -> bytes:
        """Sign the bytes (not their digest)."""
        if isinstance(self.key, rsa.RSAPrivateKey) and algorithm is SigningAlgorithm.RSA_SHA256:
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(self.key, ec.EllipticCurvePrivateKey) and algorithm is SigningAlgorithm.ECDSA_SHA256:
            return self.key.sign(data, ec.ECDSA(hashes.SHA256()))
        raise KeyFilesRefused(f"The key cannot sign with {algorithm.value}.")
