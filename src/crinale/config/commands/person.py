"""`crinale person`: the staff that signs in to a node."""

from __future__ import annotations

import click

from crinale.config.console import ask_password, at_console, tell_table
from crinale.config.node_choice import node_option


@click.group()
def person() -> None:
    """Add people, change their passwords, close their accounts. Their roles: `crinale role`."""


@person.command("add")
@click.argument("username")
@click.option("--name", required=True, help="First and last name, as registrations will show it.")
@click.option("--email", default="", help="Their address at the office.")
@click.option("--tax-code", default="", metavar="CODICE_FISCALE", help="Their codice fiscale.")
@node_option
def add(*, username: str, name: str, email: str, tax_code: str, node: str | None) -> None:
    """Give a person an account. The password is asked twice, or read from the first line of a pipe."""
    chosen = ask_password(username)
    with at_console(node) as operator:
        from crinale.config.administration import people

        made = people.add_person(
            operator=operator,
            username=username,
            name=name,
            password=chosen,
            email=email,
            tax_code=tax_code,
        )
    click.echo(f"Added {made.username} ({made.name}). Next: crinale role grant --person {made.username} ...")


@person.command("password")
@click.argument("username")
@node_option
def password(username: str, node: str | None) -> None:
    """Give a person another password, asked as in `person add`."""
    chosen = ask_password(username)
    with at_console(node) as operator:
        from crinale.config.administration import finding, people

        whose = finding.person(username)
        people.set_password(operator=operator, person=whose, password=chosen)
    click.echo(f"{whose.username} has another password.")


@person.command("deactivate")
@click.argument("username")
@node_option
def deactivate(username: str, node: str | None) -> None:
    """Close an account: it signs in no more; what it did keeps its name."""
    with at_console(node) as operator:
        from crinale.config.administration import finding, people

        whose = finding.person(username)
        people.deactivate(operator=operator, person=whose)
    click.echo(f"The account of {whose.username} is closed.")


@person.command("list")
@node_option
def list_(node: str | None) -> None:
    """List people with the roles that they hold, held or will hold, and where."""
    with at_console(node):
        from crinale.kernel import clock
        from crinale.spine.identity import queries
        from crinale.spine.tenancy import queries as tenancy

        bodies = {one.id: one.ipa_code for one in tenancy.bodies()}
        areas = {one.id: one.code for one in tenancy.areas()}
        rows = []
        for one in queries.people():
            rows.append((one.username, one.name, "" if one.active else "closed", ""))
            for grant in queries.grants(one.id):
                where = areas.get(grant.area_id) or bodies.get(grant.body_id, "?")
                since = f"from {clock.legal_day(grant.valid_from)}"
                until = f" until {clock.legal_day(grant.valid_to)}" if grant.valid_to else ""
                rows.append(("", f"  {grant.role}", where, since + until))
    tell_table(rows, nothing="Nobody has an account: see `crinale person add --help`.")
