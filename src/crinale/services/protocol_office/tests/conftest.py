"""Two towns with clerks at their desks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.services.protocol_office.tests.desks import Desks
from crinale.spine.exchange.tests.conftest import committed_pair, pair

if TYPE_CHECKING:
    from crinale.spine.exchange.tests.pair import Pair

__all__ = ["committed_pair", "pair"]


@pytest.fixture
def desks(pair: Pair) -> Desks:
    """Clerks, inside the test's transaction."""
    return Desks(pair)
