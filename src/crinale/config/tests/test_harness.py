"""The harness keeps its promises: no network but the loopback, own databases, the application's role."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connection
from pytest_socket import SocketConnectBlockedError

from crinale.config.node import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from crinale.config.testing.databases import TestDatabase


def test_nothing_but_the_loopback_is_reached() -> None:
    # It warns first, and warnings are errors.
    with pytest.raises((SocketConnectBlockedError, UserWarning), match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_no_test_sees_the_home_of_a_real_node() -> None:
    assert not os.environ["CRINALE_HOME"].startswith(str(REPOSITORY))


@pytest.mark.django_db
def test_django_asks_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("crinale_app",)


def test_a_fresh_database_is_nobody_elses(
    fresh_database: TestDatabase, make_database: Callable[[], TestDatabase], owner_cursor: psycopg.Cursor[Any]
) -> None:
    other = make_database()
    assert other.name != fresh_database.name
    owner_cursor.execute("create table only_here ()")
    owner_cursor.connection.commit()
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('only_here') is not null")
        assert cursor.fetchone() == (True,)
    with psycopg.connect(other.owner_url) as elsewhere:
        assert elsewhere.execute("select to_regclass('only_here')").fetchone() == (None,)


@pytest.mark.django_db
def test_the_owner_sees_the_same_database_as_the_test(owner_cursor: psycopg.Cursor[Any]) -> None:
    owner_cursor.execute("select current_database()")
    row = owner_cursor.fetchone()
    assert row is not None
    assert row[0] == connection.settings_dict["NAME"]
