"""References without ds:Transforms: what XML Signature means by them, and no way around the seal."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from crinale.spine.records.signatures import xmldsig
from crinale.spine.records.signatures.algorithms import DS
from crinale.spine.records.signatures.certificates import TrustStore
from crinale.spine.records.signatures.reading import Canonicalization
from crinale.spine.records.signatures.seal_verdict import SealReason, verify_seal
from crinale.spine.records.signatures.tests import pki
from crinale.spine.records.signatures.xades import seal

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = b'<p:Atto xmlns:p="urn:atto" Id="atto" xml:lang="it"><p:Testo Id="testo">si</p:Testo></p:Atto>'
XADES = "http://uri.etsi.org/01903/v1.3.2#"
INCLUSIVE = Canonicalization(exclusive=False)
needs_xmlsec1 = pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed")


def judge(xml: bytes) -> SealReason:
    return verify_seal(xml, trust=TrustStore([pki.root().certificate]), at=pki.NOW).reason


def without_transforms(xml: bytes, *, uri: str, target: str = "") -> bytes:
    """Point the reference to ``uri`` to ``target``, take its transforms away, and sign again."""
    root = etree.fromstring(xml)
    by_id = xmldsig.elements_by_id(root)
    for reference in root.iter(f"{{{DS}}}Reference"):
        if re.fullmatch(uri, reference.get("URI", "")):
            transforms = reference.find(f"{{{DS}}}Transforms")
            assert transforms is not None
            reference.remove(transforms)
            if target:
                reference.set("URI", target)
            covered = by_id.get(reference.get("URI", "")[1:], root)
            value = reference.find(f"{{{DS}}}DigestValue")
            assert value is not None
            value.text = b64encode(xmldsig.sha256(xmldsig.canonicalize(covered, INCLUSIVE))).decode()
    info, value = root.find(f".//{{{DS}}}SignedInfo"), root.find(f".//{{{DS}}}SignatureValue")
    assert info is not None
    assert value is not None
    made = xmldsig.signature_value(xmldsig.canonicalize(info), key=pki.ec_seal())
    value.text = b64encode(made).decode()
    return etree.tostring(root)


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return seal(DOCUMENT, key=pki.ec_seal(), signing_time=pki.NOW)


@pytest.fixture(scope="module")
def plain(sealed: bytes) -> bytes:
    return without_transforms(sealed, uri="#.*-properties")


def test_properties_may_be_referred_to_without_transforms(plain: bytes) -> None:
    assert plain.count(b"<ds:Transforms>") == 1
    assert judge(plain) is SealReason.VALID
    assert judge(plain.replace(b"09:30:00Z", b"09:30:01Z")) is SealReason.CONTENT_CHANGED
    assert judge(plain.replace(b">si<", b">no<")) is SealReason.CONTENT_CHANGED


@needs_xmlsec1
def test_xmlsec1_reads_such_a_reference_in_the_same_way(plain: bytes, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(pki.root().certificate.public_bytes(Encoding.PEM))
    options = ["--trusted-pem", "ca.pem", "--id-attr:Id", f"{XADES}:SignedProperties"]
    options += ["--verification-gmt-time", pki.NOW.strftime("%Y-%m-%d+%H:%M:%S")]
    # The last one shows that the language of the root counts where a canonical form is inclusive.
    changes = {"good.xml": (b"", b""), "time.xml": (b"09:30:00Z", b"09:30:01Z")}
    changes |= {"text.xml": (b">si<", b">no<"), "language.xml": (b'"it"', b'"de"')}
    for name, (before, after) in changes.items():
        changed = plain.replace(before, after) if before else plain
        (tmp_path / name).write_bytes(changed)
        command = ["xmlsec1", "--verify", *options, name]
        done = subprocess.run(command, capture_output=True, check=False, timeout=30, cwd=tmp_path)
        assert (done.returncode == 0) is (judge(changed) is SealReason.VALID) is (name == "good.xml"), name


def test_an_inclusive_form_takes_along_what_the_ancestors_declare() -> None:
    root = etree.fromstring(
        b'<r xmlns:x="urn:x" xml:lang="it" xml:space="preserve"><m xml:lang="de">'
        b'<a xml:space="default"/></m></r>'
    )
    element = root[0][0]
    written = xmldsig.canonicalize(element, INCLUSIVE)
    assert written == b'<a xmlns:x="urn:x" xml:lang="de" xml:space="default"></a>'
    assert xmldsig.canonicalize(element) == b'<a xml:space="default"></a>'
    assert dict(element.attrib) == {"{http://www.w3.org/XML/1998/namespace}space": "default"}


def test_a_document_must_be_enveloped_by_its_seal(sealed: bytes) -> None:
    """Without the transform a signature would have to cover its own value."""
    assert judge(without_transforms(sealed, uri="")) is SealReason.CONTENT_CHANGED
    part = without_transforms(sealed, uri="", target="#testo")
    assert judge(part) is SealReason.REFERENCE
    outside = without_transforms(sealed, uri="", target="http://127.0.0.1/atto")
    assert judge(outside) is SealReason.REFERENCE


def test_a_seal_without_transforms_cannot_be_wrapped(plain: bytes) -> None:
    start = plain.rindex(b"<ds:Signature ")
    signature = plain[start : plain.rindex(b"</p:Atto>")]
    forged = DOCUMENT.replace(b">si<", b">no<").removesuffix(b"</p:Atto>")
    properties = re.search(rb"<xades:SignedProperties.*</xades:SignedProperties>", plain)
    assert properties is not None
    moved = plain.replace(properties[0], b"").replace(b"<p:Testo", properties[0] + b"<p:Testo", 1)
    other = properties[0].replace(b'-properties"', b'-others"').replace(b"09:30:00Z", b"10:30:00Z")
    for case in (
        forged + DOCUMENT + signature + b"</p:Atto>",
        forged + plain + b"</p:Atto>",
        forged
        + signature.replace(b"</ds:Signature>", b"<ds:Object>" + DOCUMENT + b"</ds:Object></ds:Signature>"),
        b"<w>" + plain + b"</w>",
        plain.replace(signature, signature + signature),
        moved,
        plain.replace(properties[0], other + properties[0]),
        plain.replace(properties[0], other).replace(b"<p:Testo", properties[0] + b"<p:Testo", 1),
    ):
        assert judge(case) is not SealReason.VALID, case[:300]


@pytest.mark.parametrize("part", ["DigestMethod", "DigestValue"])
def test_a_reference_must_have_its_digest(plain: bytes, part: str) -> None:
    root = etree.fromstring(plain)
    for found in list(root.iter(f"{{{DS}}}Reference")):
        for child in found.findall(f"{{{DS}}}{part}"):
            found.remove(child)
    assert judge(etree.tostring(root)) is SealReason.MALFORMED
