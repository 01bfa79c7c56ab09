"""A port: a named place where ``config`` binds the implementation of a Protocol."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class PortNotBound(CrinaleError):
    """Nothing is bound to this port: the node's wiring is incomplete."""


class Port(Generic[T]):
    """A socket for one implementation of ``T``, e.g. ``Port[BlobStore]("records.blob_store")``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._bound: T | None = None

    def bind(self, implementation: T) -> None:
        """Bind an implementation; a later call replaces it."""
        self._bound = implementation

    def get(self) -> T:
        """Return what is bound.

        :raises PortNotBound: when nothing is.
        """
        if self._bound is None:
            raise PortNotBound(f"Nothing is bound to the port {self.name}.")
        return self._bound

    @property
    def is_bound(self) -> bool:
        """Whether something is bound."""
        return self._bound is not None

    @contextmanager
    def replaced(self, implementation: T) -> Iterator[None]:
        """Bind ``implementation`` for the length of a ``with`` block, then put back what was there."""
        before, self._bound = self._bound, implementation
        try:
            yield
        finally:
            self._bound = before
