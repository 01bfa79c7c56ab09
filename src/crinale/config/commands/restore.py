"""`crinale restore`: a node from its backup."""

from __future__ import annotations

from pathlib import Path

import click

from crinale.config.console import mistakes_told
from crinale.config.node import NodeHome


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
def restore(source: Path) -> None:
    """Make the node of the backup SOURCE in the empty home of CRINALE_HOME, all of it or nothing.

    With CRINALE_DATABASE_URL the database, which must be empty, is that one. Never run the old node and the
    restored one at the same time: both would give the same numbers.
    """
    home = NodeHome.current()
    with mistakes_told():
        from crinale.config.administration import restore as work

        manifest = work.restore(home=home, source=source)
    click.echo(
        f"Restored in {home.root}: the node as it was at {manifest.taken_at}, {manifest.blobs} documents."
    )
    if not manifest.with_secrets:
        click.echo(f"Put the secrets that you kept in the safe into {home.secrets}, before the node starts.")
    click.echo("Next: ./crinale run, then ./crinale audit verify and ./crinale doctor")
