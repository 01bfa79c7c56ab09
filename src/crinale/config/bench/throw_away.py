"""A throw-away node to measure on: a durable PostgreSQL of its own, the five towns, their keys."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crinale.config.database_urls import APP_URL, OWNER_URL
from crinale.config.demo import network, pki
from crinale.config.demo.network import NodePlan
from crinale.config.embedded_postgres import EmbeddedPostgres, scratch_home
from crinale.config.migrate import migrate
from crinale.config.node import NodeHome
from crinale.config.node_keys import NodeKeys
from crinale.config.ready_cluster import give_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

PLAN = NodePlan(
    "bench",
    "Throw-away node",
    tuple(body for body in network.bodies() if body.key in network.UNION.members),
)

PASSWORD = "throw-away-words"  # noqa: S105  of people who live as long as the measure


@dataclass(frozen=True)
class ThrowAwayNode:
    """A loaded node in this process, which now is one of its processes."""

    home: NodeHome
    owner_url: str
    areas: tuple[tuple[UUID, UUID], ...]


@contextmanager
def throw_away_node(plan: NodePlan = PLAN) -> Iterator[ThrowAwayNode]:
    """Make a node in a temporary directory, and this process its application, for the block."""
    root = scratch_home("crinale-bench-")
    try:
        home = NodeHome(root)
        home.prepare()
        home.secret("django")
        home.secret("second-factors")
        for name in (OWNER_URL, APP_URL):
            os.environ.pop(name, None)
        os.environ.update(
            CRINALE_HOME=str(root), CRINALE_DB_ROLE="app", DJANGO_SETTINGS_MODULE="crinale.config.settings"
        )
        _make_keys(home, plan, root / "authority")
        give_cluster(home)
        with EmbeddedPostgres(home) as postgres:
            migrate(postgres.owner_url(), postgres.app_url(), home=home)
            yield ThrowAwayNode(home, postgres.owner_url(), _load(plan))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _make_keys(home: NodeHome, plan: NodePlan, folder: Path) -> None:
    authority = pki.Authority(folder)
    keys = NodeKeys(home.secrets)
    keys.trust.mkdir(parents=True)
    shutil.copyfile(authority.credential.certificate, keys.trust / "bench.pem")
    for body in plan.bodies:
        subject = pki.organization_name(body=body.name, ipa_code=body.ipa_code, common_name=body.aoo_name)
        authority.issue(pki.Credential(*keys.seal(body.aoo_code)), subject=subject, seal=True)


def _load(plan: NodePlan) -> tuple[tuple[UUID, UUID], ...]:
    import django

    django.setup()
    from django.db import connections

    from crinale.config.demo import loading
    from crinale.spine.tenancy import queries

    words = dict.fromkeys(
        (*(body.clerk_username for body in plan.bodies), network.UNION_CLERK_USERNAME), PASSWORD
    )
    loading.load(plan, endpoint_prefix="https://127.0.0.1:1", secret_words=words)
    areas = [queries.area_by_code(body.aoo_code) for body in plan.bodies]
    found = tuple((area.body_id, area.id) for area in areas if area is not None)
    # The measuring processes are forks, and a connection cannot be shared.
    connections.close_all()
    return found
