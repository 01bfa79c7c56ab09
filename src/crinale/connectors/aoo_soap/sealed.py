"""The sealed segnatura inside a message, and out of it again.

The seal covers a document whose root is ``prot:SegnaturaInformatica``; the WSDL puts its content in an
element named ``msgprot:Segnatura``. So the root is renamed to send and renamed back to verify. In exclusive
canonical form, which our seals use, the rest comes out byte for byte: a namespace is written where it is
used, never inherited.

A foreign system may have sealed otherwise. ``extract`` tries, in this order, and says which form the digest
in the seal agrees with: the renamed root alone; the renamed root with the namespaces that its element
declared itself (inclusive canonical form); the same with all namespaces of the envelope; the element as it
stands, under its own name.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Final

from lxml import etree

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.names import q
from crinale.connectors.aoo_soap.refusals import WrongMessage
from crinale.spine.records.signatures.algorithms import DIGESTS
from crinale.spine.records.signatures.parsing import parse_xml
from crinale.spine.records.signatures.reading import SignatureRefused, read_signature
from crinale.spine.records.signatures.xmldsig import canonicalize

if TYPE_CHECKING:
    from collections.abc import Iterator

ON_THE_WIRE: Final = q(names.MSGPROT, "Segnatura")
AS_DOCUMENT: Final = q(names.PROT, "SegnaturaInformatica")
etree.register_namespace("msgprot", names.MSGPROT)
etree.register_namespace("prot", names.PROT)


def embed(document: bytes) -> bytes:
    """Canonical text of ``msgprot:Segnatura`` for a sealed document."""
    root = parse_xml(document)
    if root.tag != AS_DOCUMENT:
        raise WrongMessage(f"not a segnatura: {root.tag!r}")
    root.tag = ON_THE_WIRE
    return canonicalize(root)


def extract(element: etree._Element) -> tuple[bytes, str]:
    """The sealed document that was embedded, and the form that its seal agrees with (or ``none``)."""
    for form, candidate in _candidates(element):
        if _digest_agrees(candidate):
            # The inclusive form depends on declarations that exclusive canonical text would leave out.
            return (
                canonicalize(candidate) if form in {"renamed", "as-is"} else etree.tostring(candidate)
            ), form
    plain = deepcopy(element)
    plain.tag = AS_DOCUMENT
    return canonicalize(plain), "none"


def _candidates(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    parent = element.getparent()
    inherited = parent.nsmap if parent is not None else {}
    own = {prefix: uri for prefix, uri in element.nsmap.items() if inherited.get(prefix) != uri}
    yield "renamed", _renamed(element, {})
    yield "renamed-own-namespaces", _renamed(element, own)
    yield "renamed-all-namespaces", _renamed(element, element.nsmap)
    yield "as-is", deepcopy(element)


def _renamed(element: etree._Element, namespaces: dict[str | None, str]) -> etree._Element:
    """A copy of the element as document root, declaring the given namespaces and those of its own name."""
    if not namespaces:
        copy = deepcopy(element)
        copy.tag = AS_DOCUMENT
        return copy
    kept = {prefix: uri for prefix, uri in namespaces.items() if uri != names.MSGPROT}
    root = etree.Element(AS_DOCUMENT, dict(element.attrib), nsmap=kept)
    root.text = element.text
    root.extend(deepcopy(child) for child in element)
    return root


def _digest_agrees(root: etree._Element) -> bool:
    signature = root.find(q(names.DS, "Signature"))
    if signature is None:
        return False
    try:
        parsed = read_signature(signature)
    except SignatureRefused:
        return False
    covering = next((one for one in parsed.references if one.uri == "" and one.enveloped), None)
    if covering is None:
        return False
    bare = deepcopy(root)
    found = bare.find(q(names.DS, "Signature"))
    if found is not None:
        _remove(bare, found)
    canonical = canonicalize(bare, covering.canonicalization)
    return DIGESTS[covering.digest_method](canonical).digest() == covering.digest


def _remove(parent: etree._Element, child: etree._Element) -> None:
    """Take a child out and leave the text after it where it was."""
    before, tail = child.getprevious(), child.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    child.tail = None
    parent.remove(child)
