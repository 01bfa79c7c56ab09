"""Checking the WS-Security header of a message that was read: who signed what, when, for whom.

Nothing is taken on trust: algorithms come from the short list of ``records.signatures``, an Id that occurs
twice is refused, and each signed part must be *the* Body, *the* Timestamp and *the* addressing headers, at
the place where they are read afterwards (against signature wrapping). A MessageID that comes again is no
error: a sender that got no answer sends again (Allegato 6, section 3.2.3), and the exchange answers the
same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from lxml import etree

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.names import q
from crinale.connectors.aoo_soap.refusals import (
    NotSecured,
    NotXml,
    StaleMessage,
    TooDeep,
    UntrustedCertificate,
    WrongMessage,
    WrongSignature,
)
from crinale.connectors.aoo_soap.ws_security import decode_token
from crinale.spine.records.signatures.algorithms import DIGESTS, check_value
from crinale.spine.records.signatures.certificates import load_der
from crinale.spine.records.signatures.parsing import XmlRefused, XmlTooDeep, parse_xml
from crinale.spine.records.signatures.reading import SignatureRefused, read_signature
from crinale.spine.records.signatures.xmldsig import canonicalize, elements_by_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography import x509

    from crinale.connectors.aoo_soap.limits import Limits
    from crinale.connectors.aoo_soap.reading import Reading
    from crinale.spine.records.ports import BlobStore
    from crinale.spine.records.signatures.certificates import TrustStore
    from crinale.spine.records.signatures.reading import ParsedReference, ParsedSignature

SKEW: Final = timedelta(minutes=1)
LONGEST_LIFE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose signature verified: its signed parts, and the certificate (DER) that signed it."""

    body: etree._Element
    certificate: bytes
    message_id: str
    to: str
    action: str | None
    relates_to: str | None
    sent_from: str | None
    signature: bytes
    confirms: bytes | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of an envelope, by their place."""

    envelope: etree._Element
    header: etree._Element | None
    body: etree._Element


def parse(reading: Reading, limits: Limits) -> Parts:
    """Parse the skeleton of a message and find its parts."""
    try:
        root = parse_xml(reading.skeleton, max_bytes=limits.markup + 1024, max_depth=limits.depth)
    except XmlTooDeep as error:
        raise TooDeep from error
    except XmlRefused as error:
        raise NotXml(str(error)) from error
    if root.tag != q(names.SOAP, "Envelope"):
        raise WrongMessage(f"not a SOAP 1.1 envelope: {root.tag!r}")
    children = list(root)
    tags = [child.tag for child in children]
    if tags == [q(names.SOAP, "Body")]:
        return Parts(root, None, children[0])
    if tags != [q(names.SOAP, "Header"), q(names.SOAP, "Body")]:
        raise WrongMessage("an envelope is a Header and a Body")
    return Parts(root, children[0], children[1])


class Verifier:
    """Checks messages against the certificates that the node trusts."""

    def __init__(self, *, trust: TrustStore, store: BlobStore) -> None:
        self._trust = trust
        self._store = store

    def verify(self, parts: Parts, reading: Reading, *, instant: datetime) -> Message:
        """Return the message if it is genuine at ``instant`` (when it began to arrive), else say why not."""
        security = _only(parts.header, names.WSSE, "Security")
        token, signature = _find_signature(security)
        certificate = _certificate(token)
        try:
            parsed = read_signature(signature)
            by_id = elements_by_id(signature)
        except SignatureRefused as refused:
            raise WrongSignature(refused.detail) from refused
        _check_key_info(parsed, token, by_id)
        info = canonicalize(parsed.signed_info, parsed.canonicalization)
        if not check_value(certificate.public_key(), parsed.method, parsed.value, info):
            raise WrongSignature("value")
        covered = {self._covered(reference, parts, reading, by_id) for reference in parsed.references}
        timestamp = _only(security, names.WSU, "Timestamp")
        created = _check_time(timestamp, instant)
        verdict = self._trust.check(certificate, at=instant)
        if not verdict.valid:
            raise UntrustedCertificate(f"{verdict.reason.value}: {verdict.detail}")
        signed = _Signed(parts, covered)
        signed.require(timestamp, "Timestamp")
        signed.require(parts.body, "Body")
        return Message(
            body=parts.body,
            certificate=token_bytes(token),
            message_id=signed.header("MessageID"),
            to=signed.header("To"),
            action=signed.optional_header("Action"),
            relates_to=signed.optional_header("RelatesTo"),
            sent_from=signed.sent_from(),
            signature=parsed.value,
            confirms=signed.confirmation(security),
            created=created,
        )

    def _covered(
        self, reference: ParsedReference, parts: Parts, reading: Reading, by_id: dict[str, etree._Element]
    ) -> etree._Element:
        element = by_id.get(reference.uri.removeprefix("#")) if reference.uri.startswith("#") else None
        if element is None or reference.enveloped:
            raise WrongSignature(f"reference {reference.uri[:80]}")
        digest = DIGESTS[reference.digest_method](b"")
        canonical = canonicalize(element, reference.canonicalization)
        if element is parts.body:
            for piece in _with_files(canonical, reading, self._store):
                digest.update(piece)
        else:
            digest.update(canonical)
        if digest.digest() != reference.digest:
            raise WrongSignature(f"digest of {etree.QName(element).localname}")
        return element


def _with_files(canonical: bytes, reading: Reading, store: BlobStore) -> Iterator[bytes]:
    """The canonical text with the base64 text of the files where the skeleton has marks."""
    at = 0
    for mark, content in zip(reading.marks, reading.contents, strict=True):
        found = canonical.find(mark, at)
        if found < 0:  # an empty element: nothing to put in its place
            continue
        yield canonical[at:found]
        yield from content.text(store)
        at = found + len(mark)
    yield canonical[at:]


class _Signed:
    """The parts that the signature covers, each looked up at its place in the envelope."""

    def __init__(self, parts: Parts, covered: set[etree._Element]) -> None:
        self._parts = parts
        self._covered = covered

    def require(self, element: etree._Element, name: str) -> None:
        if element not in self._covered:
            raise NotSecured(f"{name} is not signed")

    def header(self, name: str) -> str:
        element = _only(self._parts.header, names.WSA, name)
        self.require(element, name)
        return _text(element)

    def optional_header(self, name: str) -> str | None:
        """A header that may be absent; one that is there unsigned counts as absent (ID_AUTH_SOAP_02)."""
        found = (
            list(self._parts.header.iterchildren(q(names.WSA, name)))
            if self._parts.header is not None
            else []
        )
        return _text(found[0]) if len(found) == 1 and found[0] in self._covered else None

    def sent_from(self) -> str | None:
        """Address in ``wsa:From``, if it is there and signed."""
        found = (
            list(self._parts.header.iterchildren(q(names.WSA, "From")))
            if self._parts.header is not None
            else []
        )
        if len(found) != 1 or found[0] not in self._covered:
            return None
        return (found[0].findtext(q(names.WSA, "Address")) or "").strip() or None

    def confirmation(self, security: etree._Element) -> bytes | None:
        found = [
            element
            for element in security.iterchildren(q(names.WSSE11, "SignatureConfirmation"))
            if element in self._covered
        ]
        try:
            return decode_token(found[0].get("Value", "")) if len(found) == 1 else None
        except ValueError as error:
            raise NotSecured("SignatureConfirmation") from error


def _only(parent: etree._Element | None, namespace: str, name: str) -> etree._Element:
    found = list(parent.iterchildren(q(namespace, name))) if parent is not None else []
    if len(found) != 1:
        raise NotSecured(f"{name}: {len(found)} found, 1 expected")
    return found[0]


def _find_signature(security: etree._Element) -> tuple[etree._Element, etree._Element]:
    token = _only(security, names.WSSE, "BinarySecurityToken")
    if token.get("ValueType", "") != names.X509V3:
        raise NotSecured("BinarySecurityToken must be X509v3")
    return token, _only(security, names.DS, "Signature")


def token_bytes(token: etree._Element) -> bytes:
    """DER bytes of the certificate in a BinarySecurityToken."""
    try:
        return decode_token(token.text or "")
    except ValueError as error:
        raise NotSecured("BinarySecurityToken is not base64") from error


def _certificate(token: etree._Element) -> x509.Certificate:
    try:
        return load_der(token_bytes(token))
    except ValueError as error:
        raise NotSecured("BinarySecurityToken is not an X.509 certificate") from error


def _check_key_info(parsed: ParsedSignature, token: etree._Element, by_id: dict[str, etree._Element]) -> None:
    """KeyInfo must point to the token: else it would not say with which key the message was signed."""
    reference = (
        parsed.key_info.find(f"{q(names.WSSE, 'SecurityTokenReference')}/{q(names.WSSE, 'Reference')}")
        if parsed.key_info is not None
        else None
    )
    uri = reference.get("URI", "") if reference is not None else ""
    if not uri.startswith("#") or by_id.get(uri[1:]) is not token:
        raise NotSecured("KeyInfo does not refer to the BinarySecurityToken")


def _check_time(timestamp: etree._Element, instant: datetime) -> datetime:
    created = _instant(timestamp, "Created")
    expires = _instant(timestamp, "Expires")
    if created > instant + SKEW:
        raise StaleMessage(f"created in the future: {created.isoformat()}")
    if expires <= instant - SKEW:
        raise StaleMessage(f"expired: {expires.isoformat()}")
    if expires - created > LONGEST_LIFE or expires <= created:
        raise StaleMessage("it is valid for longer than an hour, or never")
    return created


def _instant(timestamp: etree._Element, name: str) -> datetime:
    try:
        value = datetime.fromisoformat(_text(_only(timestamp, names.WSU, name)))
    except ValueError as error:
        raise NotSecured(f"Timestamp/{name}") from error
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _text(element: etree._Element) -> str:
    if len(element):
        raise NotSecured(f"{etree.QName(element).localname} is not a text")
    return (element.text or "").strip()
