"""The seal: foreign tools accept what we seal, and nothing that was touched passes."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from crinale.spine.records.signatures import xmldsig
from crinale.spine.records.signatures.algorithms import DS
from crinale.spine.records.signatures.certificates import TrustStore
from crinale.spine.records.signatures.keys import SigningAlgorithm
from crinale.spine.records.signatures.tests import pki
from crinale.spine.records.signatures.xades import NotSealable, SealReason, SealVerdict, seal, verify_seal

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.spine.records.signatures.tests.pki import Identity

DOCUMENT = (
    '<p:Atto xmlns:p="urn:atto" p:a="1"><p:Testo>perché &lt;no&gt; &amp; sì</p:Testo>\n'
    "<p:Vuoto></p:Vuoto></p:Atto>"
).encode()
XADES_NS = "http://uri.etsi.org/01903/v1.3.2#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


@pytest.fixture(scope="module")
def trust() -> TrustStore:
    return TrustStore([pki.root().certificate])


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return seal(DOCUMENT, key=pki.ec_seal(), signing_time=pki.NOW)


def judge(xml: bytes, trust: TrustStore, at: datetime = pki.NOW) -> SealVerdict:
    return verify_seal(xml, trust=trust, at=at)


@pytest.mark.parametrize("key", [pki.rsa_seal, pki.ec_seal])
def test_our_seal_is_valid_and_says_who_and_when(key: object, trust: TrustStore) -> None:
    identity: Identity = key()  # type: ignore[operator]
    instant = datetime(2026, 11, 23, 10, 30, 15, 999, tzinfo=UTC)
    verdict = judge(seal(DOCUMENT, key=identity, signing_time=instant), trust)
    assert verdict.valid, verdict
    assert verdict.certificate == identity.certificate
    assert verdict.chain == (identity.certificate, pki.root().certificate)
    assert verdict.signing_time == instant.replace(microsecond=0)


@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed")
@pytest.mark.parametrize("key", [pki.rsa_seal, pki.ec_seal])
def test_xmlsec1_accepts_our_seal_and_refuses_a_changed_one(key: object, tmp_path: Path) -> None:
    xml = seal(DOCUMENT, key=key(), signing_time=pki.NOW)  # type: ignore[operator]
    (tmp_path / "ca.pem").write_bytes(pki.root().certificate.public_bytes(Encoding.PEM))
    (tmp_path / "good.xml").write_bytes(xml)
    (tmp_path / "bad.xml").write_bytes(xml.replace(b"perch", b"Perch"))
    options = ["--trusted-pem", str(tmp_path / "ca.pem"), "--id-attr:Id", f"{XADES_NS}:SignedProperties"]
    options += ["--verification-gmt-time", pki.NOW.strftime("%Y-%m-%d+%H:%M:%S")]
    for name, expected in (("good.xml", 0), ("bad.xml", 1)):
        command = ["xmlsec1", "--verify", *options, str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, check=False, timeout=30)
        assert bool(done.returncode) == bool(expected), done.stderr


@pytest.mark.parametrize("key", [pki.rsa_seal, pki.ec_seal])
def test_signxml_reads_our_seal_as_xades(key: object) -> None:
    identity: Identity = key()  # type: ignore[operator]
    xml = seal(DOCUMENT, key=identity, signing_time=pki.NOW)
    results = XAdESVerifier().verify(
        xml,
        x509_cert=identity.certificate,
        expect_config=XAdESSignatureConfiguration(require_x509=True),
        expect_references=2,
    )
    assert results[0].signed_xml is not None
    assert etree.tostring(results[0].signed_xml, method="c14n", exclusive=True) == DOCUMENT
    assert any(
        result.signed_xml is not None and result.signed_xml.tag == f"{{{XADES_NS}}}SignedProperties"
        for result in results
    )


def test_everything_written_is_already_canonical(sealed: bytes) -> None:
    assert xmldsig.canonicalize(etree.fromstring(DOCUMENT)) == DOCUMENT
    assert xmldsig.canonicalize(etree.fromstring(sealed)) == sealed
    info = etree.fromstring(sealed).find(f".//{{{DS}}}SignedInfo")
    assert info is not None
    references = [
        xmldsig.ReferenceDigest(
            reference.get("URI", ""),
            b64decode(reference.findtext(f"{{{DS}}}DigestValue", "")),
            tuple(part.get("Algorithm", "") for part in reference.iter(f"{{{DS}}}Transform")),
            type=reference.get("Type", ""),
            id=reference.get("Id", ""),
        )
        for reference in info.iter(f"{{{DS}}}Reference")
    ]
    written = xmldsig.signed_info(references, algorithm=SigningAlgorithm.ECDSA_SHA256)
    assert xmldsig.canonicalize(info) == written


def test_the_seal_has_the_parts_of_baseline_b(sealed: bytes) -> None:
    root = etree.fromstring(sealed)
    assert root[-1].tag == f"{{{DS}}}Signature"
    for name in ("SigningTime", "SigningCertificateV2", "IssuerSerialV2", "DataObjectFormat", "MimeType"):
        assert len(list(root.iter(f"{{{XADES_NS}}}{name}"))) == 1, name
    reference = root.find(f".//{{{DS}}}Reference[@URI='']")
    assert reference is not None
    data_object = next(root.iter(f"{{{XADES_NS}}}DataObjectFormat"))
    assert data_object.get("ObjectReference") == f"#{reference.get('Id')}"


def test_no_byte_can_be_changed(sealed: bytes, trust: TrustStore) -> None:
    harmless = []
    for position in range(len(sealed)):
        changed = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        if judge(changed, trust).valid:
            harmless.append(position)
    # Only the intermediate certificates in KeyInfo could be unsigned, and this seal has none.
    assert harmless == []


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("perché", "perche", SealReason.CONTENT_CHANGED),
        ("09:30:00Z", "09:30:01Z", SealReason.CONTENT_CHANGED),
        (
            "<p:Testo>",
            "<p:Testo><!-- nota -->",
            SealReason.VALID,
        ),  # comments are not part of the canonical form
        ("text/xml", "text/xsl", SealReason.CONTENT_CHANGED),
        ('p:a="1"', 'p:a="1" p:b="2"', SealReason.CONTENT_CHANGED),
        ("xmldsig-more#ecdsa-sha256", "xmldsig-more#hmac-sha256", SealReason.ALGORITHM),
        ("xmldsig-more#ecdsa-sha256", "xmldsig#ecdsa-sha1", SealReason.ALGORITHM),
        ("xmldsig-more#ecdsa-sha256", "xmldsig-more#rsa-sha256", SealReason.SIGNATURE_WRONG),
        ("xmldsig-more#ecdsa-sha256", "xmldsig-more#ecdsa-sha384", SealReason.SIGNATURE_WRONG),
        (
            "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
            "http://www.w3.org/TR/1999/REC-xslt-19991116",
            SealReason.ALGORITHM,
        ),
        (
            "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
            "http://www.w3.org/TR/1999/REC-xpath-19991116",
            SealReason.ALGORITHM,
        ),
        (' URI=""', ' URI="http://127.0.0.1/x"', SealReason.SIGNATURE_WRONG),
        (' URI=""', "", SealReason.REFERENCE),
        ("http://uri.etsi.org/01903#SignedProperties", "urn:x", SealReason.SIGNATURE_WRONG),
    ],
)
def test_what_a_change_is_called(
    sealed: bytes, trust: TrustStore, before: str, after: str, reason: SealReason
) -> None:
    assert before.encode() in sealed
    assert judge(sealed.replace(before.encode(), after.encode(), 1), trust).reason is reason


def test_a_document_without_a_seal_says_so(trust: TrustStore) -> None:
    assert judge(DOCUMENT, trust).reason is SealReason.NO_SEAL
    assert judge(b"no xml", trust).reason is SealReason.UNREADABLE
    assert judge(b"", trust).reason is SealReason.UNREADABLE


def test_text_that_is_no_document_is_not_sealed() -> None:
    with pytest.raises(NotSealable):
        seal(b"no xml", key=pki.ec_seal(), signing_time=pki.NOW)


def test_wrapping_attacks_are_refused(sealed: bytes, trust: TrustStore) -> None:
    """The attacker keeps the sealed original somewhere and shows another document."""
    end = sealed.rindex(b"<ds:Signature")
    signature = sealed[end : sealed.rindex(b"</p:Atto>")]
    original = DOCUMENT
    forged = b'<p:Atto xmlns:p="urn:atto" p:a="1"><p:Testo>falso</p:Testo>'
    cases = [
        forged + original + signature + b"</p:Atto>",
        forged + sealed + signature + b"</p:Atto>",
        forged + b"</p:Atto>" + sealed,
        forged
        + signature.replace(b"</ds:Signature>", b"<ds:Object>" + original + b"</ds:Object></ds:Signature>")
        + b"</p:Atto>",
        b'<w xmlns:p="urn:atto">' + sealed + b"</w>",
        sealed.replace(signature, signature + signature),
        sealed.replace(b"</p:Atto>", b"<p:Testo>dopo</p:Testo></p:Atto>"),
    ]
    for case in cases:
        assert not judge(case, trust).valid, case[:200]


def test_a_reference_by_id_must_cover_the_root(trust: TrustStore) -> None:
    """A seal over a part, chosen by the attacker among his own, is no seal of the document."""
    key = pki.ec_seal()
    inner = b'<p:Parte xmlns:p="urn:atto" Id="parte"></p:Parte>'
    document = b'<p:Atto xmlns:p="urn:atto"><p:Parte Id="parte"></p:Parte></p:Atto>'
    good = seal(document, key=key, signing_time=pki.NOW)
    assert judge(good, trust).valid
    digest = b64encode(xmldsig.sha256(document))
    part = b64encode(xmldsig.sha256(inner))
    text = good.replace(b' URI=""', b' URI="#parte"').replace(digest, part)
    text = text.replace(
        b'<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>',
        b"",
    )
    assert judge(resign(text, key), trust).reason is SealReason.REFERENCE


def test_an_id_that_occurs_twice_is_refused(sealed: bytes, trust: TrustStore) -> None:
    identity = re.search(rb'Id="(seal-[0-9a-f]+)-properties"', sealed)
    assert identity is not None
    doubled = sealed.replace(b"<p:Vuoto>", b'<p:Vuoto Id="' + identity[1] + b'-properties">')
    verdict = judge(doubled, trust)
    assert verdict.reason is SealReason.REFERENCE
    assert "more than once" in verdict.detail


def test_the_properties_must_be_signed_and_name_the_certificate(sealed: bytes, trust: TrustStore) -> None:
    key = pki.ec_seal()
    other = pki.issue("Altro", pki.ec_key(), issuer=pki.root())
    without = re.sub(rb"<xades:SigningCertificateV2>.*</xades:SigningCertificateV2>", b"", sealed)
    assert judge(without, trust).reason is SealReason.MALFORMED
    der = b64encode(other.certificate.public_bytes(Encoding.DER))
    swapped = re.sub(rb"(<ds:X509Certificate>)[^<]*", rb"\1" + der, sealed)
    assert judge(swapped, trust).reason is SealReason.CERTIFICATE_MISMATCH
    assert (
        judge(re.sub(rb"<ds:KeyInfo>.*</ds:KeyInfo>", b"", sealed), trust).reason
        is SealReason.CERTIFICATE_MISSING
    )
    only_document = re.sub(rb"<ds:Reference Type=.*?</ds:Reference>", b"", sealed)
    assert judge(resign(only_document, key), trust).reason is SealReason.REFERENCE


def test_the_certificate_is_judged_at_the_given_instant(sealed: bytes, trust: TrustStore) -> None:
    assert judge(sealed, trust, pki.NOW + timedelta(days=400)).reason is SealReason.EXPIRED
    assert judge(sealed, trust, pki.NOW - timedelta(days=31)).reason is SealReason.NOT_YET_VALID
    stranger = pki.issue("Radice estranea", pki.ec_key(), authority=True)
    assert judge(sealed, TrustStore([stranger.certificate])).reason is SealReason.UNKNOWN_ISSUER
    revoked = pki.revocation_list(pki.root(), pki.ec_seal().certificate, since=pki.NOW)
    store = TrustStore([pki.root().certificate], revocation_lists=[revoked])
    assert judge(sealed, store).reason is SealReason.REVOKED
    assert judge(sealed, store, pki.NOW - timedelta(seconds=1)).valid


def test_the_chain_travels_with_the_seal(trust: TrustStore) -> None:
    middle = pki.issue("Intermedia", pki.ec_key(), issuer=pki.root(), authority=True, path_length=0)
    leaf = pki.issue("Sigillo lontano", pki.ec_key(), issuer=middle)
    assert judge(seal(DOCUMENT, key=leaf, signing_time=pki.NOW), trust).reason is SealReason.UNKNOWN_ISSUER
    with_chain = replace(leaf, chain=(middle.certificate,))
    verdict = judge(seal(DOCUMENT, key=with_chain, signing_time=pki.NOW), trust)
    assert verdict.valid, verdict
    assert len(verdict.chain) == 3


def test_seals_and_verdicts_are_quick(trust: TrustStore) -> None:
    """Processor time, ten times the usual figures: what is held here is the order of magnitude."""
    key = pki.ec_seal()
    xml = seal(DOCUMENT, key=key, signing_time=pki.NOW)
    judge(xml, trust)
    begin = time.process_time()
    for _ in range(50):
        seal(DOCUMENT, key=key, signing_time=pki.NOW)
    middle = time.process_time()
    for _ in range(50):
        judge(xml, trust)
    end = time.process_time()
    assert (middle - begin) / 50 < 0.003
    assert (end - middle) / 50 < 0.005


def resign(xml: bytes, key: Identity) -> bytes:
    """Sign SignedInfo anew, as someone who has a key of his own can."""
    root = etree.fromstring(xml)
    info = root.find(f".//{{{DS}}}SignedInfo")
    value = root.find(f".//{{{DS}}}SignatureValue")
    assert info is not None
    assert value is not None
    value.text = b64encode(xmldsig.signature_value(xmldsig.canonicalize(info), key=key)).decode()
    return etree.tostring(root)
