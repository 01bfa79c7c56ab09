"""What lies in a trust folder of a node: roots, intermediate authorities, lists of revoked certificates.

Roots are self-signed and alone believed by themselves; intermediate authorities complete a path to a root,
because a message brings the certificate of its signer only; lists (RFC 5280, section 5) say what is revoked.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography import x509

from crinale.spine.records.signatures.certificates import CertificateVerdict, TrustStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

_log = logging.getLogger(__name__)
LOOKED_AT_SECONDS: Final = 5.0
_CRL_PEM: Final = b"-----BEGIN X509 CRL-----"


@dataclass
class TrustFolder:
    """The files of the trust folder as they were when they were read."""

    roots: list[tuple[Path, x509.Certificate]] = field(default_factory=list)
    intermediates: list[tuple[Path, x509.Certificate]] = field(default_factory=list)
    revocation_lists: list[tuple[Path, x509.CertificateRevocationList]] = field(default_factory=list)
    unreadable: list[tuple[Path, str]] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> TrustFolder:
        """Read all files. A list that cannot be read is noted: it takes nobody's trust away by itself.

        :raises ValueError: when a file of authorities holds no certificate.
        """
        found = cls()
        for file in sorted(folder.glob("*.pem")):
            for one in x509.load_pem_x509_certificates(file.read_bytes()):
                (found.roots if is_root(one) else found.intermediates).append((file, one))
        for file in sorted(folder.glob("*.crl")):
            try:
                found.revocation_lists += [(file, one) for one in read_lists(file.read_bytes())]
            except (OSError, ValueError) as error:
                found.unreadable.append((file, str(error)))
        return found

    def authorities(self) -> list[tuple[Path, x509.Certificate]]:
        """Roots, then intermediate authorities."""
        return self.roots + self.intermediates

    def store(self) -> TrustStore:
        """Whom to believe, according to the files."""
        return TrustStore(
            [one for _, one in self.roots],
            intermediates=[one for _, one in self.intermediates],
            revocation_lists=[one for _, one in self.revocation_lists],
        )


class FollowedTrust:
    """The trust store of a folder, made anew when its files change, as lists of revoked certificates do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen = frozenset(self._files())
        self._store = self._read().store()
        self._look_again = time.monotonic() + LOOKED_AT_SECONDS

    def check(
        self, certificate: x509.Certificate, *, at: datetime, extra: Sequence[x509.Certificate] = ()
    ) -> CertificateVerdict:
        """Judge a certificate at an instant, as `TrustStore` does."""
        return self._current().check(certificate, at=at, extra=extra)

    def _current(self) -> TrustStore:
        if time.monotonic() < self._look_again:
            return self._store
        with self._lock:
            if time.monotonic() >= self._look_again:
                self._look_again = time.monotonic() + LOOKED_AT_SECONDS
                try:
                    seen = frozenset(self._files())
                    if seen != self._seen:
                        self._store, self._seen = self._read().store(), seen
                except (OSError, ValueError) as error:
                    # Somebody may be copying a file just now: what was known stays true meanwhile.
                    _log.warning("the trust folder cannot be read again: %s", error)
        return self._store

    def _read(self) -> TrustFolder:
        found = TrustFolder.read(self._folder)
        for file, why in found.unreadable:
            _log.error("the list of revoked certificates %s cannot be read: %s", file, why)
        return found

    def _files(self) -> Iterator[tuple[str, int, int]]:
        for file in (*self._folder.glob("*.pem"), *self._folder.glob("*.crl")):
            status = file.stat()
            yield file.name, status.st_mtime_ns, status.st_ino


def is_root(certificate: x509.Certificate) -> bool:
    """Say whether a certificate is self-signed."""
    if certificate.subject != certificate.issuer:
        return False
    try:
        certificate.verify_directly_issued_by(certificate)
    except Exception:  # noqa: BLE001  another key signed it, or one of an unknown kind: believed by nobody here
        return False
    return True


def read_lists(content: bytes) -> list[x509.CertificateRevocationList]:
    """Read lists of revoked certificates: PEM, several may follow each other, or one in DER.

    :raises ValueError: when there is none.
    """
    if b"-----BEGIN" not in content:
        return [x509.load_der_x509_crl(content)]
    blocks = content.split(_CRL_PEM)[1:]
    if not blocks:
        message = "there is no list of revoked certificates in it"
        raise ValueError(message)
    return [x509.load_pem_x509_crl(_CRL_PEM + block) for block in blocks]
