"""The keys of a simulated provider: an authority and a certificate for S/MIME, made on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

_YEARS: Final = timedelta(days=365 * 20)
_BEGIN: Final = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ProviderKeys:
    """The private key of a provider, its certificate, and the authority that issued it."""

    private: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    authority: x509.Certificate

    @classmethod
    def make(cls, *, name: str, address: str) -> ProviderKeys:
        """Make an authority and a certificate for ``address``; the key of the authority is forgotten."""
        root, private = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} CA")])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        authority = (
            _builder(issuer, issuer, root.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(root, hashes.SHA256())
        )
        certificate = (
            _builder(subject, issuer, private.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
            .sign(root, hashes.SHA256())
        )
        return cls(private, certificate, authority)

    @classmethod
    def kept_in(cls, folder: Path, *, name: str, address: str) -> ProviderKeys:
        """Load the keys of a folder; made there the first time. Call it under the provider's lock."""
        key, certificate, authority = (
            folder / one for one in ("provider.key", "provider.pem", "authority.pem")
        )
        if not authority.exists():
            made = cls.make(name=name, address=address)
            folder.mkdir(parents=True, exist_ok=True)
            key.touch(mode=0o600)
            key.write_bytes(
                made.private.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
            certificate.write_bytes(made.certificate.public_bytes(serialization.Encoding.PEM))
            fresh = folder / ".authority.pem"
            fresh.write_bytes(made.authority_pem)
            fresh.replace(authority)
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError("the provider's key is of another kind")
        return cls(
            private,
            x509.load_pem_x509_certificate(certificate.read_bytes()),
            x509.load_pem_x509_certificate(authority.read_bytes()),
        )

    @property
    def authority_pem(self) -> bytes:
        """The certificate of the authority, to be trusted by whoever believes this provider."""
        return self.authority.public_bytes(serialization.Encoding.PEM)

    def sign(self, content: bytes) -> bytes:
        """Sign content, apart from it (detached CMS, DER)."""
        return (
            PKCS7SignatureBuilder()
            .set_data(content)
            .add_signer(self.certificate, self.private, hashes.SHA256())
            .sign(serialization.Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
        )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGIN)
        .not_valid_after(_BEGIN + _YEARS)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
