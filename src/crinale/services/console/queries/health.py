"""How the node fares: the checks of the doctor, run once a minute at most, however many look."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from crinale.kernel import clock
from crinale.kernel.errors import CrinaleError
from crinale.services.console.ports import checkup
from crinale.spine.identity.permissions import require

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from crinale.services.console.ports import Finding
    from crinale.spine.identity import Actor

KEPT_SECONDS: Final = 60.0
_WORST_FIRST: Final = ("bad", "warning", "good")


class NodeFails(CrinaleError):
    """A check without which nothing can be registered says that the node does not work."""


@dataclass(frozen=True)
class Health:
    """What was found, and when somebody looked."""

    findings: tuple[Finding, ...]
    looked_at: datetime

    def of(self, level: str) -> list[Finding]:
        """Return the findings of a level."""
        return [one for one in self.findings if one.level == level]


_kept: dict[UUID | None, tuple[float, Health]] = {}
_looking = Lock()


def health(*, actor: Actor, body_id: UUID, anew: bool = False) -> Health:
    """Return how the node fares, the worst first; as it was within the last minute unless asked anew.

    :raises Forbidden: when the actor does not manage the areas of that body.
    """
    require(actor, "admin.areas", body_id=body_id)
    return _remembered(body_id, lambda: checkup.get().findings(body_id=body_id), anew=anew)


def node_works() -> None:
    """Raise when nothing can be registered on this node; for its health as monitoring asks for it."""
    if checkup.is_bound and _remembered(None, lambda: checkup.get().vital()).of("bad"):
        raise NodeFails


def forget() -> None:
    """Look anew at the next question."""
    _kept.clear()


def _remembered(key: UUID | None, look: Callable[[], list[Finding]], *, anew: bool = False) -> Health:
    with _looking:
        until, known = _kept.get(key, (0.0, None))
        if known is not None and not anew and until > time.monotonic():
            return known
        found = sorted(look(), key=lambda one: _WORST_FIRST.index(one.level))
        made = Health(tuple(found), clock.now())
        _kept[key] = time.monotonic() + KEPT_SECONDS, made
        return made
