"""How many requests somebody may make in a minute, told in every answer (ModI RAC_REST_NAME_012 and 013).

A program is counted by itself. Whoever shows no valid token, or asks for one, is counted by the address it
calls from: guessing secrets is slow, and costs this side one cheap statement for each attempt.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseFailure

from crinale.services.program_interface import actions, rules
from crinale.services.program_interface.http.problems import Refused

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from crinale.spine.identity.programs import Bearer

_NOWHERE: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Rate:
    """The requests of a caller in this minute: how many it may make, made, and the seconds that remain."""

    limit: int
    used: int
    seconds: int

    def check(self) -> None:
        """Let it pass.

        :raises Refused: when there were too many.
        """
        if self.used > self.limit:
            raise Refused(429, headers={"Retry-After": str(self.seconds)})

    def tell(self, response: HttpResponseBase) -> None:
        """Tell it in an answer."""
        response.headers["X-RateLimit-Limit"] = str(self.limit)
        response.headers["X-RateLimit-Remaining"] = str(max(0, self.limit - self.used))
        response.headers["X-RateLimit-Reset"] = str(self.seconds)


def of_program(bearer: Bearer) -> Rate:
    """Count a request of a program."""
    return _counted(bearer.program_id, bearer.requests_per_minute)


def of_address(request: HttpRequest) -> Rate:
    """Count a request of somebody who is not known, by the address."""
    return _counted(caller_at(address_of(request)), settings.CRINALE_REQUESTS_PER_ADDRESS)


def address_of(request: HttpRequest) -> str:
    """Return the network that a request comes from.

    Behind a reverse proxy it stands in the header that the node's settings name, written by that proxy (the
    last one, where several add to it); in any other header anybody may write what he likes.
    """
    direct = rules.network_of(request.META.get("REMOTE_ADDR", "")) or _NOWHERE
    if not settings.CRINALE_ADDRESS_HEADER:
        return direct
    told = request.headers.get(settings.CRINALE_ADDRESS_HEADER, "").rpartition(",")[2]
    return rules.network_of(told.strip()) or direct


def caller_at(network: str) -> UUID:
    """Return by what a network is counted: the same in every process, never to be read back."""
    digest = hmac.new(str(settings.SECRET_KEY).encode(), network.encode(), hashlib.sha256).digest()
    return UUID(bytes=digest[:16])


def _counted(caller: UUID, limit: int) -> Rate:
    try:
        used, seconds = actions.count_request(caller=caller)
    except DatabaseFailure:
        raise Refused(503, headers={"Retry-After": "30"}) from None
    return Rate(limit, used, seconds)
