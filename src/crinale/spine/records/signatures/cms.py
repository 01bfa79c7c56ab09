"""Whether CMS signatures and time stamps are whole: .p7m, .p7s, .tsr, .tst, .tsd.

RFC 5652, 3161, 5544; ETSI EN 319 122. Only mathematics: digests of the content, signature values, imprints.
Whom to believe is another question.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from asn1crypto import cms, tsp  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_public_key

from crinale.kernel.errors import CrinaleError
from crinale.spine.records.signatures.ber import BerDamaged, definite
from crinale.spine.records.signatures.not_judged import is_about_the_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from asn1crypto import x509 as asn1_x509

# Read whole: five times this much memory is needed for a moment.
MAX_CMS_BYTES: Final = 24 * 1024 * 1024
NOT_JUDGED: Final = "not_judged"
_MAX_SIGNERS: Final = 32
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    # SHA-1 stands for signatures of before 2011, whose trust is judged with their time stamps.
    "sha1": hashes.SHA1(),  # noqa: S303
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_PEM: Final = re.compile(rb"-----BEGIN [A-Z0-9 ]+-----(.*?)-----END", re.DOTALL)


class CmsUnreadable(CrinaleError):
    """The signed file is damaged: its structure cannot be read."""


@dataclass(frozen=True, slots=True)
class CmsProblem:
    """What is wrong with one signature or one time stamp, or cannot be judged."""

    about: str  # "signature", "timestamp" or NOT_JUDGED
    detail: str


def to_der(data: bytes) -> bytes:
    """Give the binary form of a CMS file that may be PEM or base64 text, with known lengths."""
    try:
        if data[:1] != b"\x30":
            pem = _PEM.search(data)
            data = b64decode(b"".join((pem[1] if pem else data).split()), validate=True)
        return definite(data)
    except (binascii.Error, ValueError, BerDamaged):
        raise CmsUnreadable from None


def signed_content(data: bytes) -> bytes | None:
    """Give the content that a .p7m carries, None when the signature is detached."""
    return _content_of(_signed_data(to_der(data)))


def check_signed_data(data: bytes, *, digest_of: Callable[[str], bytes] | None = None) -> list[CmsProblem]:
    """Check every signature of a CMS file, and the time stamps on them.

    ``digest_of`` computes the digest (by name, such as ``sha256``) of the content of a detached signature.

    :raises CmsUnreadable: when the structure is damaged, or the content of a detached signature is missing.
    """
    try:
        signed = _signed_data(to_der(data))
        content = _content_of(signed)
        if content is not None:
            digest_of = _digest_of(content)
        if digest_of is None:
            raise CmsUnreadable("The signature is detached: the signed file is missing.")  # noqa: TRY301
        signers = list(signed["signer_infos"])[:_MAX_SIGNERS]
        if not signers:
            return [CmsProblem("signature", "nobody signed it")]
        return [problem for signer in signers for problem in _check_signer(signed, signer, digest_of)]
    except CrinaleError:
        raise
    except Exception as error:
        if not is_about_the_file(error):
            raise
        raise CmsUnreadable(f"The signed file is damaged: {str(error)[:200]}") from None


def check_time_stamp(data: bytes, *, digest_of: Callable[[str], bytes] | None = None) -> list[CmsProblem]:
    """Check a .tst, .tsr or .tsd: the imprint against what was stamped, and the stamp's own signature.

    ``digest_of`` computes the digest of the stamped file; a .tsd carries it and needs none.

    :raises CmsUnreadable: when the structure is damaged, or what was stamped is missing.
    """
    try:
        der = to_der(data)
        info = cms.ContentInfo.load(der)
        if _has_type(info, "timestamped_data"):
            return _check_time_stamped_data(info)
        token = info if _has_type(info, "signed_data") else _token_of_reply(der)
        return _check_token(token, digest_of)
    except CrinaleError:
        raise
    except Exception as error:
        if not is_about_the_file(error):
            raise
        raise CmsUnreadable(f"The time stamp is damaged: {str(error)[:200]}") from None


def _has_type(info: cms.ContentInfo, name: str) -> bool:
    try:
        return bool(info["content_type"].native == name)
    except (ValueError, TypeError):
        return False


def _token_of_reply(der: bytes) -> cms.ContentInfo:
    reply = tsp.TimeStampResp.load(der)
    status = reply["status"]["status"].native
    if status not in {"granted", "granted_with_mods"}:
        raise CmsUnreadable(f"The time stamp was not granted ({status}).")
    return reply["time_stamp_token"]


def _check_time_stamped_data(info: cms.ContentInfo) -> list[CmsProblem]:
    stamped = info["content"]
    content = stamped["content"].native
    if content is None:
        raise CmsUnreadable("The time-stamped file is not inside.")
    evidence = stamped["temporal_evidence"]
    if evidence.name != "tst_evidence" or not len(evidence.chosen):
        raise CmsUnreadable("The time stamp is of a kind that is not supported.")
    # The first token stamps the content, each further one the token before it (RFC 5544 section 2.1).
    tokens = [entry["time_stamp"].dump() for entry in list(evidence.chosen)[:_MAX_SIGNERS]]
    problems: list[CmsProblem] = []
    for stamped_bytes, token in zip((bytes(content), *tokens), tokens, strict=False):
        problems += _check_token(cms.ContentInfo.load(token), _digest_of(stamped_bytes))
    return problems


def _check_token(token: cms.ContentInfo, digest_of: Callable[[str], bytes] | None) -> list[CmsProblem]:
    signed = token["content"]
    content = signed["encap_content_info"]["content"]
    if signed["encap_content_info"]["content_type"].native != "tst_info":
        raise CmsUnreadable("It is not a time stamp.")
    inner = bytes(content)
    imprint = tsp.TSTInfo.load(inner)["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    if digest_of is None:
        raise CmsUnreadable("The stamped file is missing.")
    problems = []
    if algorithm not in _HASHES or digest_of(algorithm) != imprint["hashed_message"].native:
        problems.append(CmsProblem("timestamp", "the time stamp is not that of this file"))
    own_digest = _digest_of(inner)
    for signer in list(signed["signer_infos"])[:_MAX_SIGNERS]:
        found = _check_signer(signed, signer, own_digest)
        problems += [one if one.about == NOT_JUDGED else replace(one, about="timestamp") for one in found]
    return problems


def _signed_data(der: bytes) -> cms.SignedData:
    try:
        info = cms.ContentInfo.load(der)
        if info["content_type"].native != "signed_data":
            raise CmsUnreadable("It is not a signed file.")  # noqa: TRY301
        return info["content"]
    except CrinaleError:
        raise
    except Exception as error:
        if not is_about_the_file(error):
            raise
        raise CmsUnreadable(f"The signed file is damaged: {str(error)[:200]}") from None


def _content_of(signed: cms.SignedData) -> bytes | None:
    content = signed["encap_content_info"]["content"]
    if content is None or content.native is None:
        return None
    return bytes(content)


def _digest_of(content: bytes) -> Callable[[str], bytes]:
    return lambda name: hashlib.new(name, content, usedforsecurity=False).digest()


def _check_signer(
    signed: cms.SignedData, signer: cms.SignerInfo, digest_of: Callable[[str], bytes]
) -> Iterator[CmsProblem]:
    digest_name = signer["digest_algorithm"]["algorithm"].native
    if digest_name not in _HASHES:
        yield CmsProblem("signature", f"digest algorithm {digest_name} is not supported")
        return
    certificate = _certificate_of(signed, signer)
    if certificate is None:
        yield CmsProblem("signature", "the certificate of the signer is missing")
        return
    attributes = signer["signed_attrs"]
    digest = digest_of(digest_name)
    if attributes.native:
        named = _attribute(attributes, "message_digest")
        if named is None or named.native != digest:
            yield CmsProblem("signature", "the content was changed after it was signed")
        kind = _attribute(attributes, "content_type")
        if kind is None or kind.native != signed["encap_content_info"]["content_type"].native:
            yield CmsProblem("signature", "the signature is about another type of content")
    try:
        if not _value_agrees(certificate, signer, digest_name, digest):
            yield CmsProblem("signature", "the value of the signature is wrong")
    except UnsupportedAlgorithm:
        yield CmsProblem(NOT_JUDGED, "the kind of key is not supported")
    yield from _check_stamp_on(signer)


def _check_stamp_on(signer: cms.SignerInfo) -> Iterator[CmsProblem]:
    """Check the time stamps that a CAdES-T signature carries: they stamp the signature value."""
    if not signer["unsigned_attrs"].native:
        return
    for attribute in signer["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            for token in attribute["values"]:
                yield from _check_token(token, _digest_of(signer["signature"].native))


def _attribute(attributes: cms.CMSAttributes, name: str) -> cms.CMSAttribute | None:
    found = [one for one in attributes if one["type"].native == name]
    return found[0]["values"][0] if len(found) == 1 and len(found[0]["values"]) == 1 else None


def _certificate_of(signed: cms.SignedData, signer: cms.SignerInfo) -> asn1_x509.Certificate | None:
    sid = signer["sid"]
    for choice in signed["certificates"]:
        if choice.name != "certificate":
            continue
        certificate = choice.chosen
        if sid.name == "issuer_and_serial_number":
            same = certificate.serial_number == sid.chosen["serial_number"].native
            if same and certificate.issuer == sid.chosen["issuer"]:
                return certificate
        elif certificate.key_identifier == sid.chosen.native:
            return certificate
    return None


def _value_agrees(
    certificate: asn1_x509.Certificate, signer: cms.SignerInfo, digest_name: str, digest: bytes
) -> bool:
    key = load_der_public_key(certificate.public_key.dump())
    value = signer["signature"].native
    chosen = _HASHES[digest_name]
    method = signer["signature_algorithm"]
    if signer["signed_attrs"].native:
        # Signed as SET OF, carried with an implicit tag (RFC 5652 section 5.4).
        signed_digest = _hash(chosen, b"\x31" + signer["signed_attrs"].dump()[1:])
    else:
        signed_digest = digest
    prehashed = Prehashed(chosen)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            scheme = _rsa_padding(method, chosen)
            key.verify(value, signed_digest, scheme, prehashed)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, signed_digest, ec.ECDSA(prehashed))
        else:
            raise UnsupportedAlgorithm("neither RSA nor ECDSA")
    except InvalidSignature:
        return False
    return True


def _hash(chosen: hashes.HashAlgorithm, data: bytes) -> bytes:
    computed = hashes.Hash(chosen)
    computed.update(data)
    return computed.finalize()


def _rsa_padding(
    method: cms.SignedDigestAlgorithm, chosen: hashes.HashAlgorithm
) -> padding.AsymmetricPadding:
    if method["algorithm"].native != "rsassa_pss":
        return padding.PKCS1v15()
    salt = method["parameters"]["salt_length"].native
    return padding.PSS(mgf=padding.MGF1(chosen), salt_length=salt)
