"""A provider on the loopback for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crinale.connectors.oidc.tests.provider import FakeProvider

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def provider(socket_enabled: None) -> Iterator[FakeProvider]:
    made = FakeProvider()
    yield made
    made.stop()
