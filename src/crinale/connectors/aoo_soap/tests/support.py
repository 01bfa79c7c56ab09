"""What the tests of the wire share: a small authority, a memory store, a sealed segnatura with files."""

from __future__ import annotations

import hashlib
import io
import ipaddress
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from crinale.spine.exchange.ports import Identifier, OutgoingFile
from crinale.spine.records.blobs import BlobMissing, BlobRef, TooLarge
from crinale.spine.records.signatures.canonical import attribute
from crinale.spine.records.signatures.certificates import TrustStore
from crinale.spine.records.signatures.keys import SigningAlgorithm
from crinale.spine.records.signatures.xades import seal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SENDER = Identifier("c_f032", "A1B2C3D", "PG", 42, date(2026, 11, 23), time(10, 30))
RECIPIENT = Identifier("c_i454", "AZZ9PLU", "PG", 7, date(2026, 11, 23), time(10, 31, 5))


@dataclass
class MemoryStore:
    """A blob store in memory."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def writer(self, *, limit: int | None = None, file_name: str = "") -> MemoryWriter:
        self.names.append(file_name)
        return MemoryWriter(self, limit)

    def open(self, sha256: str) -> BinaryIO:
        if sha256 not in self.blobs:
            raise BlobMissing
        return io.BytesIO(self.blobs[sha256])

    def size(self, sha256: str) -> int | None:
        return len(self.blobs[sha256]) if sha256 in self.blobs else None

    def remove_leftovers(self) -> int:
        return 0  # memory keeps nothing half written


class MemoryWriter:
    """One blob on its way into memory."""

    def __init__(self, store: MemoryStore, limit: int | None) -> None:
        self._store, self._limit, self._data, self.aborted = store, limit, bytearray(), False

    @property
    def size(self) -> int:
        return len(self._data)

    def write(self, chunk: bytes) -> int:
        self._data += chunk
        if self._limit is not None and len(self._data) > self._limit:
            raise TooLarge
        return len(chunk)

    def commit(self) -> BlobRef:
        name = hashlib.sha256(self._data).hexdigest()
        self._store.blobs[name] = bytes(self._data)
        return BlobRef(name, len(self._data), "application/octet-stream")

    def abort(self) -> None:
        self.aborted = True


@dataclass(frozen=True)
class Key:
    """A private key with its certificate, as the port of seals wants it."""

    private: rsa.RSAPrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def sign(self, data: bytes, *, algorithm: SigningAlgorithm) -> bytes:
        assert algorithm is SigningAlgorithm.RSA_SHA256
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write certificate and key as PEM files."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        key.write_bytes(
            self.private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, key


@cache
def authority(name: str) -> Key:
    """A root authority."""
    private = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return Key(private, _certificate(subject, subject, private, private, ca=True))


@cache
def key(name: str, *, issuer: str = "Test CA", expired: bool = False, host: str = "localhost") -> Key:
    """A key of a node, good for one host and for signing."""
    private = rsa.generate_private_key(65537, 2048)
    root = authority(issuer)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return Key(
        private,
        _certificate(subject, root.certificate.subject, private, root.private, host=host, expired=expired),
    )


def trust() -> TrustStore:
    """The test authority only."""
    return TrustStore([authority("Test CA").certificate])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    private: rsa.RSAPrivateKey,
    signer: rsa.RSAPrivateKey,
    *,
    ca: bool = False,
    host: str = "localhost",
    expired: bool = False,
) -> x509.Certificate:
    # The TLS handshake of the tests runs on the system's clock: valid from long before to long after.
    begin, end = NOW - timedelta(days=3650), NOW + timedelta(days=-30 if expired else 36500)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=not ca,
        key_encipherment=not ca,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    names: list[x509.GeneralName] = [x509.DNSName(host)]
    if host == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(signer, hashes.SHA256())
    )


def outgoing(name: str, content: bytes, media_type: str = "application/pdf") -> OutgoingFile:
    """A file to send."""
    return OutgoingFile(
        name, media_type, len(content), hashlib.sha256(content).hexdigest(), lambda: io.BytesIO(content)
    )


def segnatura(
    files: Sequence[OutgoingFile], *, sealed: bool = True, subject: str = "Città & provincia"
) -> bytes:
    """A segnatura 3.0.0 for the files, as exclusive canonical XML, sealed unless told otherwise."""
    documents = "".join(_document(file, primary=at == 0) for at, file in enumerate(files))
    text = (
        '<prot:SegnaturaInformatica xmlns:prot="http://www.agid.gov.it/protocollo/" prot:lang="it"'
        ' prot:versione="3.0.0"><prot:Intestazione><prot:Identificatore>'
        f"<prot:CodiceAmministrazione>{SENDER.ipa_code}</prot:CodiceAmministrazione>"
        f"<prot:CodiceAOO>{SENDER.aoo_code}</prot:CodiceAOO>"
        f"<prot:CodiceRegistro>{SENDER.register_code}</prot:CodiceRegistro>"
        f"<prot:NumeroRegistrazione>{SENDER.number_text}</prot:NumeroRegistrazione>"
        f"<prot:DataRegistrazione>{SENDER.date.isoformat()}</prot:DataRegistrazione></prot:Identificatore>"
        f"<prot:Oggetto>{subject.replace('&', '&amp;')}</prot:Oggetto><prot:Classifica>"
        "<prot:Denominazione>Urbanistica</prot:Denominazione><prot:CodiceFlat>VI.1</prot:CodiceFlat>"
        "</prot:Classifica></prot:Intestazione><prot:Descrizione><prot:Mittente><prot:Amministrazione>"
        "<prot:DenominazioneAmministrazione>Comune di Massa Marittima</prot:DenominazioneAmministrazione>"
        f"<prot:CodiceIPAAmministrazione>{SENDER.ipa_code}</prot:CodiceIPAAmministrazione>"
        "</prot:Amministrazione></prot:Mittente><prot:Destinatario><prot:Amministrazione>"
        "<prot:DenominazioneAmministrazione>Comune di Sassetta</prot:DenominazioneAmministrazione>"
        f"<prot:CodiceIPAAmministrazione>{RECIPIENT.ipa_code}</prot:CodiceIPAAmministrazione>"
        f"<prot:CodiceIPAAOO>{RECIPIENT.aoo_code}</prot:CodiceIPAAOO>"
        f"</prot:Amministrazione></prot:Destinatario>{documents}</prot:Descrizione></prot:SegnaturaInformatica>"
    ).encode()
    return seal(text, key=key("seal"), signing_time=NOW) if sealed else text


def _document(file: OutgoingFile, *, primary: bool) -> str:
    element = "DocumentoPrimario" if primary else "Allegato"
    digest = b64encode(bytes.fromhex(file.sha256)).decode()
    return (
        f'<prot:{element} prot:mimeType="{file.media_type}" prot:nomeFile="{attribute(file.name)}">'
        f"<prot:Impronta>{digest}</prot:Impronta></prot:{element}>"
    )
