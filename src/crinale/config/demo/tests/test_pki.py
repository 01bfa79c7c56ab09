"""The demonstration's authority issues what the exchange needs, and what it must refuse."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from crinale.config.demo import pki
from crinale.kernel import clock

if TYPE_CHECKING:
    from pathlib import Path


def _read(credential: pki.Credential) -> x509.Certificate:
    return x509.load_pem_x509_certificate(credential.certificate.read_bytes())


def _client_verifies(authority: pki.Authority, credential: pki.Credential) -> bool:
    store = Store([_read(authority.credential)])
    verifier = PolicyBuilder().store(store).time(clock.now()).build_client_verifier()
    try:
        verifier.verify(_read(credential), [])
    except VerificationError:
        return False
    return True


def test_a_seal_names_the_body_and_is_for_non_repudiation(tmp_path: Path) -> None:
    authority = pki.Authority(tmp_path / "authority")
    subject = pki.organization_name(
        body="Comune di Sassetta", ipa_code="c_i454", common_name="Protocollo generale"
    )

    seal = _read(authority.issue(pki.Credential.at(tmp_path, "seal"), subject=subject, seal=True))

    assert seal.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)[0].value == "PA:IT-c_i454"
    assert seal.extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    seal.verify_directly_issued_by(_read(authority.credential))


def test_only_the_valid_certificate_of_the_known_authority_verifies(tmp_path: Path) -> None:
    known, unknown = pki.Authority(tmp_path / "known"), pki.Authority(tmp_path / "unknown")
    names = ("127.0.0.1", "localhost")
    good, late, foreign = (
        authority.issue(
            pki.Credential.at(tmp_path, name),
            subject=pki.node_name(name),
            server_names=names,
            expired=name == "late",
        )
        for authority, name in ((known, "good"), (known, "late"), (unknown, "foreign"))
    )

    assert _client_verifies(known, good)
    assert not _client_verifies(known, late)
    assert not _client_verifies(known, foreign)


def test_keys_are_for_their_owner_only_and_never_made_twice(tmp_path: Path) -> None:
    authority = pki.Authority(tmp_path / "authority")
    credential = pki.Credential.at(tmp_path, "node")
    first = authority.issue(credential, subject=pki.node_name("node")).key.read_bytes()

    again = pki.Authority(tmp_path / "authority").issue(credential, subject=pki.node_name("node"))

    assert again.key.read_bytes() == first
    assert stat.S_IMODE(again.key.stat().st_mode) == 0o600


@pytest.mark.parametrize("missing", ["certificate", "key"])
def test_a_half_written_pair_is_made_again(tmp_path: Path, missing: str) -> None:
    authority = pki.Authority(tmp_path / "authority")
    credential = authority.issue(pki.Credential.at(tmp_path, "node"), subject=pki.node_name("node"))
    getattr(credential, missing).unlink()

    authority.issue(credential, subject=pki.node_name("node"))

    assert credential.exists
