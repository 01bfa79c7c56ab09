"""Towns with programs that call them."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from crinale.connectors.web_calls import WebCalls
from crinale.services.program_interface.ports import web_caller
from crinale.services.program_interface.tests.callers import Caller, make_caller
from crinale.spine.exchange.tests.conftest import committed_pair, pair
from crinale.spine.protocol.tests.conftest import ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.spine.exchange.tests.pair import Pair

__all__ = ["committed_pair", "pair", "ports"]


@pytest.fixture
def caller(pair: Pair, calls: None) -> Caller:
    """A program that may do everything in the first town."""
    return make_caller(pair.massa)


@pytest.fixture
def calls() -> Iterator[None]:
    """Events may be delivered to this machine."""
    with web_caller.replaced(WebCalls(tls=ssl.create_default_context, private=True)):
        yield
