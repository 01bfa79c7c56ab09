"""By what an event leaves the node for the address of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from crinale.kernel.ports import Port

if TYPE_CHECKING:
    from collections.abc import Mapping


class Outcome(Protocol):
    """What came of a call: the status of the answer (0 without one) and what failed ("" if nothing).

    A failure is one of address (none that may be called), connection, status, timeout, tls.
    """

    @property
    def status(self) -> int:
        """The status of the answer."""

    @property
    def failure(self) -> str:
        """What failed."""


class WebCaller(Protocol):
    """Calls addresses that somebody outside chose, without following them anywhere else."""

    def refusal(self, url: str) -> str:
        """Return what must be changed in an address that cannot be called; "" when nothing must."""

    def post(self, url: str, *, headers: Mapping[str, str], content: bytes) -> Outcome:
        """Deliver content; what is answered beyond the status is not read."""


web_caller: Port[WebCaller] = Port("program_interface.web_caller")
