"""`crinale migrate`: bring a database up to the code."""

from __future__ import annotations

import click

from crinale.config.migrate import migrate as bring_up
from crinale.config.node import NodeHome


@click.command()
@click.option("--always", is_flag=True, help="Even if nothing seems to have changed.")
def migrate(*, always: bool) -> None:
    """Bring the database up to the code, as its owner; `run` does this by itself.

    The owner is CRINALE_DATABASE_URL; without it, the node with its own database must be running.
    """
    changed = bring_up(home=NodeHome.current(), always=always)
    click.echo("The database is up to the code." if changed else "Nothing to do.")
