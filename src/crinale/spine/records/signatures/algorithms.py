"""The algorithms that a signature may name: a short list, so that no message chooses a weak one.

No SHA-1, no HMAC, no XSLT, no XPath (ETSI TS 119 312; AgID security guidelines; W3C XML Signature Best
Practices).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from crinale.spine.records.signatures.keys import MINIMUM_RSA_BITS, SigningAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED: Final = f"{DS}enveloped-signature"
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_PSS: Final = "http://www.w3.org/2007/05/xmldsig-more#"

# True: exclusive. Versions 1.0 and 1.1 of the inclusive form differ only in attributes that no message here
# has.
CANONICALIZATIONS: Final[dict[str, bool]] = {
    EXC_C14N: True,
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/2006/12/xml-c14n11": False,
}
DIGESTS: Final[dict[str, Callable[[bytes], hashlib._Hash]]] = {
    SHA256: hashlib.sha256,
    f"{_MORE}sha384": hashlib.sha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashlib.sha512,
}
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_RSA: Final = {f"{_MORE}rsa-{name}": value for name, value in _HASHES.items()}
_RSA_PSS: Final = {f"{_PSS}{name}-rsa-MGF1": value for name, value in _HASHES.items()}
_ECDSA: Final = {f"{_MORE}ecdsa-{name}": value for name, value in _HASHES.items()}
SIGNATURE_METHODS: Final = frozenset({*_RSA, *_RSA_PSS, *_ECDSA})
SIGNATURE_METHOD_OF: Final[dict[SigningAlgorithm, str]] = {
    SigningAlgorithm.RSA_SHA256: f"{_MORE}rsa-sha256",
    SigningAlgorithm.ECDSA_SHA256: f"{_MORE}ecdsa-sha256",
}


def check_value(key: PublicKeyTypes, method: str, value: bytes, data: bytes) -> bool:
    """Say whether a signature value is right.

    A key of another kind than the method's, or a weak one, never is.
    """
    try:
        if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MINIMUM_RSA_BITS:
            return _check_rsa(key, method, value, data)
        if isinstance(key, ec.EllipticCurvePublicKey) and method in _ECDSA:
            width = (key.key_size + 7) // 8
            if len(value) != 2 * width:
                return False
            r, s = (
                int.from_bytes(value[:width], "big"),
                int.from_bytes(value[width:], "big"),
            )
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(_ECDSA[method]))
            return True
    except InvalidSignature:
        return False
    return False


def _check_rsa(key: rsa.RSAPublicKey, method: str, value: bytes, data: bytes) -> bool:
    if method in _RSA:
        key.verify(value, data, padding.PKCS1v15(), _RSA[method])
        return True
    if method in _RSA_PSS:
        chosen = _RSA_PSS[method]
        key.verify(
            value,
            data,
            padding.PSS(mgf=padding.MGF1(chosen), salt_length=chosen.digest_size),
            chosen,
        )
        return True
    return False
