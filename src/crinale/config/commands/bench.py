"""`crinale bench`: what this machine does in a second, each figure beside its limit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_SECONDS = 20.0
_seconds = click.option(
    "--seconds",
    type=click.FloatRange(min=5),
    default=DEFAULT_SECONDS,
    show_default=True,
    help="Time for all of it.",
)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")


@click.group()
def bench() -> None:
    """Measure registrations, exchanges, searches and pages on throw-away nodes with a durable database."""


@bench.command()
@_seconds
@_json
def register(seconds: float, *, as_json: bool) -> None:
    """Outgoing registrations per second with segnatura and seal, in one area and in five."""
    from crinale.config.bench import register as measured

    _tell(measured.bench, seconds=seconds, as_json=as_json)


@bench.command()
@_seconds
@_json
def exchange(seconds: float, *, as_json: bool) -> None:
    """Complete exchanges per second between two nodes (50 KB), and the time of MessaggioInoltro."""
    from crinale.config.bench import exchange as measured

    _tell(measured.bench, seconds=seconds, as_json=as_json)


@bench.command()
@_seconds
@_json
def search(seconds: float, *, as_json: bool) -> None:
    """Searches by number, name and words, among as many registrations as the time allows to make."""
    from crinale.config.bench import search as measured

    _tell(measured.bench, seconds=seconds, as_json=as_json)


@bench.command()
@_seconds
@_json
def pages(seconds: float, *, as_json: bool) -> None:
    """The server's time for each page, among as many registrations and waiting things as the time allows."""
    from crinale.config.bench import pages as measured

    _tell(measured.bench, seconds=seconds, as_json=as_json)


def _tell(measure: Callable[..., dict[str, object]], *, seconds: float, as_json: bool) -> None:
    figures = measure(seconds=seconds)
    if as_json:
        click.echo(json.dumps(figures))
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        click.echo(f"{name.replace('_', ' '):{width}}  {value}")
