"""An object that is made when something of it is first asked for."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class _OnFirstUse:
    """Stands for what `make` returns; made once in each process, so a fork does not share its connections."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._made: tuple[int, object] | None = None
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        made = self._made
        if made is None or made[0] != os.getpid():
            with self._lock:
                made = self._made
                if made is None or made[0] != os.getpid():
                    made = self._made = os.getpid(), self._make()
        return getattr(made[1], name)


def on_first_use(make: Callable[[], T]) -> T:
    """What `make` will return, to whoever expects it."""
    return cast("T", _OnFirstUse(make))
