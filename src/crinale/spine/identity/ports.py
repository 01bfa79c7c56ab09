"""What identity asks of others: that facts be written down, and that a body's own sign-in be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from crinale.kernel.errors import CrinaleError
from crinale.kernel.ports import Port

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crinale.kernel.facts import Fact
    from crinale.spine.identity.actor import Actor


class Chronicle(Protocol):
    """Where facts are written. The audit, which stands above this package, binds itself."""

    def write(self, fact: Fact, *, actor: Actor) -> None:
        """Write a fact of the body of the open scope, in the transaction of the change that it tells."""


class ProviderUnavailable(CrinaleError):
    """The sign-in of your body does not answer: try again in a moment, or use your password."""


class ProviderRefused(CrinaleError):
    """The sign-in of your body did not confirm who you are: start again from the sign-in page."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The OpenID provider of a body, known by the body's IPA code; ``matches`` is the field of the person."""

    code: str
    name: str
    matches: str


@dataclass(frozen=True, kw_only=True)
class Departure:
    """Where the browser goes, and what must come back with it; kept in the session meanwhile."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """Whom a provider confirmed: the value of the claim that names the person, and how it was sure."""

    value: str
    strong: bool
    claims: Mapping[str, object] = field(default_factory=dict)


class SingleSignOn(Protocol):
    """The OpenID providers of the bodies of this node."""

    def providers(self) -> list[Provider]:
        """Return them, by name."""

    def depart(self, code: str, *, redirect_uri: str) -> Departure:
        """Begin; raises :class:`ProviderUnavailable`, or ``NotVisible`` for a provider that is none."""

    def arrive(self, code: str, departure: Departure, *, answer: str, redirect_uri: str) -> Confirmed:
        """Exchange the code that came back; raises :class:`ProviderRefused`, :class:`ProviderUnavailable`."""


chronicle: Port[Chronicle] = Port("identity.chronicle")
single_sign_on: Port[SingleSignOn] = Port("identity.single_sign_on")
