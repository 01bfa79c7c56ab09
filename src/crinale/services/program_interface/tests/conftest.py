"""Towns with programs that call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.services.program_interface.tests.callers import Caller, make_caller
from crinale.spine.exchange.tests.conftest import committed_pair, pair
from crinale.spine.protocol.tests.conftest import ports

if TYPE_CHECKING:
    from crinale.spine.exchange.tests.pair import Pair

__all__ = ["committed_pair", "pair", "ports"]


@pytest.fixture
def caller(pair: Pair) -> Caller:
    """A program that may do everything in the first town."""
    return make_caller(pair.massa)
