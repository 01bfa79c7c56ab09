"""The keys and certificates of the demonstration network, made on the machine that runs it.

One authority stands for the qualified providers of the real world. It issues, for each node, a TLS server
certificate and a certificate that the node shows as TLS client and signs SOAP messages with; for each
registry area a seal certificate whose subject names the body by `organizationIdentifier` (ETSI EN 319 412-3).
Beside them stand certificates that must be refused, expired or from an unknown authority, for whoever tests
the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from crinale.config.administration import key_files
from crinale.config.node import replace_file
from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KEY_BITS = 2048
LIFE = timedelta(days=3650)
CLOCK_TOLERANCE = timedelta(days=1)
EXPIRED_SINCE = timedelta(days=30)


@dataclass(frozen=True)
class Credential:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path

    @classmethod
    def at(cls, folder: Path, name: str) -> Credential:
        """The pair `<name>.pem` and `<name>.key` in a folder."""
        return cls(folder / f"{name}.pem", folder / f"{name}.key")

    @property
    def exists(self) -> bool:
        """Both files are there."""
        return self.certificate.is_file() and self.key.is_file()


# The subject of a seal is that of any body's.
organization_name = key_files.organization_name


def node_name(common_name: str) -> x509.Name:
    """The subject of a node's or a client's certificate."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Crinale, rete dimostrativa"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        ]
    )


class Authority:
    """A certificate authority kept in a folder; opening it makes it when it is not there."""

    def __init__(self, folder: Path, *, name: str = "ca") -> None:
        self.credential = Credential.at(folder, name)
        if not self.credential.exists:
            self._make()
        self._certificate = x509.load_pem_x509_certificate(self.credential.certificate.read_bytes())
        key = serialization.load_pem_private_key(self.credential.key.read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            message = f"{self.credential.key} does not hold an RSA key"
            raise TypeError(message)
        self._key = key

    def _make(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        subject = node_name(f"Autorità dimostrativa ({self.credential.certificate.stem})")
        instant = clock.now()
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(instant - CLOCK_TOLERANCE - LIFE)
            .not_valid_after(instant + LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        _write(self.credential, builder.sign(key, hashes.SHA256()), key)

    def issue(
        self,
        credential: Credential,
        *,
        subject: x509.Name,
        seal: bool = False,
        server_names: Sequence[str] = (),
        expired: bool = False,
    ) -> Credential:
        """Issue a certificate with a new key, unless the files are there already.

        A seal is for non-repudiation only; the others are for TLS, as server when there are `server_names`
        and as client always, and for signing messages.
        """
        if credential.exists:
            return credential
        key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        begin, end = _validity(expired=expired)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(seal=seal), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )
        if not seal:
            purposes = [ExtendedKeyUsageOID.CLIENT_AUTH]
            if server_names:
                purposes.append(ExtendedKeyUsageOID.SERVER_AUTH)
                names = [key_files.general_name(name) for name in server_names]
                builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        _write(credential, builder.sign(self._key, hashes.SHA256()), key)
        return credential


def _validity(*, expired: bool) -> tuple[datetime, datetime]:
    instant = clock.now()
    if expired:
        return instant - EXPIRED_SINCE - LIFE, instant - EXPIRED_SINCE
    return instant - CLOCK_TOLERANCE, instant + LIFE - CLOCK_TOLERANCE


def _usage(*, certificates: bool = False, seal: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=seal,
        key_encipherment=not certificates and not seal,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write(credential: Credential, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
    # The key goes first, each whole or not at all: a pair that exists is whole.
    key_files.write_key(credential.key, key)
    replace_file(credential.certificate, key_files.pem_of([certificate]))
