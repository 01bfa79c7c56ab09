"""The seal of a segnatura survives the message, and seals made in other ways are recognised."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.sealed import AS_DOCUMENT, ON_THE_WIRE, embed, extract
from crinale.connectors.aoo_soap.tests import support
from crinale.spine.records.signatures.xades import verify_seal

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = [support.outgoing("a.pdf", b"content")]
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"


def _in_a_body(element: bytes) -> etree._Element:
    text = (
        f'<soap:Envelope xmlns:soap="{names.SOAP}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soap:Body>"
        f'<tns:RequestMessageInoltro xmlns:tns="{names.RECIPIENT}">'
        f"{element.decode()}</tns:RequestMessageInoltro>"
        "</soap:Body></soap:Envelope>"
    )
    found = etree.fromstring(text).find(f".//{ON_THE_WIRE}")
    assert found is not None
    return found


def test_our_seal_comes_out_valid() -> None:
    document, form = extract(_in_a_body(embed(support.segnatura(FILES))))

    assert form == "renamed"
    assert etree.fromstring(document).tag == AS_DOCUMENT
    assert verify_seal(document, trust=support.trust(), at=support.NOW).valid


def test_what_comes_out_is_the_same_every_time() -> None:
    embedded = embed(support.segnatura(FILES))
    document, _form = extract(_in_a_body(embedded))

    assert embed(document) == embedded
    assert extract(_in_a_body(embed(document)))[0] == document


def test_a_changed_segnatura_is_handed_on_for_the_exchange_to_refuse() -> None:
    document, form = extract(_in_a_body(embed(support.segnatura(FILES)).replace(b"Sassetta", b"Suvereto")))

    assert form == "none"
    assert not verify_seal(document, trust=support.trust(), at=support.NOW).valid


def _seal_digest_only(root: etree._Element, canonicalization: str) -> None:
    """Add a signature whose document digest is right: the form is recognised by that alone."""
    canonical = etree.tostring(root, method="c14n", exclusive=canonicalization == EXCLUSIVE)
    digest = b64encode(hashlib.sha256(canonical).digest()).decode()
    root.append(
        etree.fromstring(
            f'<ds:Signature xmlns:ds="{names.DS}"><ds:SignedInfo>'
            f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
            '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
            f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{ENVELOPED}"/>'
            f'<ds:Transform Algorithm="{canonicalization}"/></ds:Transforms>'
            '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
            "<ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature>"
        )
    )


def _as_text_renamed(root: etree._Element) -> bytes:
    """Rename the root in the text, as templates do: declarations stay as they are."""
    text = etree.tostring(root)
    return text.replace(
        b"<prot:SegnaturaInformatica", b'<m:Segnatura xmlns:m="%s"' % names.MSGPROT.encode()
    ).replace(b"</prot:SegnaturaInformatica", b"</m:Segnatura")


def _named_on_the_wire(root: etree._Element) -> bytes:
    return etree.tostring(root)


@pytest.mark.parametrize(
    ("tag", "extra", "canonicalization", "write", "form"),
    [
        (AS_DOCUMENT, {}, EXCLUSIVE, _as_text_renamed, "renamed"),
        (AS_DOCUMENT, {"y": "urn:y"}, INCLUSIVE, _as_text_renamed, "renamed-own-namespaces"),
        (ON_THE_WIRE, {}, EXCLUSIVE, _named_on_the_wire, "as-is"),
    ],
)
def test_other_ways_to_seal_are_recognised(
    tag: str,
    extra: dict[str, str],
    canonicalization: str,
    write: Callable[[etree._Element], bytes],
    form: str,
) -> None:
    source = etree.fromstring(support.segnatura(FILES, sealed=False))
    root = etree.Element(tag, dict(source.attrib), nsmap={"prot": names.PROT, **extra})
    root.extend(list(source))
    _seal_digest_only(root, canonicalization)

    document, found = extract(_in_a_body(write(root)))

    assert found == form
    assert etree.fromstring(document).tag == tag
    if canonicalization == INCLUSIVE:
        assert etree.fromstring(document).nsmap == {"prot": names.PROT, **extra}
