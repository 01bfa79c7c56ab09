"""`crinale psql`: the node's database at a prompt."""

from __future__ import annotations

import os

import click

from crinale.config.database_urls import DatabaseRole, database_url
from crinale.config.embedded_postgres import find_binaries
from crinale.config.migrate import NoDatabase
from crinale.config.node_choice import choose_home, node_option


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--owner", is_flag=True, help="As the owner of the tables, instead of as the application.")
@node_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...], node: str | None, *, owner: bool) -> None:
    """Open psql on the database of a running node; ARGUMENTS go to psql.

    As the application you see no body's rows before `set crinale.body_id = '...'`.
    """
    url = database_url(DatabaseRole.OWNER if owner else DatabaseRole.APP, home=choose_home(node))
    if url is None:
        raise NoDatabase
    program = str(find_binaries() / "psql")
    os.execv(program, [program, *arguments, "--dbname", url])
