"""`crinale backup`: a copy of the whole node, taken while it works."""

from __future__ import annotations

from pathlib import Path

import click

from crinale.config.console import mistakes_told
from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import choose_home, enter_node, node_option


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--with-secrets", is_flag=True, help="Also keys and passwords; keep such a backup in a safe.")
@node_option
def backup(*, target: Path, with_secrets: bool, node: str | None) -> None:
    """Write database, documents and settings to TARGET: a new folder, or a file if it ends in .tar.

    The node may run meanwhile. On the same disk the documents take no room, being hard links: copy the folder
    to another machine. Exit code 0 means that all of it was written.
    """
    home = choose_home(node)
    with mistakes_told():
        from crinale.config.administration.copies import owners_database

        with owners_database(home) as owner_url:
            enter_node(node, role=DatabaseRole.OWNER)
            from django.db import connection

            from crinale.config.administration import backup as work
            from crinale.config.administration.operators import Operator

            manifest = work.take(
                operator=Operator.at_console(),
                home=home,
                owner_url=owner_url,
                target=target,
                with_secrets=with_secrets,
            )
            connection.close()
    click.echo(f"Written: {target} ({manifest.blobs} documents, {manifest.blob_bytes} bytes).")
    if not with_secrets:
        click.echo("It holds no secrets; SECRETS.txt in it names what to keep in a safe.")
