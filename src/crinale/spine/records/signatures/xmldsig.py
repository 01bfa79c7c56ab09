"""What XAdES and WS-Security share of XML Signature 1.1: canonical text, digests, signing, verifying.

Signing writes SignedInfo as canonical text directly. Verifying takes nothing from the message on trust:
algorithms come from a short list, an Id that occurs twice is refused, and the caller gets the very elements
that the signature covers, so that it reads those and no others (protection against signature wrapping).
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from crinale.spine.records.signatures.algorithms import (
    DIGESTS,
    DS,
    ENVELOPED,
    EXC_C14N,
    SHA256,
    SIGNATURE_METHOD_OF,
    check_value,
)
from crinale.spine.records.signatures.canonical import attribute
from crinale.spine.records.signatures.keys import SigningAlgorithm, algorithm_of
from crinale.spine.records.signatures.reading import (
    Canonicalization,
    Flaw,
    ParsedReference,
    SignatureRefused,
    read_signature,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from crinale.spine.records.signatures.keys import SealKey

WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_ID_NAMES: Final = (
    "Id",
    "ID",
    "id",
    f"{{{WSU}}}Id",
    f"{_XML}id",
)
_WITH_ID: Final = etree.XPath("//*[@Id or @ID or @id or @wsu:Id or @xml:id]", namespaces={"wsu": WSU})
_EXCLUSIVE: Final = Canonicalization(exclusive=True)


@dataclass(frozen=True, slots=True)
class ReferenceDigest:
    """One ds:Reference to be signed: where it points and the digest of its canonical form."""

    uri: str
    digest: bytes
    transforms: tuple[str, ...] = (EXC_C14N,)
    type: str = ""
    id: str = ""
    method: str = SHA256


@dataclass(frozen=True, slots=True)
class VerifiedReference:
    """One ds:Reference whose digest agrees, and the element that it covers."""

    uri: str
    type: str
    id: str
    element: etree._Element
    enveloped: bool


def sha256(data: bytes) -> bytes:
    """Digest bytes with SHA-256."""
    return hashlib.sha256(data).digest()


def canonicalize(
    node: etree._Element | etree._ElementTree[etree._Element],
    how: Canonicalization = _EXCLUSIVE,
) -> bytes:
    """Give the canonical form, without comments, of an element or of a whole document.

    :raises SignatureRefused: when there is none (relative namespace names have no canonical form).
    """
    if how.exclusive or not isinstance(node, etree._Element):  # noqa: SLF001  the only name of the class
        return _canonical_text(node, how)
    # Inclusive canonical XML 1.0 section 2.4: an element brings the xml: attributes of its ancestors along.
    # The library brings only their namespaces.
    brought = _inherited(node)
    try:
        for name, value in brought.items():
            node.set(name, value)
        return _canonical_text(node, how)
    finally:
        for name in brought:
            del node.attrib[name]


def _canonical_text(
    node: etree._Element | etree._ElementTree[etree._Element], how: Canonicalization
) -> bytes:
    try:
        return etree.tostring(
            node,
            method="c14n",
            exclusive=how.exclusive,
            with_comments=False,
            inclusive_ns_prefixes=list(how.prefixes) or None,
        )
    except etree.C14NError:
        raise SignatureRefused(Flaw.MALFORMED, "it has no canonical form") from None


def _inherited(element: etree._Element) -> dict[str, str]:
    """Give the xml: attributes that ancestors have and the element itself has not; the nearest counts."""
    found: dict[str, str] = {}
    for ancestor in element.iterancestors():
        for name, value in ancestor.attrib.items():
            if name.startswith(_XML) and name not in element.attrib:
                found.setdefault(name, value)
    return found


def signed_info(references: Iterable[ReferenceDigest], *, algorithm: SigningAlgorithm) -> bytes:
    """Write ds:SignedInfo in its canonical form: these are the bytes to sign."""
    inner = "".join(_reference_text(reference) for reference in references)
    return (
        f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXC_C14N}">'
        f'</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{SIGNATURE_METHOD_OF[algorithm]}">'
        f"</ds:SignatureMethod>{inner}</ds:SignedInfo>"
    ).encode()


def _reference_text(reference: ReferenceDigest) -> str:
    names = (("Id", reference.id), ("Type", reference.type))
    optional = "".join(f' {name}="{attribute(value)}"' for name, value in names if value)
    transforms = "".join(f'<ds:Transform Algorithm="{uri}"></ds:Transform>' for uri in reference.transforms)
    return (
        f'<ds:Reference{optional} URI="{attribute(reference.uri)}">'
        f"<ds:Transforms>{transforms}</ds:Transforms>"
        f'<ds:DigestMethod Algorithm="{reference.method}"></ds:DigestMethod>'
        f"<ds:DigestValue>{b64encode(reference.digest).decode()}</ds:DigestValue></ds:Reference>"
    )


def signature_value(data: bytes, *, key: SealKey) -> bytes:
    """Sign the canonical SignedInfo; ECDSA values come in the fixed-width form that XML Signature wants."""
    algorithm = algorithm_of(key.certificate)
    value = key.sign(data, algorithm=algorithm)
    if algorithm is SigningAlgorithm.ECDSA_SHA256:
        r, s = decode_dss_signature(value)
        width = (getattr(key.certificate.public_key(), "key_size", 256) + 7) // 8
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")
    return value


def signature_text(
    *,
    info: bytes,
    value: bytes,
    key_info: bytes,
    objects: bytes = b"",
    identity: str = "",
) -> bytes:
    """Assemble ds:Signature around a canonical SignedInfo; ``key_info`` is the content of ds:KeyInfo."""
    # Inside ds:Signature the prefix is already declared: exclusive canonical form gives it back when it is
    # verified.
    inner = info.replace(f' xmlns:ds="{DS}"'.encode(), b"", 1)
    name = f' Id="{attribute(identity)}"'.encode() if identity else b""
    return b"".join(
        (
            f'<ds:Signature xmlns:ds="{DS}"'.encode(),
            name,
            b">",
            inner,
            b"<ds:SignatureValue>",
            b64encode(value),
            b"</ds:SignatureValue><ds:KeyInfo>",
            key_info,
            b"</ds:KeyInfo>",
            objects,
            b"</ds:Signature>",
        )
    )


def verify_signature(
    signature: etree._Element, *, certificate: x509.Certificate
) -> tuple[VerifiedReference, ...]:
    """Verify value and digests of a ds:Signature; :class:`SignatureRefused` says what is wrong.

    It proves nothing about the certificate. The caller must check that the elements which it is going to use
    are the ``element`` objects given back here.
    """
    parsed = read_signature(signature)
    canonical_info = canonicalize(parsed.signed_info, parsed.canonicalization)
    if not check_value(_public_key(certificate), parsed.method, parsed.value, canonical_info):
        raise SignatureRefused(
            Flaw.VALUE,
            "the value does not agree with the signed data and the certificate",
        )
    by_id = elements_by_id(signature)
    return tuple(_verified(reference, signature, by_id) for reference in parsed.references)


def _public_key(certificate: x509.Certificate) -> PublicKeyTypes:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise SignatureRefused(Flaw.ALGORITHM, "the kind of key is not supported") from None


def elements_by_id(anywhere: etree._Element) -> dict[str, etree._Element]:
    """Map the Ids of a whole document to their elements; an Id that occurs twice is refused."""
    found: dict[str, etree._Element] = {}
    for element in _WITH_ID(anywhere.getroottree()):
        for name in _ID_NAMES:
            value = element.get(name)
            if value is None:
                continue
            if found.setdefault(value, element) is not element:
                raise SignatureRefused(Flaw.DUPLICATE_ID, f"the Id {value[:80]!r} occurs more than once")
    return found


def _verified(
    reference: ParsedReference,
    signature: etree._Element,
    by_id: dict[str, etree._Element],
) -> VerifiedReference:
    tree = signature.getroottree()
    if reference.uri == "":
        target = tree.getroot()
    elif reference.uri.startswith("#") and reference.uri[1:] in by_id:
        target = by_id[reference.uri[1:]]
    else:
        raise SignatureRefused(
            Flaw.REFERENCE,
            f"the reference {reference.uri[:80]!r} points nowhere in this document",
        )
    covered = tree if reference.uri == "" else target
    if reference.enveloped:
        data = _without(signature, target, covered, reference.canonicalization)
    else:
        data = canonicalize(covered, reference.canonicalization)
    if DIGESTS[reference.digest_method](data).digest() != reference.digest:
        raise SignatureRefused(Flaw.DIGEST, reference.uri)
    return VerifiedReference(reference.uri, reference.type, reference.id, target, reference.enveloped)


def _without(
    signature: etree._Element,
    target: etree._Element,
    covered: etree._Element | etree._ElementTree[etree._Element],
    how: Canonicalization,
) -> bytes:
    """Apply the enveloped-signature transform: canonical form of the target with this signature taken out."""
    parent = signature.getparent()
    if parent is None or not any(ancestor is target for ancestor in signature.iterancestors()):
        raise SignatureRefused(Flaw.REFERENCE, f"the signature does not stand inside {ENVELOPED!r} target")
    position, tail, previous = (
        parent.index(signature),
        signature.tail,
        signature.getprevious(),
    )
    before = previous.tail if previous is not None else parent.text
    signature.tail = None
    parent.remove(signature)
    try:
        if tail:
            _set_text_before(parent, previous, (before or "") + tail)
        return canonicalize(covered, how)
    finally:
        if tail:
            _set_text_before(parent, previous, before)
        parent.insert(position, signature)
        signature.tail = tail


def _set_text_before(parent: etree._Element, previous: etree._Element | None, value: str | None) -> None:
    if previous is None:
        parent.text = value
    else:
        previous.tail = value
