"""`crinale role`: who may do what, in which body or area, from when until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crinale.config.console import DAY, at_console, day_of, tell_table
from crinale.config.node_choice import enter_node, node_option

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


def _whom_and_where(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--role", required=True, help="One of `crinale role list`."),
        click.option(
            "--area", metavar="AOO", help="Only in this area of the body; without it, in all of them."
        ),
        click.option("--body", required=True, metavar="IPA", help="In which body."),
        click.option("--person", required=True, metavar="USERNAME", help="Whose."),
    ):
        command = option(command)
    return command


@click.group()
def role() -> None:
    """Grant roles to people in a body or an area, with dates, and revoke them."""


@role.command("list")
@node_option
def list_(node: str | None) -> None:
    """List the roles and what each of them may do."""
    from crinale.config.database_urls import DatabaseRole

    enter_node(node, role=DatabaseRole.APP)
    from crinale.spine.identity import permissions

    for one in permissions.roles():
        click.secho(f"{one.code}: {one.title}", bold=True)
        for code in sorted(one.permissions):
            click.echo(f"  {permissions.permission(code).title}")


@role.command("grant")
@_whom_and_where
@click.option("--office", metavar="CODE", help="The office of the body in which they do this work.")
@click.option("--from", "valid_from", type=DAY, metavar="YYYY-MM-DD", help="Their first day; now without it.")
@click.option("--until", "valid_to", type=DAY, metavar="YYYY-MM-DD", help="The first day without it.")
@node_option
def grant(
    *,
    person: str,
    body: str,
    area: str | None,
    office: str | None,
    role: str,
    valid_from: datetime | None,
    valid_to: datetime | None,
    node: str | None,
) -> None:
    """Give a person a role. People of a union may hold roles in several bodies."""
    with at_console(node) as operator:
        from crinale.config.administration import finding, people

        whose, where = finding.person(person, field="person"), finding.body(body)
        people.grant(
            operator=operator,
            person=whose,
            body=where,
            area=finding.area(area) if area else None,
            office=finding.office_of_body(where, office) if office else None,
            role=role,
            valid_from=day_of(valid_from),
            valid_to=day_of(valid_to),
        )
    click.echo(f"{whose.name} is {role} of {area or where.name}.")


@role.command("revoke")
@_whom_and_where
@node_option
def revoke(*, person: str, body: str, area: str | None, role: str, node: str | None) -> None:
    """End a role now; name it as it was granted. It stays in the history."""
    with at_console(node) as operator:
        from crinale.config.administration import finding, people

        whose, where = finding.person(person, field="person"), finding.body(body)
        people.revoke(
            operator=operator,
            person=whose,
            body=where,
            area=finding.area(area) if area else None,
            role=role,
        )
    click.echo(f"{whose.name} is no longer {role} of {area or where.name}.")


@role.command("review")
@click.option("--body", required=True, metavar="IPA", help="Of which body.")
@node_option
def review(*, body: str, node: str | None) -> None:
    """List the roles that nobody gave or confirmed in the months that the body chose."""
    with at_console(node) as operator:
        from crinale.config.administration import finding
        from crinale.kernel import clock
        from crinale.spine.identity import queries

        due = queries.due_for_review(actor=operator.actor, body_id=finding.body(body).id)
        rows = [
            (
                one.username,
                one.role,
                one.area_code or "all areas",
                one.office_name,
                f"looked at on {clock.legal_day(one.looked_at)}",
            )
            for one in due
        ]
    tell_table(rows, nothing="Every role was looked at.")


@role.command("confirm")
@_whom_and_where
@node_option
def confirm(*, person: str, body: str, area: str | None, role: str, node: str | None) -> None:
    """Note that a role was looked at and is still right; name it as it was granted."""
    with at_console(node) as operator:
        from crinale.config.administration import finding, people

        whose, where = finding.person(person, field="person"), finding.body(body)
        people.confirm(
            operator=operator,
            person=whose,
            body=where,
            area=finding.area(area) if area else None,
            role=role,
        )
    click.echo(f"{whose.name} stays {role} of {area or where.name}.")
