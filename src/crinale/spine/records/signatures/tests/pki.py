"""A small certification authority for tests, with an independent in-memory seal key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificateIssuerPublicKeyTypes,
    )

    from crinale.spine.records.signatures.keys import SigningAlgorithm

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Identity:
    """A key with its certificate."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def sign(self, data: bytes, *, algorithm: SigningAlgorithm) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            assert algorithm == "rsa-sha256"
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Make an RSA key once for each number: they are slow to make."""
    del number
    return rsa.generate_private_key(65537, bits)


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Prova & figli"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def issue(
    common: str,
    key: PrivateKey,
    *,
    issuer: Identity | None = None,
    authority: bool = False,
    path_length: int | None = None,
    usage: bool = True,
    digital_signature: bool = True,
    content_commitment: bool = False,
    begin: datetime = NOW - timedelta(days=30),
    end: datetime = NOW + timedelta(days=365),
) -> Identity:
    """Issue a certificate, self-signed without an issuer."""
    public: CertificateIssuerPublicKeyTypes = key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(issuer.certificate.subject if issuer else name(common))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    if usage:
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=digital_signature and not authority,
                content_commitment=content_commitment,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=authority,
                crl_sign=authority,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    return Identity(key, builder.sign(issuer.key if issuer else key, hashes.SHA256()))


def revocation_list(
    issuer: Identity, *revoked: x509.Certificate, since: datetime = NOW
) -> x509.CertificateRevocationList:
    """Revoke certificates of an issuer."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(since)
        .next_update(since + timedelta(days=7))
    )
    for certificate in revoked:
        entry = (
            x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(since)
        )
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.key, hashes.SHA256())


@cache
def root() -> Identity:
    return issue("Radice di prova", ec_key(), authority=True)


@cache
def rsa_seal() -> Identity:
    """Give an RSA seal issued by the root."""
    return issue("Sigillo RSA", rsa_key(), issuer=root())


@cache
def ec_seal() -> Identity:
    return issue("Sigillo EC", ec_key(), issuer=root())


@cache
def stamper() -> Identity:
    """Give a time-stamping authority, whose certificate must say so and nothing else."""
    key = rsa_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name("Marca temporale"))
        .issuer_name(root().certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=3650))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    )
    return Identity(key, builder.sign(root().key, hashes.SHA256()))
