"""Whom to believe: paths, dates, rights and revocation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from crinale.spine.records.signatures.certificates import CertificateReason, TrustStore
from crinale.spine.records.signatures.tests import pki


def test_a_leaf_of_a_known_root_is_trusted() -> None:
    verdict = TrustStore([pki.root().certificate]).check(pki.ec_seal().certificate, at=pki.NOW)
    assert verdict.valid
    assert verdict.chain == (pki.ec_seal().certificate, pki.root().certificate)


def test_the_store_reads_pem() -> None:
    pem = pki.root().certificate.public_bytes(Encoding.PEM)
    revoked = pki.revocation_list(pki.root(), pki.ec_seal().certificate)
    store = TrustStore.from_pem(pem, revocation_lists=[revoked.public_bytes(Encoding.PEM)])
    assert store.check(pki.rsa_seal().certificate, at=pki.NOW).valid
    assert store.check(pki.ec_seal().certificate, at=pki.NOW).reason is CertificateReason.REVOKED


def test_an_end_entity_cannot_issue() -> None:
    forged = pki.issue("Falso", pki.ec_key(), issuer=pki.ec_seal())
    store = TrustStore([pki.root().certificate])
    verdict = store.check(forged.certificate, at=pki.NOW, extra=[pki.ec_seal().certificate])
    assert verdict.reason is CertificateReason.UNKNOWN_ISSUER


def test_a_certificate_with_the_right_issuer_name_and_the_wrong_signature_is_unknown() -> None:
    impostor = pki.issue("Radice di prova", pki.ec_key(), authority=True)
    forged = pki.issue("Falso", pki.ec_key(), issuer=impostor)
    store = TrustStore([pki.root().certificate])
    verdict = store.check(forged.certificate, at=pki.NOW, extra=[impostor.certificate])
    assert verdict.reason is CertificateReason.UNKNOWN_ISSUER


def test_the_path_length_binds() -> None:
    narrow = pki.issue("Stretta", pki.ec_key(), issuer=pki.root(), authority=True, path_length=0)
    below = pki.issue("Sotto", pki.ec_key(), issuer=narrow, authority=True)
    leaf = pki.issue("Foglia", pki.ec_key(), issuer=below)
    store = TrustStore([pki.root().certificate], intermediates=[narrow.certificate, below.certificate])
    assert store.check(leaf.certificate, at=pki.NOW).reason is CertificateReason.UNKNOWN_ISSUER
    assert store.check(pki.issue("Altra", pki.ec_key(), issuer=narrow).certificate, at=pki.NOW).valid


def test_an_expired_issuer_spoils_the_path() -> None:
    old = pki.issue(
        "Vecchia", pki.ec_key(), issuer=pki.root(), authority=True, end=pki.NOW - timedelta(days=1)
    )
    leaf = pki.issue("Foglia", pki.ec_key(), issuer=old)
    store = TrustStore([pki.root().certificate], intermediates=[old.certificate])
    verdict = store.check(leaf.certificate, at=pki.NOW)
    assert verdict.reason is CertificateReason.EXPIRED
    assert "Vecchia" in verdict.detail
    assert store.check(leaf.certificate, at=pki.NOW - timedelta(days=2)).valid


@pytest.mark.parametrize(
    ("digital", "commitment", "valid"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_qualified_certificates_with_content_commitment_only_may_seal(
    *, digital: bool, commitment: bool, valid: bool
) -> None:
    leaf = pki.issue(
        "Uso", pki.ec_key(), issuer=pki.root(), digital_signature=digital, content_commitment=commitment
    )
    verdict = TrustStore([pki.root().certificate]).check(leaf.certificate, at=pki.NOW)
    assert verdict.valid is valid
    assert valid or verdict.reason is CertificateReason.WRONG_USE


def test_a_short_key_is_weak() -> None:
    leaf = pki.issue("Corta", pki.rsa_key(9, 1024), issuer=pki.root())
    assert (
        TrustStore([pki.root().certificate]).check(leaf.certificate, at=pki.NOW).reason
        is CertificateReason.WEAK
    )


def test_a_list_of_another_issuer_revokes_nothing() -> None:
    impostor = pki.issue("Radice di prova", pki.ec_key(), authority=True)
    forged = pki.revocation_list(impostor, pki.ec_seal().certificate)
    store = TrustStore([pki.root().certificate], revocation_lists=[forged])
    assert store.check(pki.ec_seal().certificate, at=pki.NOW).valid


def test_a_missing_intermediate_may_come_with_the_next_message() -> None:
    middle = pki.issue("Media", pki.ec_key(), issuer=pki.root(), authority=True)
    leaf = pki.issue("Foglia", pki.ec_key(), issuer=middle)
    store = TrustStore([pki.root().certificate])
    assert store.check(leaf.certificate, at=pki.NOW).reason is CertificateReason.UNKNOWN_ISSUER
    assert store.check(leaf.certificate, at=pki.NOW, extra=[middle.certificate]).valid
    assert store.check(leaf.certificate, at=pki.NOW).valid
