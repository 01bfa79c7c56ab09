"""The body whose data the running code may see, as plain Python state.

It stands apart from the rest of tenancy, without Django, because the database backend reads it before every
query. Code opens a scope with `tenancy.scope`; nothing else writes here.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

_scope: ContextVar[UUID | None] = ContextVar("crinale_scope", default=None)


def current() -> UUID | None:
    """The body of the open scope, None outside any."""
    return _scope.get()


def set_(body_id: UUID | None) -> Token[UUID | None]:
    """Open a scope; the token goes back to `reset`."""
    return _scope.set(body_id)


def reset(token: Token[UUID | None]) -> None:
    """Return to the scope that was open before."""
    _scope.reset(token)
