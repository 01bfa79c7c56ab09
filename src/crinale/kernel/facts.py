"""What a fact is: a frozen dataclass with a kind, ``subject.verb``, declared by the package that writes it.

::

    @dataclass(frozen=True, kw_only=True)
    class RegistrationAnnulled(Fact):
        kind = "registration.annulled"
        act: str
        reason: str

    audit.write(RegistrationAnnulled(subject_id=registration.id, act=act, reason=reason), actor=actor)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

_KIND = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)+")
_kinds: dict[str, type[Fact]] = {}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened. ``subject_id`` is the row that it is about, when there is one."""

    kind: ClassVar[str]
    subject_id: UUID | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Take note of the kind, which only one class may have."""
        super().__init_subclass__(**options)
        kind = cls.__dict__.get("kind")
        if kind is None:
            return
        if not _KIND.fullmatch(kind):
            raise ValueError(f"{kind!r} is no kind of fact: write subject.verb")
        known = _kinds.setdefault(kind, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"The kind {kind} is already that of {known.__module__}.{known.__qualname__}.")
        _kinds[kind] = cls

    def payload(self) -> dict[str, Any]:
        """Return the fields other than the subject, as JSON values."""
        return {name: plain(getattr(self, name)) for name in _field_names(type(self)) if name != "subject_id"}


def kinds() -> list[str]:
    """Return every kind of fact that some package may write."""
    return sorted(_kinds)


_names: dict[type, tuple[str, ...]] = {}


def _field_names(cls: type) -> tuple[str, ...]:
    names = _names.get(cls)
    if names is None:
        names = _names[cls] = tuple(field.name for field in fields(cls))
    return names


def plain(value: Any) -> Any:
    """Return a value as JSON has it, with one spelling for each.

    :raises TypeError: for floats, which PostgreSQL and Python do not spell alike, and for unknown types.
    """
    if value is None or type(value) in {str, bool, int}:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in _field_names(type(value))}
    return _spelled(value)


_SPELLINGS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (Enum, lambda value: plain(value.value)),
    (datetime, lambda value: value.astimezone(UTC).isoformat(timespec="microseconds")),
    (date, date.isoformat),
    (time, time.isoformat),
    (UUID, str),
    (Decimal, str),
    (bytes, bytes.hex),
    (str, str),
    (int, int),
)


def _spelled(value: Any) -> Any:
    for kind, spell in _SPELLINGS:
        if isinstance(value, kind):
            return spell(value)
    raise TypeError(f"A fact cannot hold a {type(value).__name__}.")
