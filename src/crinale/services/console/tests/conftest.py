"""Two towns with administrators at their desks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.services.console.queries import health
from crinale.services.console.tests.halls import Halls
from crinale.services.protocol_office.tests.desks import Desks
from crinale.spine.exchange.tests.conftest import committed_pair, pair

if TYPE_CHECKING:
    from crinale.spine.exchange.tests.pair import Pair

__all__ = ["committed_pair", "pair"]


@pytest.fixture
def halls(pair: Pair) -> Halls:
    """Administrators, inside the test's transaction."""
    health.forget()
    return Halls(Desks(pair))
