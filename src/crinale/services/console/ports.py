"""What the console asks of the node that it runs on: how it fares, from the checks of the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from crinale.kernel.ports import Port

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was looked at, what was seen and what to do about it, in English; see ``rules.in_words``."""

    level: Literal["good", "warning", "bad"]
    subject: str
    seen: str
    remedy: str = ""


class Checkup(Protocol):
    """The checks of a node."""

    def findings(self, *, body_id: UUID) -> list[Finding]:
        """Run every check; what is of other bodies than this one is left out."""

    def vital(self) -> list[Finding]:
        """Run the few quick ones without which nothing can be registered."""


checkup: Port[Checkup] = Port("console.checkup")
