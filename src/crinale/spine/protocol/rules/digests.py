"""The digests of documents in a segnatura (Allegato 6 AgID, section 2.2, table 1).

SHA-256 goes out, the whole table is understood coming in. The HMAC forms need a key which no rule tells how
to exchange: they are understood, and answered as not verifiable.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from crinale.kernel.digests import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_ENC: Final = "http://www.w3.org/2001/04/xmlenc#"
_HASHES: Final[dict[str, Callable[[], hashlib._Hash]]] = {
    "SHA-224": hashlib.sha224,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}
_URIS: Final = {
    f"{_MORE}sha224": "SHA-224",
    f"{_ENC}sha256": "SHA-256",
    f"{_MORE}sha384": "SHA-384",
    f"{_ENC}sha512": "SHA-512",
    **{f"{_MORE}hmac-sha{bits}": f"HMAC-SHA-{bits}" for bits in (224, 256, 384, 512)},
}
_HMAC: Final = frozenset(name for name in _URIS.values() if name.startswith("HMAC-"))
ALGORITHMS: Final = frozenset(_URIS.values())


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest of a document.

    ``algorithm`` is the short name of table 1, or what the sender wrote if unknown.
    """

    value: bytes
    algorithm: str = "SHA-256"

    @classmethod
    def of_sha256(cls, hexadecimal: str) -> Digest:
        """Make a digest from the hexadecimal SHA-256 of a stored blob."""
        return cls(bytes.fromhex(hexadecimal))

    @property
    def hex(self) -> str:
        """The value in hexadecimal, as blobs are named when the algorithm is SHA-256."""
        return self.value.hex()

    @property
    def verifiable(self) -> bool:
        """Say whether a receiver can compute it from the document alone."""
        return self.algorithm in _HASHES

    def new(self) -> hashlib._Hash:
        """Begin the computation; :class:`KeyError` when it is not verifiable."""
        return _HASHES[self.algorithm]()

    def matches(self, value: bytes) -> bool:
        """Compare with a computed value."""
        return hmac.compare_digest(self.value, value)

    def agrees_with(self, stream: BinaryIO) -> bool:
        """Read a document to its end in pieces and compare; a digest that is not verifiable never agrees."""
        if not self.verifiable:
            return False
        computed = self.new()
        while chunk := stream.read(CHUNK_BYTES):
            computed.update(chunk)
        return self.matches(computed.digest())


def algorithm_name(written: str) -> str:
    """Give the short name of table 1 for a name or URI as senders write them.

    Unknown ones come back as they are.
    """
    stripped = written.strip()
    if stripped in _URIS:
        return _URIS[stripped]
    compact = (
        stripped.upper()
        .replace("_", "-")
        .replace("SHA-", "SHA")
        .replace("SHA", "SHA-")
        .replace("HMAC", "HMAC-")
    )
    compact = compact.replace("--", "-")
    return compact if compact in ALGORITHMS else stripped
