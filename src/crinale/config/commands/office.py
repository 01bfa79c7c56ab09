"""`crinale office`: the offices of a registry area."""

from __future__ import annotations

import click

from crinale.config.console import at_console, tell_table
from crinale.config.node_choice import node_option


@click.group()
def office() -> None:
    """Add and list the offices to which an area assigns documents."""


@office.command("add")
@click.argument("code")
@click.option("--area", required=True, metavar="AOO", help="The area that it belongs to.")
@click.option("--name", required=True, help="Its name.")
@click.option("--parent", metavar="CODE", help="The office above it.")
@node_option
def add(*, code: str, area: str, name: str, parent: str | None, node: str | None) -> None:
    """Add the office CODE, a short code of the body's own choice."""
    with at_console(node) as operator:
        from crinale.config.administration import areas, finding

        whose = finding.area(area)
        areas.add_office(operator=operator, area=whose, code=code, name=name, parent=parent)
    click.echo(f"Added {code} ({name}) to {whose.code}.")


@office.command("list")
@click.option("--area", metavar="AOO", help="Only this area.")
@node_option
def list_(*, area: str | None, node: str | None) -> None:
    """List the offices."""
    with at_console(node):
        from crinale.config.administration import finding
        from crinale.spine.tenancy import queries

        rows = []
        for one in [finding.area(area)] if area else queries.areas():
            offices = queries.offices(area_id=one.id)
            codes = {office.id: office.code for office in offices}
            rows += [
                (
                    one.code,
                    office.code,
                    office.name,
                    f"under {codes[office.parent_id]}" if office.parent_id else "",
                )
                for office in offices
            ]
    tell_table(rows, nothing="There is no office: see `crinale office add --help`.")
