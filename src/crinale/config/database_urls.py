"""Where the database is: from the environment or from the node's home, as a URL or as Django wants it."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from crinale.config.node import NodeHome

OWNER_URL: Final = "CRINALE_DATABASE_URL"
APP_URL: Final = "CRINALE_DATABASE_APP_URL"
DATABASE_NAME: Final = "crinale"
APP_ROLE: Final = "crinale_app"
OWNER_ROLE: Final = "crinale_owner"
_DJANGO_KEYS: Final = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}


class DatabaseRole(StrEnum):
    """Whose credentials a process uses."""

    OWNER = "owner"
    APP = "app"


def database_url(role: DatabaseRole, *, home: NodeHome | None = None) -> str | None:
    """The URL of the database for a role; None when neither the environment nor the home knows a database."""
    home = home or NodeHome.current()
    if role is DatabaseRole.APP and (app_url := os.environ.get(APP_URL)):
        return app_url
    if owner_url := os.environ.get(OWNER_URL):
        if role is DatabaseRole.OWNER:
            return owner_url
        return with_credentials(owner_url, APP_ROLE, home.existing_secret("postgres-app"))
    port = home.settings().get("postgres", {}).get("port")
    if port is None:
        return None
    name = OWNER_ROLE if role is DatabaseRole.OWNER else APP_ROLE
    return url(user=name, password=home.existing_secret(f"postgres-{role}"), port=port)


def url(
    *, user: str, password: str | None, port: int, database: str = DATABASE_NAME, host: str = "127.0.0.1"
) -> str:
    """A PostgreSQL URL."""
    credentials = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    return f"postgresql://{credentials}@{host}:{port}/{quote(database, safe='')}"


def with_credentials(base: str, user: str, password: str | None, *, database: str | None = None) -> str:
    """The same server as `base`, asked as another user (and for another database)."""
    parts = conninfo_to_dict(base)
    known = url(
        user=user,
        password=password,
        host=str(parts.pop("host", "127.0.0.1")),
        port=int(parts.pop("port", 5432) or 5432),
        database=database or str(parts.pop("dbname", user)),
    )
    rest = {key: value for key, value in parts.items() if key not in {"user", "password", "dbname"}}
    return known + (
        "?" + "&".join(f"{key}={quote(str(value), safe='')}" for key, value in rest.items()) if rest else ""
    )


def django_database(role: DatabaseRole) -> dict[str, Any]:
    """The entry of Django's DATABASES for a role; without a name where no database is known yet."""
    known = database_url(role)
    return django_settings_of(known) if known else {"ENGINE": "crinale.config.postgresql", "NAME": ""}


def django_settings_of(database: str) -> dict[str, Any]:
    """A PostgreSQL URL as Django settings: connections that last, statements prepared by the server."""
    parts = conninfo_to_dict(database)
    return {
        "ENGINE": "crinale.config.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        **{_DJANGO_KEYS[key]: str(value) for key, value in parts.items() if key in _DJANGO_KEYS},
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": 3,
            "application_name": "crinale",
            **{key: value for key, value in parts.items() if key not in _DJANGO_KEYS},
        },
    }
