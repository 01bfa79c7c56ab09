"""A scope names the one body whose rows may be seen; without one there are no rows.

The database engine (``crinale.config.postgresql``) tells PostgreSQL the same before every query, so that
the row-level-security policies and Python never disagree. A scope is opened at one line per entry point:
request middleware, job wrapper, command.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from crinale.kernel.errors import CrinaleError
from crinale.spine.tenancy import scope_state
from crinale.spine.tenancy.scope_state import current

if TYPE_CHECKING:
    from collections.abc import Iterator


class ScopeMissing(CrinaleError):
    """No body's scope is open, so there are no rows to see or to write."""


class WrongScope(CrinaleError):
    """A row of one body cannot be written in the scope of another."""


@contextmanager
def scope(body_id: UUID) -> Iterator[UUID]:
    """Open the scope of a body for the length of a ``with`` block; what was open before returns after it."""
    if not isinstance(body_id, UUID):
        raise ScopeMissing
    token = scope_state.set_(body_id)
    try:
        yield body_id
    finally:
        scope_state.reset(token)


@contextmanager
def no_scope() -> Iterator[None]:
    """Close any scope for the length of a ``with`` block: node-level work that must see no body's rows."""
    token = scope_state.set_(None)
    try:
        yield
    finally:
        scope_state.reset(token)


def current_body() -> UUID:
    """Return the body of the open scope.

    :raises ScopeMissing: when none is open.
    """
    body_id = current()
    if body_id is None:
        raise ScopeMissing
    return body_id
