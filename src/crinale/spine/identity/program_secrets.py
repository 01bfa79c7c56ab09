"""Secrets that the node must be able to read again, such as those it signs events with: kept encrypted."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from crinale.kernel.errors import CrinaleError


class SecretSealedElsewhere(CrinaleError):
    """The key of this node does not open this secret: it was sealed on another node, or the key was lost."""


def seal(secret: str) -> str:
    """Encrypt a secret with the key of this node."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt a secret.

    :raises SecretSealedElsewhere: when it was sealed with another key.
    """
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretSealedElsewhere from error


def _box() -> Fernet:
    key = hashlib.sha256(b"secrets of programs\0" + settings.CRINALE_FACTOR_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
