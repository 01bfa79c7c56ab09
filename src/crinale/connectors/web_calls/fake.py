"""Calls that stay in memory, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crinale.connectors.web_calls import addresses
from crinale.connectors.web_calls.caller import Called

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class KeptCalls:
    """Keeps what is delivered; answers what ``answers`` says of an address, and nobody answers elsewhere."""

    answers: dict[str, int] = field(default_factory=dict)
    private: bool = False
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def refusal(self, url: str) -> str:
        """Return what must be changed in an address that cannot be called; "" when nothing must."""
        return addresses.refusal(url, private=self.private)

    def post(self, url: str, *, headers: Mapping[str, str], content: bytes) -> Called:
        """Keep what is delivered."""
        if self.refusal(url):
            return Called(0, "address")
        if url not in self.answers:
            return Called(0, "connection")
        self.heard.append((url, {name.lower(): value for name, value in headers.items()}, content))
        status = self.answers[url]
        return Called(status, "" if 200 <= status < 300 else "status")
