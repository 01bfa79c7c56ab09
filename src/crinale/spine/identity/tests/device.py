"""A device with passkeys, in software: it answers as a browser does (W3C WebAuthn level 2, section 6)."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

_PRESENT_AND_VERIFIED, _WITH_KEY = 0x05, 0x40


@dataclass
class Device:
    """One passkey for one site; ``count`` is the counter that it shows next."""

    origin: str = "https://protocollo.example"
    host: str = "protocollo.example"
    count: int = 1
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    identifier: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def make(self, options: str) -> str:
        """Answer the question for a new passkey."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        told = bytes(16) + len(self.identifier).to_bytes(2, "big") + self.identifier + cbor2.dumps(cose)
        shown = {"fmt": "none", "attStmt": {}, "authData": self._data(_WITH_KEY) + told}
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(self._client("webauthn.create", options)),
                "attestationObject": bytes_to_base64url(cbor2.dumps(shown)),
            }
        )

    def show(self, options: str) -> str:
        """Answer the question for a passkey that is held."""
        client, data = self._client("webauthn.get", options), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signature),
            }
        )

    def _client(self, kind: str, options: str) -> bytes:
        challenge = json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        flag = (_PRESENT_AND_VERIFIED | flags).to_bytes(1, "big")
        return hashlib.sha256(self.host.encode()).digest() + flag + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, Any]) -> str:
        identifier = bytes_to_base64url(self.identifier)
        return json.dumps({"id": identifier, "rawId": identifier, "type": "public-key", "response": response})
