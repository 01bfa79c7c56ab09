"""The S/MIME signature of a provider on envelopes and receipts: whole over its bytes, and of whom.

DM 2 November 2005, RFC 6109: multipart/signed with a detached CMS signature, whose certificate names the
address of the provider (``posta-certificata@domain``), which is also the sender.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from asn1crypto import cms as asn1_cms  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.x509.oid import NameOID

from crinale.kernel import clock
from crinale.spine.exchange.mail_values import EnvelopeSignature
from crinale.spine.records.signatures.certificates import load_der
from crinale.spine.records.signatures.cms import CmsUnreadable, check_signed_data, to_der
from crinale.spine.records.signatures.not_judged import is_about_the_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crinale.connectors.pec.findings import Findings
    from crinale.connectors.pec.parts import Part
    from crinale.spine.records.signatures.certificates import CertificateVerdict

_SIGNATURES: Final = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_PROVIDER: Final = "posta-certificata@"
_MAX_SIGNATURE: Final = 1024 * 1024
_AHEAD: Final = timedelta(days=1)
ABSENT: Final = EnvelopeSignature(
    present=False, intact=False, trusted=False, signer="", reason="there is no signature"
)


class Trust(Protocol):
    """Whom to believe, as a trust store judges."""

    def check(
        self, certificate: x509.Certificate, *, at: datetime, extra: Sequence[x509.Certificate] = ()
    ) -> CertificateVerdict:
        """Judge a certificate at an instant."""


def is_signed(part: Part) -> bool:
    """Say whether an entity is a content with its detached CMS signature."""
    return (
        part.media_type == "multipart/signed"
        and len(part.children) == 2
        and part.children[1].media_type in _SIGNATURES
    )


def judge(
    part: Part, *, trust: Trust, sender: str, at: datetime | None, findings: Findings
) -> EnvelopeSignature:
    """Judge the signature of a whole mail; ``at`` is when it says that it was made."""
    content, signature = part.children
    data = signature.content(findings, limit=_MAX_SIGNATURE)
    try:
        reason = _mathematics(data, content)
        if reason:
            return _verdict(reason)
        signer, others = _certificates(data)
    except CmsUnreadable as damaged:
        return _verdict(str(damaged))
    except Exception as error:
        if not is_about_the_file(error):
            raise
        return _verdict("the signature cannot be read")
    return _believed(signer, others, trust=trust, sender=sender, at=at)


def _believed(
    signer: x509.Certificate,
    others: Sequence[x509.Certificate],
    *,
    trust: Trust,
    sender: str,
    at: datetime | None,
) -> EnvelopeSignature:
    """Say whether an intact signature is of the provider that the mail names as its sender."""
    name = _name(signer)
    now = clock.now()
    instant = at if at is not None and at <= now + _AHEAD else now
    verdict = trust.check(signer, at=instant, extra=others)
    if not verdict.valid:
        return _verdict(f"{verdict.reason}: {verdict.detail}"[:300], intact=True, signer=name)
    addresses = _addresses(signer)
    if not any(one.startswith(_PROVIDER) for one in addresses):
        return _verdict("the certificate is not of a certified mail provider", intact=True, signer=name)
    if sender.lower() not in addresses:
        return _verdict("the sender is not the provider that signed", intact=True, signer=name)
    return EnvelopeSignature(present=True, intact=True, trusted=True, signer=name, reason="")


def _verdict(reason: str, *, intact: bool = False, signer: str = "") -> EnvelopeSignature:
    return EnvelopeSignature(present=True, intact=intact, trusted=False, signer=signer, reason=reason)


def _mathematics(data: bytes, content: Part) -> str:
    """Give what is wrong with the signature, empty when nothing is."""
    reason = ""
    for canonical in (True, False):  # signed with CR LF; some sign what they have
        problems = check_signed_data(data, digest_of=_digest_of(content, canonical=canonical))
        if not problems:
            return ""
        reason = reason or problems[0].detail
    return reason


def _digest_of(content: Part, *, canonical: bool) -> Callable[[str], bytes]:
    known: dict[str, bytes] = {}

    def digest(name: str) -> bytes:
        if name not in known:
            computed = hashlib.new(name, usedforsecurity=False)
            for piece in content.raw(canonical=canonical):
                computed.update(piece)
            known[name] = computed.digest()
        return known[name]

    return digest


def _certificates(data: bytes) -> tuple[x509.Certificate, list[x509.Certificate]]:
    """Give the certificate of the one signer, and the others that came along."""
    signed = asn1_cms.ContentInfo.load(to_der(data))["content"]
    if len(signed["signer_infos"]) != 1:
        raise CmsUnreadable("More than one signed it.")
    sid = signed["signer_infos"][0]["sid"]
    signer, others = None, []
    for choice in signed["certificates"]:
        if choice.name != "certificate":
            continue
        found = choice.chosen
        if sid.name == "issuer_and_serial_number":
            same = (
                found.serial_number == sid.chosen["serial_number"].native
                and found.issuer == sid.chosen["issuer"]
            )
        else:
            same = found.key_identifier == sid.chosen.native
        if same:
            signer = load_der(found.dump())
        else:
            others.append(load_der(found.dump()))
    if signer is None:
        raise CmsUnreadable("The certificate of the signer is missing.")
    return signer, others


def _addresses(certificate: x509.Certificate) -> frozenset[str]:
    """Give the mail addresses that a certificate names, in lower case."""
    found = [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found += names.get_values_for_type(x509.RFC822Name)
    except (x509.ExtensionNotFound, ValueError):
        pass
    return frozenset(one.lower() for one in found)


def _name(certificate: x509.Certificate) -> str:
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else next(iter(sorted(_addresses(certificate))), "")
