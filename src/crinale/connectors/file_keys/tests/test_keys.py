"""Key files: what fits together is loaded, everything else is refused with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from crinale.connectors.file_keys import FileSealKey
from crinale.connectors.file_keys.keys import KeyFilesRefused
from crinale.spine.records.signatures.certificates import TrustStore
from crinale.spine.records.signatures.keys import KeyRefused, SealKey, SigningAlgorithm
from crinale.spine.records.signatures.tests import pki
from crinale.spine.records.signatures.xades import seal, verify_seal

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.spine.records.signatures.tests.pki import Identity


class Files(TypedDict):
    key: Path
    certificate: Path


def written(
    folder: Path, identity: Identity, *, password: bytes | None = None, issuers: bytes = b""
) -> Files:
    """Write a key and its certificate as a node keeps them."""
    locked = BestAvailableEncryption(password) if password else NoEncryption()
    (folder / "seal.key").write_bytes(identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    (folder / "seal.pem").write_bytes(identity.certificate.public_bytes(Encoding.PEM) + issuers)
    return {"key": folder / "seal.key", "certificate": folder / "seal.pem"}


@pytest.mark.parametrize("identity", [pki.rsa_seal, pki.ec_seal])
def test_a_key_of_files_seals(identity: object, tmp_path: Path) -> None:
    key = FileSealKey.load(**written(tmp_path, identity()))  # type: ignore[operator]
    assert isinstance(key, SealKey)
    sealed = seal(b"<a></a>", key=key, signing_time=pki.NOW)
    assert verify_seal(sealed, trust=TrustStore([pki.root().certificate]), at=pki.NOW).valid


def test_the_chain_is_read_without_the_root(tmp_path: Path) -> None:
    middle = pki.issue("Media", pki.ec_key(), issuer=pki.root(), authority=True)
    leaf = pki.issue("Foglia", pki.ec_key(), issuer=middle)
    issuers = [one.certificate.public_bytes(Encoding.PEM) for one in (middle, pki.root())]
    files = written(tmp_path, leaf, issuers=b"".join(issuers))
    assert FileSealKey.load(**files).chain == (middle.certificate,)
    files = written(tmp_path, leaf)
    (tmp_path / "chain.pem").write_bytes(issuers[0])
    assert FileSealKey.load(**files, chain=tmp_path / "chain.pem").chain == (middle.certificate,)


def test_a_locked_key_needs_its_password(tmp_path: Path) -> None:
    files = written(tmp_path, pki.ec_seal(), password=b"segreta")
    assert FileSealKey.load(**files, password=b"segreta").certificate == pki.ec_seal().certificate
    for wrong in (None, b"altra"):
        with pytest.raises(KeyFilesRefused):
            FileSealKey.load(**files, password=wrong)


def test_files_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    files = written(tmp_path, pki.ec_seal())
    (tmp_path / "other.pem").write_bytes(pki.rsa_seal().certificate.public_bytes(Encoding.PEM))
    with pytest.raises(KeyFilesRefused, match="is not that of the key"):
        FileSealKey.load(key=files["key"], certificate=tmp_path / "other.pem")
    with pytest.raises(KeyFilesRefused, match="cannot be read"):
        FileSealKey.load(key=tmp_path / "missing.key", certificate=files["certificate"])
    foreign = ed25519.Ed25519PrivateKey.generate()
    files["key"].write_bytes(foreign.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyFilesRefused, match="neither RSA nor"):
        FileSealKey.load(**files)


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    short = pki.issue("Corta", pki.rsa_key(9, 1024), issuer=pki.root())
    with pytest.raises(KeyRefused):
        FileSealKey.load(**written(tmp_path, short))


def test_a_key_signs_only_in_its_own_way(tmp_path: Path) -> None:
    key = FileSealKey.load(**written(tmp_path, pki.ec_seal()))
    with pytest.raises(KeyFilesRefused):
        key.sign(b"x", algorithm=SigningAlgorithm.RSA_SHA256)
