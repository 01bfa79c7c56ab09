"""A fact, an actor, a body, and Django as the owner of the database, who verifies."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from crinale.spine import audit
from crinale.spine.audit import actions
from crinale.spine.identity import Actor
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from uuid import UUID

    from crinale.config.testing.databases import TestDatabase


@dataclass(frozen=True, kw_only=True)
class KeyTurned(audit.Fact):
    """A fact of these tests."""

    kind = "key.turned"
    door: str
    times: int = 1


ANNA = Actor(name="Anna Neri", kind="staff", service="protocol_office")


@pytest.fixture
def body_id() -> UUID:
    return tenancy.create_body(ipa_code="c_f032", name="Massa Marittima", kind="municipality").id


@pytest.fixture
def turn(body_id: UUID) -> Callable[..., None]:
    """Write facts of the body, one per door."""

    def write(*doors: str) -> None:
        with scope(body_id), transaction.atomic():
            audit.write_many([KeyTurned(door=door, subject_id=body_id) for door in doors], actor=ANNA)

    return write


@pytest.fixture
def seal() -> Callable[[], int]:
    """Seal what was written so far; wait while other tests have transactions open in the cluster."""

    def sealing() -> int:
        deadline = time.monotonic() + 30
        while not (batches := actions.seal()):
            assert time.monotonic() < deadline, "some transaction does not end"
            time.sleep(0.02)
        return batches

    return sealing


@pytest.fixture
def as_owner(fresh_database: TestDatabase) -> Callable[[], AbstractContextManager[None]]:
    """Let Django use the fresh database as its owner for the length of a block."""
    from crinale.config.database_urls import django_settings_of

    @contextlib.contextmanager
    def owner() -> Iterator[None]:
        before = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(django_settings_of(fresh_database.owner_url))
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.update(before)

    return owner
