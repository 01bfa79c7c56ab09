"""A certificate authority that answers requests, as a provider of trust services does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from crinale.kernel import clock

if TYPE_CHECKING:
    from pathlib import Path

DAY = timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class Provider:
    """A root, and perhaps an intermediate authority that signs."""

    folder: Path
    name: str = "Autorità di prova"
    intermediate: bool = False

    def __post_init__(self) -> None:
        self.root_key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._authority(_name(self.name), self.root_key, _name(self.name), self.root_key)
        self.key, self.certificate = self.root_key, self.root
        if self.intermediate:
            self.key = ec.generate_private_key(ec.SECP256R1())
            self.certificate = self._authority(_name("Intermedia"), self.key, _name(self.name), self.root_key)

    def file(self, name: str, *certificates: x509.Certificate) -> str:
        path = self.folder / name
        path.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in certificates))
        return str(path)

    @property
    def root_file(self) -> str:
        return self.file("root.pem", self.root)

    def answer(self, request: Path, *, begins: int = -1, days: int = 365, rights: bool = True) -> str:
        """Certify a request from a day until so many days later; returns the file, the issuer after it."""
        asked = x509.load_pem_x509_csr(request.read_bytes())
        assert asked.is_signature_valid
        begin = clock.now() + begins * DAY
        builder = (
            x509.CertificateBuilder()
            .subject_name(asked.subject)
            .issuer_name(self.certificate.subject)
            .public_key(asked.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + days * DAY)
        )
        for extension in asked.extensions if rights else ():
            builder = builder.add_extension(extension.value, critical=extension.critical)
        made = builder.sign(self.key, hashes.SHA256())
        chain = [self.certificate] if self.intermediate else []
        return self.file(f"{request.stem}-{made.serial_number}.pem", made, *chain)

    def revocation_list(
        self,
        *revoked: x509.Certificate,
        begins: timedelta = -DAY,
        ends: timedelta = 30 * DAY,
        der: bool = False,
    ) -> str:
        """A list of what the authority that signs certificates has revoked; returns the file."""
        now = clock.now()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now + begins)
            .next_update(now + ends)
        )
        for one in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(one.serial_number)
                .revocation_date(now - DAY / 2)
                .build()
            )
        made = builder.sign(self.key, hashes.SHA256())
        path = self.folder / f"list-{len(revoked)}-{begins}.crl"
        path.write_bytes(made.public_bytes(Encoding.DER if der else Encoding.PEM))
        return str(path)

    @staticmethod
    def _authority(
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        issuer: x509.Name,
        issuer_key: ec.EllipticCurvePrivateKey,
    ) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(clock.now() - DAY)
            .not_valid_after(clock.now() + 3650 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(issuer_key, hashes.SHA256())
        )
