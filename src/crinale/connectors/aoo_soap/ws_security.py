"""Signing messages by WS-Security 1.1: the ModI patterns INTEGRITY_SOAP_01 and ID_AUTH_SOAP_02.

Allegato 6 (appendix B) asks that both sides sign what they exchange, for non-repudiation. Our messages
carry the certificate (BinarySecurityToken), a Timestamp of five minutes, and one signature over Timestamp,
Body and the WS-Addressing headers To, Action, MessageID, RelatesTo. An answer also carries, signed, the
value of the request's signature (``wsse11:SignatureConfirmation``): who answered has seen that very
request.

What is signed is written as exclusive canonical XML to begin with, so that its digest needs no parsing.
"""

from __future__ import annotations

import hashlib
import uuid
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import Encoding

from crinale.connectors.aoo_soap import names
from crinale.connectors.aoo_soap.outgoing import Envelope, update
from crinale.spine.records.signatures.canonical import text
from crinale.spine.records.signatures.keys import algorithm_of
from crinale.spine.records.signatures.xmldsig import (
    ReferenceDigest,
    sha256,
    signature_text,
    signature_value,
    signed_info,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.connectors.aoo_soap.outgoing import Piece
    from crinale.spine.records.signatures.keys import SealKey

LIFE: Final = timedelta(minutes=5)
ANONYMOUS: Final = "http://www.w3.org/2005/08/addressing/anonymous"
_TOKEN_ID: Final = "ws-token"  # noqa: S105 - the Id of an element
_XMLNS_WSU: Final = f'xmlns:wsu="{names.WSU}"'
_OPEN: Final = (
    f'<soap:Envelope xmlns:soap="{names.SOAP}"><soap:Header>'
    f'<wsse:Security xmlns:wsse="{names.WSSE}" {_XMLNS_WSU} soap:mustUnderstand="1">'
).encode()
_BODY_OPEN: Final = f'<soap:Body xmlns:soap="{names.SOAP}" {_XMLNS_WSU} wsu:Id="ws-body">'.encode()
_BODY_CLOSE: Final = b"</soap:Body>"
_CLOSE: Final = b"</soap:Envelope>"
_KEY_INFO: Final = (
    f'<wsse:SecurityTokenReference xmlns:wsse="{names.WSSE}"><wsse:Reference URI="#{_TOKEN_ID}"'
    f' ValueType="{names.X509V3}"></wsse:Reference></wsse:SecurityTokenReference>'
).encode()


@dataclass(frozen=True, slots=True)
class Addressing:
    """What the WS-Addressing headers say; ``sent_from`` only in requests, the last two only in answers."""

    to: str
    action: str
    message_id: str
    sent_from: str | None = None
    relates_to: str | None = None
    confirms: bytes | None = None


def new_message_id() -> str:
    """Return a fresh identity for one message on the wire."""
    return f"urn:uuid:{uuid.uuid4()}"


class Signer:
    """Signs messages with one key; its certificate is encoded once."""

    def __init__(self, key: SealKey) -> None:
        self._key = key
        self._algorithm = algorithm_of(key.certificate)
        self.certificate: Final = key.certificate.public_bytes(Encoding.DER)
        self._token = (
            f'<wsse:BinarySecurityToken EncodingType="{names.BASE64}" ValueType="{names.X509V3}"'
            f' wsu:Id="{_TOKEN_ID}">{b64encode(self.certificate).decode()}</wsse:BinarySecurityToken>'
        ).encode()

    def sign(self, body: Sequence[Piece], *, addressing: Addressing, instant: datetime) -> Envelope:
        """Make the signed envelope around the canonical content of a body."""
        whole: list[Piece] = [_BODY_OPEN, *body, _BODY_CLOSE]
        digest = hashlib.sha256()
        update(digest, whole)
        timestamp = _timestamp(instant)
        headers = _headers(addressing)
        in_security = {"ws-timestamp": timestamp}
        if addressing.confirms is not None:
            in_security["ws-confirmation"] = _confirmation(addressing.confirms)
        signed = {**in_security, **headers}
        references = [ReferenceDigest(f"#{name}", sha256(data)) for name, data in signed.items()]
        references.append(ReferenceDigest("#ws-body", digest.digest()))
        info = signed_info(references, algorithm=self._algorithm)
        value = signature_value(info, key=self._key)
        head = b"".join(
            (
                _OPEN,
                self._token,
                *in_security.values(),
                signature_text(info=info, value=value, key_info=_KEY_INFO),
                b"</wsse:Security>",
                *headers.values(),
                b"</soap:Header>",
            )
        )
        return Envelope((head, *whole, _CLOSE), addressing.message_id, value)


def _timestamp(instant: datetime) -> bytes:
    return (
        f'<wsu:Timestamp {_XMLNS_WSU} wsu:Id="ws-timestamp"><wsu:Created>{_instant(instant)}</wsu:Created>'
        f"<wsu:Expires>{_instant(instant + LIFE)}</wsu:Expires></wsu:Timestamp>"
    ).encode()


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _confirmation(value: bytes) -> bytes:
    return (
        f'<wsse11:SignatureConfirmation xmlns:wsse11="{names.WSSE11}" {_XMLNS_WSU}'
        f' Value="{b64encode(value).decode()}" wsu:Id="ws-confirmation"></wsse11:SignatureConfirmation>'
    ).encode()


def _headers(addressing: Addressing) -> dict[str, bytes]:
    contents = {
        "To": text(addressing.to),
        "Action": text(addressing.action),
        "MessageID": text(addressing.message_id),
    }
    if addressing.relates_to is not None:
        contents["RelatesTo"] = text(addressing.relates_to)
    if addressing.sent_from is not None:
        contents["From"] = f"<wsa:Address>{text(addressing.sent_from)}</wsa:Address>"
    return {
        f"ws-{name}": (
            f'<wsa:{name} xmlns:wsa="{names.WSA}" {_XMLNS_WSU} wsu:Id="ws-{name}">{content}</wsa:{name}>'
        ).encode()
        for name, content in contents.items()
    }


def decode_token(value: str) -> bytes:
    """Bytes of a base64 token with any white space in it; raises ``ValueError``."""
    return b64decode("".join(value.split()), validate=True)
