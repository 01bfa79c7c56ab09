"""What the commands that change a node share: one transaction each, and mistakes told by their option."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import enter_node
from crinale.kernel.errors import CrinaleError, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from crinale.config.administration.operators import Operator

DAY = click.DateTime(formats=["%Y-%m-%d"])


@contextmanager
def at_console(node: str | None, *, role: DatabaseRole = DatabaseRole.APP) -> Iterator[Operator]:
    """Enter a node and work in one transaction: what goes wrong leaves nothing half done."""
    enter_node(node, role=role)
    from django.db import transaction

    from crinale.config.administration.operators import Operator

    with mistakes_told(), transaction.atomic():
        yield Operator.at_console()


@contextmanager
def mistakes_told() -> Iterator[None]:
    """Tell an error of ours as click tells its own: naming the option where it is one's value."""
    try:
        yield
    except Invalid as error:
        context = click.get_current_context()
        for parameter in context.command.params:
            if parameter.name == error.field:
                raise click.BadParameter(error.remedy, ctx=context, param=parameter) from error
        raise click.ClickException(str(error)) from error
    except CrinaleError as error:
        raise click.ClickException(str(error)) from error


def ask_password(username: str) -> str:
    """Ask for a new password, twice; from a pipe, read it from the first line."""
    if at_a_terminal():
        asked: str = click.prompt(f"New password of {username}", hide_input=True, confirmation_prompt=True)
        return asked
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        message = "No password: type it at a terminal, or give it on the first line of standard input."
        raise click.ClickException(message)
    return given


def at_a_terminal() -> bool:
    """Whether somebody types what is read."""
    return sys.stdin.isatty()


def day_of(moment: datetime | None) -> date | None:
    """The day that an option of type DAY names."""
    return moment.date() if moment else None


def tell_table(rows: Sequence[Sequence[str]], *, nothing: str) -> None:
    """Write rows as columns as wide as they need."""
    if not rows:
        click.echo(nothing)
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
