"""Private keys as files, requests for their certificates, and what a certificate says of itself.

Each key in use has a place (see `crinale.config.node_keys`), and beside it room for the next one, so that a
key can be renewed while the old one works: `<name>.next.key`, the request `<name>.next.csr`, the
certificate `<name>.next.pem`.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from crinale.config.node import replace_file
from crinale.kernel.digests import sha256
from crinale.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crinale.config.node_keys import NodeKeys

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_LONGEST_COMMON_NAME: Final = 64


class KeyUse(StrEnum):
    """What a key is for."""

    SEAL = "seal"
    MESSAGE = "message"
    TLS = "tls"


class KeyKind(StrEnum):
    """Keys that may be made; 2048 bits of RSA are no longer recommended for new ones (ETSI TS 119 312)."""

    RSA_3072 = "rsa-3072"
    EC_P256 = "ec-p256"


@dataclass(frozen=True)
class KeyPlace:
    """Where a key and its certificate lie, and where the next ones wait."""

    use: KeyUse
    area_code: str
    certificate: Path
    key: Path

    @classmethod
    def of(cls, keys: NodeKeys, use: KeyUse, area_code: str = "") -> KeyPlace:
        """The place of a key of the node (TLS), or of an area."""
        if use is KeyUse.TLS:
            return cls(use, "", keys.tls_certificate, keys.tls_key)
        return cls(use, area_code, *(keys.seal if use is KeyUse.SEAL else keys.message)(area_code))

    @property
    def name(self) -> str:
        """How people call it."""
        return f"{self.use} {self.area_code}".strip()

    @property
    def next_certificate(self) -> Path:
        """A certificate that waits for its day."""
        return self.certificate.with_suffix(".next.pem")

    @property
    def next_key(self) -> Path:
        """A key that waits for its certificate."""
        return self.certificate.with_suffix(".next.key")

    @property
    def request(self) -> Path:
        """The request for the certificate of the next key."""
        return self.certificate.with_suffix(".next.csr")


def make_key(kind: KeyKind) -> PrivateKey:
    """Make a private key."""
    if kind is KeyKind.EC_P256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def write_key(file: Path, key: PrivateKey) -> None:
    """Write a private key, whole or not at all, readable by the node's user only."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    replace_file(file, pem.decode())


def read_key(file: Path) -> PrivateKey:
    """Read a private key.

    :raises Invalid: when the file holds none that signs.
    """
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise Invalid("key", f"{file} cannot be read: {error}") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Invalid("key", f"{file} is neither RSA nor elliptic curve")
    return key


def public_digest(key: PrivateKey) -> str:
    """The SHA-256 of a public key (SubjectPublicKeyInfo)."""
    return sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hex()


def organization_name(*, body: str, ipa_code: str, common_name: str) -> x509.Name:
    """The subject of a body's certificate: its name, its IPA code as `organizationIdentifier`, a common name.

    ETSI EN 319 412-3 asks for the identifier in seals.
    """
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, body[:_LONGEST_COMMON_NAME]),
        x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"PA:IT-{ipa_code}"),
        x509.NameAttribute(NameOID.COMMON_NAME, common_name[:_LONGEST_COMMON_NAME]),
    ])  # fmt: skip


def server_subject(host: str) -> x509.Name:
    """The subject of a server's certificate."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:_LONGEST_COMMON_NAME])])


def general_name(host: str) -> x509.GeneralName:
    """A host name or an IP address, as certificates name servers.

    :raises Invalid: when it is neither.
    """
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    if not host or not host.isascii() or any(not (c.isalnum() or c in "-.") for c in host):
        raise Invalid(
            "hosts", f"{host!r} is no host name: write it as it stands in URLs, as nodo.unione.example"
        )
    return x509.DNSName(host.lower())


def make_request(key: PrivateKey, *, use: KeyUse, subject: x509.Name, hosts: Sequence[str] = ()) -> str:
    """Write a certificate signing request (PKCS #10) that asks for the rights that the use needs."""
    usage = x509.KeyUsage(
        digital_signature=use is not KeyUse.SEAL,
        content_commitment=use is KeyUse.SEAL,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateSigningRequestBuilder().subject_name(subject).add_extension(usage, critical=True)
    )
    if use is KeyUse.TLS:
        # The node answers with it, and shows it when it calls.
        both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(both, critical=False).add_extension(
            x509.SubjectAlternativeName([general_name(host) for host in hosts]), critical=False
        )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def read_certificates(content: bytes) -> list[x509.Certificate]:
    """Read certificates, PEM (several may follow each other) or one in DER.

    :raises Invalid: when there is none.
    """
    try:
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except ValueError as error:
        raise Invalid(
            "file", "it holds no certificate: give the one that the authority returned, PEM or DER"
        ) from error


def pem_of(certificates: Sequence[x509.Certificate]) -> str:
    """Certificates as PEM, one after the other."""
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def common_name(name: x509.Name) -> str:
    """The common name, or all of a name that has none."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def plain_name(name: x509.Name) -> str:
    """A name for files: the common name in small ASCII letters."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in common_name(name).lower())
    return plain.strip("-")[:40] or "authority"
