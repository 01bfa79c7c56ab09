"""The electronic seal of a segnatura: enveloped XAdES baseline-B (EN 319 132-1; Allegato 6 section 2.2 E).

:func:`seal` takes a document that is already canonical text and works by concatenation: the digest of what it
was given, the signed properties, SignedInfo, one signature. :func:`verify_seal` gives the verdict on what
others sealed.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from asn1crypto import x509 as asn1_x509  # type: ignore[import-untyped]
from asn1crypto.tsp import IssuerSerial  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.serialization import Encoding

from crinale.kernel.errors import CrinaleError
from crinale.spine.records.signatures.algorithms import DS, ENVELOPED, EXC_C14N, SHA256
from crinale.spine.records.signatures.keys import algorithm_of
from crinale.spine.records.signatures.seal_verdict import (
    SIGNED_PROPERTIES_TYPE,
    XADES,
    SealReason,
    SealVerdict,
    verify_seal,
    verify_seal_of,
)
from crinale.spine.records.signatures.xmldsig import (
    ReferenceDigest,
    sha256,
    signature_text,
    signature_value,
    signed_info,
)

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from crinale.spine.records.signatures.keys import SealKey

__all__ = [
    "NotSealable",
    "SealReason",
    "SealVerdict",
    "seal",
    "verify_seal",
    "verify_seal_of",
]

_DECLARED_DS: Final = f' xmlns:ds="{DS}"'.encode()
_DECLARED_XADES: Final = f' xmlns:xades="{XADES}"'.encode()
_DOCUMENT_TRANSFORMS: Final = (ENVELOPED, EXC_C14N)


class NotSealable(CrinaleError):
    """Only a complete canonical document can be sealed."""


@dataclass(frozen=True, slots=True)
class _CertificateTexts:
    """What the seal says about its certificate: the same in every seal of a key."""

    signing_certificate: str
    key_info: bytes


def seal(document: bytes, *, key: SealKey, signing_time: datetime) -> bytes:
    """Seal a canonical document (exclusive form, no comments); ds:Signature becomes its last child.

    ``signing_time`` is an aware instant, written in UTC with whole seconds.
    """
    end = document.rfind(b"</")
    if end <= 0 or not document.endswith(b">"):
        raise NotSealable
    texts = _certificate_texts(key.certificate, key.chain)
    digest = sha256(document)
    # Taken from the digest, the Id is unique wherever the sealed document may be embedded.
    identity = f"seal-{digest.hex()[:32]}"
    properties = _signed_properties(identity, signing_time, texts.signing_certificate)
    info = signed_info(
        (
            ReferenceDigest("", digest, _DOCUMENT_TRANSFORMS, id=f"{identity}-document"),
            ReferenceDigest(
                f"#{identity}-properties",
                sha256(properties),
                type=SIGNED_PROPERTIES_TYPE,
            ),
        ),
        algorithm=algorithm_of(key.certificate),
    )
    objects = b"".join(
        (
            f'<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="#{identity}">'.encode(),
            # Declared by the elements around: so the whole sealed text is canonical again, and a receiver
            # that
            # takes it out of a message in canonical form holds the same bytes as the sender.
            properties.replace(_DECLARED_DS, b"").replace(_DECLARED_XADES, b""),
            b"</xades:QualifyingProperties></ds:Object>",
        )
    )
    value = signature_value(info, key=key)
    signature = signature_text(
        info=info,
        value=value,
        key_info=texts.key_info,
        objects=objects,
        identity=identity,
    )
    return document[:end] + signature + document[end:]


def _signed_properties(identity: str, signing_time: datetime, signing_certificate: str) -> bytes:
    instant = signing_time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'<xades:SignedProperties xmlns:xades="{XADES}" Id="{identity}-properties">'
        f"<xades:SignedSignatureProperties><xades:SigningTime>{instant}</xades:SigningTime>"
        f"{signing_certificate}</xades:SignedSignatureProperties>"
        f'<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#{identity}-document">'
        "<xades:MimeType>text/xml</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>"
        "</xades:SignedProperties>"
    ).encode()


@lru_cache(maxsize=256)
def _certificate_texts(
    certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]
) -> _CertificateTexts:
    der = certificate.public_bytes(Encoding.DER)
    parsed = asn1_x509.Certificate.load(der)
    issuer = asn1_x509.GeneralNames([asn1_x509.GeneralName(name="directory_name", value=parsed.issuer)])
    issuer_serial = IssuerSerial({"issuer": issuer, "serial_number": parsed.serial_number}).dump()
    signing_certificate = (
        "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>"
        f'<ds:DigestMethod xmlns:ds="{DS}" Algorithm="{SHA256}"></ds:DigestMethod>'
        f'<ds:DigestValue xmlns:ds="{DS}">{b64encode(sha256(der)).decode()}</ds:DigestValue>'
        "</xades:CertDigest>"
        f"<xades:IssuerSerialV2>{b64encode(issuer_serial).decode()}</xades:IssuerSerialV2>"
        "</xades:Cert></xades:SigningCertificateV2>"
    )
    certificates = (der, *(issuer_of.public_bytes(Encoding.DER) for issuer_of in chain))
    inner = "".join(
        f"<ds:X509Certificate>{b64encode(one).decode()}</ds:X509Certificate>" for one in certificates
    )
    return _CertificateTexts(signing_certificate, f"<ds:X509Data>{inner}</ds:X509Data>".encode())
