"""`crinale post`: the charges of a body and of its offices, and who holds them over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from crinale.config.console import DAY, at_console, day_of, tell_table
from crinale.config.node_choice import node_option

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from crinale.spine.identity.queries import PostView

KINDS: Final = (
    "head",
    "procedure",
    "project",
    "records",
    "preservation",
    "digital_transition",
    "data_protection",
    "transparency",
    "secretary",
    "other",
)


def _which(command: Callable[..., Any]) -> Callable[..., Any]:
    """Say which post is meant."""
    options = (
        click.option("--body", required=True, metavar="IPA", help="Of which body."),
        click.option("--kind", required=True, type=click.Choice(KINDS), help="What kind of post."),
        click.option("--office", metavar="CODE", help="Of which office; without it, of the whole body."),
        click.option("--title", default="", help="How it is called; without it, as its kind."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def post() -> None:
    """The posts of a body: set them up, appoint people to them by an act, close them."""


@post.command("add")
@_which
@click.option("--act", default="", help="The act that sets it up.")
@click.option("--from", "opened_on", type=DAY, metavar="YYYY-MM-DD", help="Its first day; always without it.")
@node_option
def add(
    *,
    body: str,
    kind: str,
    office: str | None,
    title: str,
    act: str,
    opened_on: datetime | None,
    node: str | None,
) -> None:
    """Set up a post."""
    with at_console(node) as operator:
        from crinale.config.administration import finding
        from crinale.spine.identity import actions

        whose = finding.body(body)
        made = actions.open_post(
            actor=operator.actor,
            body_id=whose.id,
            kind=kind,
            title=title,
            office_id=finding.office_of_body(whose, office).id if office else None,
            act=act,
            opened_on=day_of(opened_on),
        )
    click.echo(f"{whose.name} has the post {made.title}. Next: crinale post appoint USERNAME ...")


@post.command("appoint")
@click.argument("username")
@_which
@click.option("--act", default="", help="The act that appoints.")
@click.option(
    "--from", "valid_from", type=DAY, metavar="YYYY-MM-DD", help="The first day; today if not given."
)
@click.option("--until", "valid_to", type=DAY, metavar="YYYY-MM-DD", help="The first day without the person.")
@node_option
def appoint(
    *,
    username: str,
    body: str,
    kind: str,
    office: str | None,
    title: str,
    act: str,
    valid_from: datetime | None,
    valid_to: datetime | None,
    node: str | None,
) -> None:
    """Put a person in a post; nobody else holds it on these days."""
    with at_console(node) as operator:
        from crinale.config.administration import finding
        from crinale.kernel import clock
        from crinale.spine.identity import actions

        first = day_of(valid_from) or clock.today()
        meant = _post(body, kind, office, title, on=first)
        whose = finding.person(username)
        actions.appoint(
            actor=operator.actor,
            post_id=meant.id,
            person_id=whose.id,
            valid_from=first,
            valid_to=day_of(valid_to),
            act=act,
        )
    click.echo(f"{whose.name} holds the post {meant.title} from {first}.")


@post.command("vacate")
@_which
@click.option("--on", type=DAY, metavar="YYYY-MM-DD", help="The first day without; today if not given.")
@node_option
def vacate(
    *, body: str, kind: str, office: str | None, title: str, on: datetime | None, node: str | None
) -> None:
    """End the time of who holds a post; it stays in the history."""
    with at_console(node) as operator:
        from crinale.kernel import clock
        from crinale.kernel.errors import Invalid
        from crinale.spine.identity import actions

        day = day_of(on) or clock.today()
        holder = _post(body, kind, office, title, on=day).holder
        if holder is None:
            raise Invalid("on", "nobody holds this post then")
        actions.end_appointment(actor=operator.actor, incumbency_id=holder.id, on=day)
    click.echo(f"{holder.name} holds it until {day}, that day excluded.")


@post.command("close")
@_which
@click.option("--on", type=DAY, metavar="YYYY-MM-DD", help="The first day without it; today if not given.")
@node_option
def close(
    *, body: str, kind: str, office: str | None, title: str, on: datetime | None, node: str | None
) -> None:
    """Close a post, and end who holds it."""
    with at_console(node) as operator:
        from crinale.kernel import clock
        from crinale.spine.identity import actions

        day = day_of(on) or clock.today()
        closed = _post(body, kind, office, title, on=clock.today())
        actions.close_post(actor=operator.actor, post_id=closed.id, on=day)
    click.echo(f"The post {closed.title} closes on {day}.")


@post.command("list")
@click.option("--body", required=True, metavar="IPA", help="Of which body.")
@click.option("--on", type=DAY, metavar="YYYY-MM-DD", help="On which day; today if not given.")
@node_option
def list_(*, body: str, on: datetime | None, node: str | None) -> None:
    """List the posts of a body on a day, with who holds them and by which act."""
    with at_console(node):
        from crinale.config.administration import finding
        from crinale.spine.identity import queries

        rows = [
            (
                one.kind,
                one.title,
                one.office_name,
                one.holder.name if one.holder else "vacant",
                (one.holder.act if one.holder else "") or one.act,
            )
            for one in queries.posts(body_id=finding.body(body).id, at=day_of(on))
        ]
    tell_table(rows, nothing="There is no post on that day: see `crinale post add --help`.")


def _post(body: str, kind: str, office: str | None, title: str, *, on: date) -> PostView:
    from crinale.config.administration import finding

    whose = finding.body(body)
    where = finding.office_of_body(whose, office) if office else None
    return finding.post(whose, kind, office_ref=where, title=title, on=on)
