"""`crinale person`: the staff that signs in to a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crinale.config.console import DAY, ask_password, at_console, day_of, tell_table
from crinale.config.node_choice import node_option

if TYPE_CHECKING:
    from datetime import datetime


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


@person.command("reactivate")
@click.argument("username")
@node_option
def reactivate(username: str, node: str | None) -> None:
    """Open a closed account again; the roles that ended do not come back."""
    with at_console(node) as operator:
        from crinale.config.administration import finding
        from crinale.spine.identity import actions

        whose = finding.person(username)
        actions.reactivate_person(actor=operator.actor, person_id=whose.id)
    click.echo(f"The account of {whose.username} is open again. Next: crinale role grant --person ...")


@person.command("leave")
@click.argument("username")
@click.option("--on", type=DAY, metavar="YYYY-MM-DD", help="The first day without them; today if not given.")
@click.option("--body", metavar="IPA", help="Leave this body only, and keep the account for the others.")
@node_option
def leave(*, username: str, on: datetime | None, body: str | None, node: str | None) -> None:
    """End the roles, posts, substitutions and sessions of who leaves; all stays in the history."""
    with at_console(node) as operator:
        from crinale.config.administration import finding
        from crinale.kernel import clock
        from crinale.spine.identity import actions

        whose = finding.person(username)
        day = day_of(on) or clock.today()
        body_id = finding.body(body).id if body else None
        actions.leave(actor=operator.actor, person_id=whose.id, on=day, body_id=body_id)
    click.echo(f"{whose.name} leaves {body or 'this node'} on {day}.")


@person.command("absence")
@click.argument("username")
@click.option("--substitute", required=True, metavar="USERNAME", help="Who stands in.")
@click.option("--from", "valid_from", required=True, type=DAY, metavar="YYYY-MM-DD", help="The first day.")
@click.option("--until", "valid_to", required=True, type=DAY, metavar="YYYY-MM-DD", help="The day of return.")
@node_option
def absence(
    *, username: str, substitute: str, valid_from: datetime, valid_to: datetime, node: str | None
) -> None:
    """Let a colleague stand in for a person who is away."""
    with at_console(node) as operator:
        from crinale.config.administration import finding
        from crinale.spine.identity import actions

        whose, other = finding.person(username), finding.person(substitute, field="substitute")
        actions.enter_absence(
            actor=operator.actor,
            person_id=whose.id,
            substitute_id=other.id,
            valid_from=valid_from.date(),
            valid_to=valid_to.date(),
        )
    click.echo(f"{other.name} stands in for {whose.name}.")


@person.group("second-factor")
def second_factor() -> None:
    """Second factors of the sign-in: people add their own on the page of their account."""


@second_factor.command("reset")
@click.argument("username")
@node_option
def reset(username: str, node: str | None) -> None:
    """Take away the second factors of who lost them, and end their sessions. Be sure who asks."""
    with at_console(node) as operator:
        from crinale.config.administration import finding
        from crinale.spine.identity import actions

        whose = finding.person(username)
        actions.reset_second_factor(actor=operator.actor, person_id=whose.id)
    click.echo(f"{whose.username} signs in with the password alone, until a second factor is set up again.")


@second_factor.command("require")
@click.option("--body", required=True, metavar="IPA", help="Of which body.")
@click.option("--from", "since", type=DAY, metavar="YYYY-MM-DD", help="The first day; today if not given.")
@click.option("--not", "never", is_flag=True, help="Ask for none.")
@node_option
def require(*, body: str, since: datetime | None, never: bool, node: str | None) -> None:
    """Let the staff of a body work with a second factor only, from a day on."""
    with at_console(node) as operator:
        from crinale.config.administration import finding
        from crinale.kernel import clock
        from crinale.spine.identity import actions

        where = finding.body(body)
        day = None if never else day_of(since) or clock.today()
        actions.set_sign_in_policy(actor=operator.actor, body_id=where.id, second_factor_from=day)
    click.echo(
        f"{where.name} asks for a second factor from {day}." if day else f"{where.name} asks for none."
    )


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
