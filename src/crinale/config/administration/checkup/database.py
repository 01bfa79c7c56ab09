"""The database: a role that cannot step over the walls between bodies, and tables of this code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from crinale.config.administration.checkup.findings import Finding, bad, good
from crinale.config.embedded_postgres import OLDEST_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.config.node import NodeHome

_ROLE: Final = """
select current_user, rolsuper or rolbypassrls, current_setting('server_version_num')::int / 10000,
    (select count(*) from pg_class where relowner = pg_roles.oid and relnamespace = 'public'::regnamespace)
from pg_roles where rolname = current_user
"""


def role(_home: NodeHome) -> Iterator[Finding]:
    """Web and worker connect as a role that owns nothing and obeys row-level security."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        name, may_bypass, version, owned = cursor.fetchone()
    if version < OLDEST_VERSION:
        yield bad("database", f"its server is PostgreSQL {version}", f"use version {OLDEST_VERSION} or later")
    if may_bypass or owned:
        why = "may step over row-level security" if may_bypass else f"owns {owned} tables"
        remedy = "let CRINALE_DATABASE_APP_URL name a role without rights of its own, see docs/running.md"
        yield bad("database role", f"{name} {why}: bodies are not kept apart", remedy)
    else:
        yield good("database role", f"{name} owns nothing and cannot step over row-level security")


def migrations(_home: NodeHome) -> Iterator[Finding]:
    """The tables are those of this code."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        names = ", ".join(f"{one.app_label}.{one.name}" for one, _ in missing[:5])
        yield bad(
            "tables", f"{len(missing)} migrations wait: {names}", "crinale migrate, or restart the node"
        )
    else:
        yield good("tables", "they are up to the code")
