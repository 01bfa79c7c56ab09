"""`crinale setup`: make the home of a node."""

from __future__ import annotations

import os

import click

from crinale.config.database_urls import OWNER_URL
from crinale.config.node import NodeHome, free_port
from crinale.config.processes import MACHINE, WEB, NodeProcesses


@click.command()
@click.option("--port", type=int, help="Where the pages listen (a free port by default).")
@click.option("--machine-port", type=int, help="Where the interfaces for other administrations listen.")
def setup(port: int | None, machine_port: int | None) -> None:
    """Make the node's home (CRINALE_HOME): settings, secrets and database; changes nothing that is there.

    The database is an embedded PostgreSQL, or the server that CRINALE_DATABASE_URL names.
    """
    home = NodeHome.current()
    home.prepare()
    settings = home.settings()
    for name, wanted in ((WEB, port), (MACHINE, machine_port)):
        if wanted or "port" not in settings.get(name, {}):
            home.update_settings(**{name: {"host": "127.0.0.1", "port": wanted or free_port()}})
    node = NodeProcesses(home)
    try:
        node.start_database()
    finally:
        node.stop()
    database = "a server" if OWNER_URL in os.environ else "embedded"
    click.echo(f"The node is ready in {home.root} (database: {database}). Start it with: ./crinale run")
