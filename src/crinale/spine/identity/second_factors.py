"""The arithmetic of second factors: codes from the time (RFC 6238), recovery codes, secrets kept encrypted.

NIST SP 800-63B, section 3.1.4: a code is good once, and for the interval before and after the present one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

INTERVAL: Final = 30
DRIFT: Final = 1  # intervals before and after the present one
RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike
_GROUPS, _GROUP = 4, 4


class SecretUnreadable(CrinaleError):
    """The key of this node does not open this secret: the second factor must be set up again."""


def new_secret() -> str:
    """Return a secret for an authenticator application, 160 bits, in base 32."""
    return pyotp.random_base32()


def address(secret: str, *, username: str, node: str) -> str:
    """Return the ``otpauth`` address that an application reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=node)


def step_of(code: str, secret: str, *, at: datetime, after: int) -> int | None:
    """Return the interval whose code this is, around an instant and later than ``after``; nothing if none."""
    given = "".join(code.split())
    maker = pyotp.TOTP(secret)
    now = int(at.timestamp()) // INTERVAL
    for step in range(now - DRIFT, now + DRIFT + 1):
        made = maker.generate_otp(step)
        if hmac.compare_digest(made.encode(), given.encode()) and step > after:
            return step
    return None


def seal(secret: str) -> str:
    """Encrypt a secret with the key of this node."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt a secret.

    :raises SecretUnreadable: when it was sealed with another key.
    """
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable from error


def new_recovery_codes() -> list[str]:
    """Return ten codes of 79 bits each, in groups that can be typed."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(code: str, *, person_id: UUID) -> str:
    """Return what is kept of a recovery code. It is random and long, so a plain digest cannot be guessed."""
    plain = "".join(character for character in code.casefold() if character in _LETTERS)
    return hashlib.sha256(person_id.bytes + plain.encode()).hexdigest()


def _box() -> Fernet:
    key = hashlib.sha256(b"second factors\0" + settings.CRINALE_FACTOR_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
