"""Hashes of passwords: argon2id with the parameters that OWASP recommends where many may sign in at once.

The hasher is named here and not in the settings: there is one, and a node cannot be configured into a weaker
one.
"""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from crinale.kernel.errors import Invalid
from crinale.spine.identity import rules


class StaffHasher(Argon2PasswordHasher):
    """Argon2id, 19 MiB and two passes (OWASP Password Storage Cheat Sheet; RFC 9106)."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


_hasher = StaffHasher()


def make(password: str, *, username: str, name: str) -> str:
    """Check a new password against the policy and return its hash.

    :raises Invalid: when it is too short, made of the person's name, or among the most common ones.
    """
    rules.check_password_text(password, username=username, name=name)
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError as error:
        raise Invalid("password", "this password is among the most common ones: choose another") from error
    return renew(password)


def matches(password: str, encoded: str | None) -> bool:
    """Say whether a password agrees with a hash.

    Without a hash (unknown or closed account) one is computed all the same, so that the answer takes as long.
    """
    if encoded is None or len(password) > rules.LONGEST_PASSWORD:
        renew(password[: rules.LONGEST_PASSWORD])
        return False
    return bool(_hasher.verify(password, encoded))


def is_outdated(encoded: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return bool(_hasher.must_update(encoded))


def renew(password: str) -> str:
    """Return the hash of a password that was accepted before."""
    return str(_hasher.encode(password, _hasher.salt()))
