"""`crinale run`: a node in the foreground, as a service manager wants it."""

from __future__ import annotations

import click

from crinale.config.node import NodeHome
from crinale.config.processes import MACHINE, PARTS, WEB, NodeProcesses


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
def run(parts: tuple[str, ...]) -> None:
    """Run the node of CRINALE_HOME until Ctrl-C: database, pages, machine interfaces, worker.

    With PARTS, only those: a large node spreads over machines that share one CRINALE_DATABASE_URL.
    """
    node = NodeProcesses(NodeHome.current(), parts=parts or PARTS)
    node.run(lambda: _tell_where(node))


def _tell_where(node: NodeProcesses) -> None:
    for name, scheme in ((WEB, "http"), (MACHINE, "https")):
        if name in node.parts.intersection(node.listeners()):
            host, port = node.host_and_port(name)
            click.echo(f"{name}: {scheme}://{host}:{port}/")
    click.echo(f"Running; logs in {node.home.log}. Ctrl-C stops it.")
