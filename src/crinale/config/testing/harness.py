"""The pytest plug-in: who may use which database, and the fixtures that hand them out."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import psycopg
import pytest

from crinale.config.testing.databases import TestDatabase, TestServer, throw_away_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django import DjangoDbBlocker

SERVER: Final = "CRINALE_TEST_DATABASE_URL"
_server = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start one server for all workers: they inherit its URL."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker and getattr(config.option, "numprocesses", None) and not config.option.collectonly:
        _start_server()


def pytest_unconfigure() -> None:
    """Stop what was started."""
    _server.close()


def _start_server() -> TestServer:
    if not os.environ.get(SERVER):
        os.environ[SERVER] = _server.enter_context(throw_away_server()).admin_url
        _server.callback(os.environ.pop, SERVER, None)
    return TestServer(os.environ[SERVER])


@pytest.fixture(autouse=True)
def house_language() -> Iterator[None]:
    """Begin and end every test in the language and zone of the settings, whatever the last one chose."""
    from django.utils import timezone, translation

    translation.deactivate()
    timezone.deactivate()
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(scope="session")
def test_server() -> TestServer:
    """The PostgreSQL server of this test session, with its migrated template."""
    server = _start_server()
    server.prepare()
    return server


@pytest.fixture(scope="session")
def django_db_setup(test_server: TestServer, django_db_blocker: DjangoDbBlocker) -> Iterator[TestDatabase]:
    """Give this worker its own database; Django uses it as the application role, as in production."""
    database = test_server.clone(
        f"crinale_test_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    )
    with django_db_blocker.unblock(), _django_uses(database):
        yield database
    test_server.drop(database)


@pytest.fixture
def fresh_database(test_server: TestServer, django_db_blocker: DjangoDbBlocker) -> Iterator[TestDatabase]:
    """A database of its own for a test that commits or runs processes; Django uses it meanwhile.

    Processes get it by `fresh_database.environment()`.
    """
    database = test_server.clone(f"crinale_test_{uuid4().hex}")
    with django_db_blocker.unblock(), _django_uses(database):
        yield database
    test_server.drop(database)


@pytest.fixture
def make_database(test_server: TestServer) -> Iterator[Callable[[], TestDatabase]]:
    """Make further databases, for tests with several nodes; Django does not use them by itself."""
    made: list[TestDatabase] = []

    def make() -> TestDatabase:
        made.append(test_server.clone(f"crinale_test_{uuid4().hex}"))
        return made[-1]

    yield make
    for database in made:
        test_server.drop(database)


@pytest.fixture
def owner_cursor(request: pytest.FixtureRequest) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of the tables' owner, in a transaction that is rolled back unless the test commits.

    It sees the database of `fresh_database` when the test asked for that, else the worker's own: there it
    does not see what the test wrote in its own, never committed, transaction.
    """
    name = "fresh_database" if "fresh_database" in request.fixturenames else "django_db_setup"
    database: TestDatabase = request.getfixturevalue(name)
    with psycopg.connect(database.owner_url) as connection, connection.cursor() as cursor:
        yield cursor
        connection.rollback()


@contextlib.contextmanager
def _django_uses(database: TestDatabase) -> Iterator[None]:
    """Point Django's default connection at a database for the length of the block."""
    from django.db import connection

    from crinale.config.database_urls import django_settings_of

    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(django_settings_of(database.app_url))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)
