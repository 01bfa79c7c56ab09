"""Which node a command works on: the one of CRINALE_HOME, or a node of the demonstration network by name."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, TypeVar

import click

from crinale.config.demo import network
from crinale.config.demo.homes import demo_home
from crinale.config.node import NodeHome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crinale.config.database_urls import DatabaseRole

F = TypeVar("F", bound="Callable[..., object]")


def node_option(command: F) -> F:
    """Add `--node NAME` to a command."""
    return click.option(
        "--node",
        metavar="NAME",
        help="A node of the demonstration (tix, nal-piombino, ...) instead of that of CRINALE_HOME.",
    )(command)


def choose_home(node: str | None) -> NodeHome:
    """Make a node the one of this process, before Django reads its settings.

    :raises click.ClickException: when the demonstration network has no such node on this machine.
    """
    if node is not None:
        home = demo_home().node(node)
        if not (home / "node.toml").is_file():
            known = sorted(path.parent.name for path in demo_home().root.glob("*/node.toml"))
            here = f"it has {', '.join(known)}" if known else "start it with `./crinale demo`"
            message = f"The demonstration network has no node {node} here: {here}."
            raise click.ClickException(message)
        os.environ["CRINALE_HOME"] = str(home)
        # A node of the demonstration has its own database, whatever the environment says.
        os.environ.pop("CRINALE_DATABASE_URL", None)
        os.environ.pop("CRINALE_DATABASE_APP_URL", None)
    return NodeHome.current()


def demonstration_node_of(aoo_code: str) -> str | None:
    """The node of the running demonstration that serves an area, if that is where a command can only mean.

    :raises click.ClickException: when none of its nodes serves the area.
    """
    if not _only_the_demonstration():
        return None
    try:
        return network.node_of_area(aoo_code.strip().upper()).name
    except KeyError:
        message = (
            f"No node of the demonstration serves the registry area {aoo_code};"
            " if you added it yourself, name its node with --node."
        )
        raise click.ClickException(message) from None


def on_every_demonstration_node(*command: str, arguments: Sequence[str] = ()) -> None:
    """Where there is no node but those of the running demonstration, run a command on each, and exit.

    The exit code is the greatest of theirs. Where CRINALE_HOME holds a node, nothing happens.
    """
    if not _only_the_demonstration():
        return
    codes = []
    for node in network.NODES:
        click.secho(node.name, fg="cyan", bold=True)
        there = [sys.executable, "-m", "crinale.config.cli", *command, "--node", node.name, *arguments]
        codes.append(subprocess.run(there, check=False).returncode)
    sys.exit(max(codes))


def _only_the_demonstration() -> bool:
    return not NodeHome.current().settings_file.is_file() and demo_home().is_running


def enter_node(node: str | None, *, role: DatabaseRole) -> None:
    """Set Django up for a node, as the application or as the owner of its database.

    :raises click.ClickException: when the node's database does not answer.
    """
    choose_home(node)
    os.environ["CRINALE_DB_ROLE"] = role
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crinale.config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError, connection
    from django.utils import translation

    django.setup()
    translation.activate("en")  # the language of the command line
    try:
        connection.ensure_connection()
    except (OperationalError, ImproperlyConfigured) as error:
        name = node or str(NodeHome.current().root)
        message = f"The database of {name} does not answer; is the node running? ({str(error).strip()})"
        raise click.ClickException(message) from error
