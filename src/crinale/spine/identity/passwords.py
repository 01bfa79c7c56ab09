"""Hashes of passwords, through Django's hashers (argon2 by the node's settings)."""

from __future__ import annotations

from django.contrib.auth import hashers
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from crinale.kernel.errors import Invalid
from crinale.spine.identity import rules

NOBODYS = "!"


def make(password: str, *, username: str, name: str) -> str:
    """Check a new password against the policy and return its hash.

    :raises Invalid: when it is too short, made of the person's name, or among the most common ones.
    """
    rules.check_password_text(password, username=username, name=name)
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError as error:
        raise Invalid("password", "this password is among the most common ones: choose another") from error
    return hashers.make_password(password)


def matches(password: str, encoded: str | None) -> tuple[bool, bool]:
    """Say whether a password agrees with a hash, and whether the hash should be renewed.

    Without a hash (unknown account) one is computed all the same, so that the answer takes as long.
    """
    if len(password) > rules.LONGEST_PASSWORD:
        password, encoded = "", None
    return hashers.verify_password(password, encoded or NOBODYS)


def renew(password: str) -> str:
    """Hash again with today's parameters a password that was accepted before."""
    return hashers.make_password(password)
