"""The errors that a user may see. The docstring of an exception is its message."""

from __future__ import annotations

import inspect


class CrinaleError(Exception):
    """The operation could not be completed."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)) or type(self).__name__)


class Invalid(CrinaleError):
    """A value cannot be accepted: it names the field and what to do about it."""

    def __init__(self, field: str, remedy: str) -> None:
        super().__init__(f"{field}: {remedy}")
        self.field = field
        self.remedy = remedy


class NotVisible(CrinaleError):
    """Not found, or not yours to see: the answer is the same."""


class Conflict(CrinaleError):
    """The thing changed in the meantime, or the same key was used for something else."""
