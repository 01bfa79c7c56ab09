"""What the console asks of the node that it runs on: how it fares, by the doctor, and how it is set."""

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


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting of the node: its key, its value, where that is from; of a secret only whether it is there.

    ``meaning``, and ``remedy`` where editing node.toml is not the way, are sentences of the catalogues.
    """

    key: str
    meaning: str
    value: str
    source: Literal["file", "default", "environment", "secrets"]
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class SettingGroup:
    """Settings that belong together; the title is a source sentence of the catalogues."""

    title: str
    settings: tuple[Setting, ...]


class NodeSettings(Protocol):
    """The settings of a node."""

    def groups(self, *, body_ipa: str) -> list[SettingGroup]:
        """Return them; of single sign-on only what is of that body."""


checkup: Port[Checkup] = Port("console.checkup")
node_settings: Port[NodeSettings] = Port("console.node_settings")
