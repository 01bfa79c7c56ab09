"""`crinale office`: the offices of a registry area."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crinale.config.console import DAY, at_console, day_of, tell_table
from crinale.config.node_choice import node_option

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.spine.tenancy.queries import OfficeNode


@click.group()
def office() -> None:
    """The offices of a body: add, move and close them; each day has its own organigram."""


@office.command("add")
@click.argument("code")
@click.option("--area", required=True, metavar="AOO", help="The area that it belongs to.")
@click.option("--name", required=True, help="Its name.")
@click.option("--parent", metavar="CODE", help="The office above it.")
@click.option("--from", "opened_on", type=DAY, metavar="YYYY-MM-DD", help="Its first day; always without it.")
@click.option("--ipa-code", default="", metavar="CODE", help="Its Codice_uni_uo in the IPA.")
@click.option("--email", default="", help="Its address.")
@click.option("--phone", default="", help="Its telephone number.")
@node_option
def add(
    *,
    code: str,
    area: str,
    name: str,
    parent: str | None,
    opened_on: datetime | None,
    ipa_code: str,
    email: str,
    phone: str,
    node: str | None,
) -> None:
    """Add the office CODE, a short code of the body's own choice."""
    with at_console(node) as operator:
        from crinale.config.administration import areas, finding

        whose = finding.area(area)
        areas.add_office(
            operator=operator,
            area=whose,
            code=code,
            name=name,
            parent=parent,
            opened_on=day_of(opened_on),
            ipa_code=ipa_code,
            email=email,
            phone=phone,
        )
    click.echo(f"Added {code} ({name}) to {whose.code}.")


@office.command("move")
@click.argument("code")
@click.option("--area", required=True, metavar="AOO", help="The area that it belongs to.")
@click.option("--parent", metavar="CODE", help="The office above it; without it, none.")
@click.option("--name", help="Its name from then on.")
@click.option("--on", type=DAY, metavar="YYYY-MM-DD", help="From which day; today if not given.")
@node_option
def move(
    *, code: str, area: str, parent: str | None, name: str | None, on: datetime | None, node: str | None
) -> None:
    """Put an office under another one from a day on; where it stood before stays in the history."""
    with at_console(node) as operator:
        from crinale.config.administration import areas, finding
        from crinale.kernel import clock

        whose = finding.area(area)
        moved = finding.office(whose, code, field="code")
        above = (
            finding.office_of_body(finding.body(whose.body_ipa), parent, field="parent") if parent else None
        )
        day = day_of(on) or clock.today()
        areas.move_office(operator=operator, office=moved, on=day, parent=above, name=name)
    click.echo(f"{code} stands {f'under {parent}' if parent else 'at the top'} from {day}.")


@office.command("close")
@click.argument("code")
@click.option("--area", required=True, metavar="AOO", help="The area that it belongs to.")
@click.option("--on", type=DAY, metavar="YYYY-MM-DD", help="The first day without it; today if not given.")
@node_option
def close(*, code: str, area: str, on: datetime | None, node: str | None) -> None:
    """Close an office and its posts; what was assigned to it stays."""
    with at_console(node) as operator:
        from crinale.config.administration import areas, finding
        from crinale.kernel import clock

        closed = finding.office(finding.area(area), code, field="code")
        day = day_of(on) or clock.today()
        areas.close_office(operator=operator, office=closed, on=day)
    click.echo(f"{code} closes on {day}.")


@office.command("tree")
@click.option("--body", required=True, metavar="IPA", help="Of which body.")
@click.option("--on", type=DAY, metavar="YYYY-MM-DD", help="On which day; today if not given.")
@node_option
def tree(*, body: str, on: datetime | None, node: str | None) -> None:
    """Draw the organigram of a body on a day."""
    with at_console(node):
        from crinale.config.administration import finding
        from crinale.spine.tenancy import queries

        rows = _drawn(queries.organigram(finding.body(body).id, day_of(on)))
    tell_table(rows, nothing="There is no office on that day: see `crinale office add --help`.")


def _drawn(nodes: tuple[OfficeNode, ...]) -> list[tuple[str, str]]:
    return [
        row
        for one in nodes
        for row in [("  " * one.depth + one.office.name, one.office.code), *_drawn(one.children)]
    ]


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
