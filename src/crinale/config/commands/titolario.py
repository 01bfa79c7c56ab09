"""`crinale titolario`: the filing plan of a body."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crinale.config.console import at_console
from crinale.config.node_choice import node_option

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.spine.records.queries import PlanDifference

_body = click.option("--body", metavar="IPA", help="Whose; not needed on a node that serves one body only.")
_day = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def titolario() -> None:
    """Bring the filing plan (titolario) of a body into force, or show it."""


@titolario.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_body
@click.option("--name", default="", help="How the plan is called.")
@click.option("--from", "day", type=_day, help="The day on which it enters into force (2027-01-01).")
@click.option("--preview", is_flag=True, help="Only say what it would change.")
@node_option
def import_(
    *, file: Path, body: str | None, name: str, day: datetime | None, preview: bool, node: str | None
) -> None:
    """Bring the plan in FILE into force, today or on the day given.

    A CSV in UTF-8 whose first line is `code,title`; `6.3` is a class of the titolo `6`, which comes before
    it. A third column, `from`, may name the headings of the plan in force that a heading continues. The plan
    in force ends on that day; what is filed under it stays.
    """
    with at_console(node) as operator:
        from crinale.config.administration import areas, finding, plan_files

        whose, plan = finding.body(body), plan_files.read(file, name=name)
        if preview:
            _say(areas.preview_plan(operator=operator, body=whose, plan=plan))
            return
        valid_from = day.date() if day else None
        count = areas.import_plan(operator=operator, body=whose, plan=plan, valid_from=valid_from)
    when = f"will be in force for {whose.name} from {valid_from}" if valid_from else None
    click.echo(f"{count} headings {when or f'are in force for {whose.name}'}.")


@titolario.command("withdraw")
@_body
@click.option("--reason", required=True, help="Why: it stays in the facts.")
@node_option
def withdraw(*, body: str | None, reason: str, node: str | None) -> None:
    """Withdraw the edition that waits for its day; the one in force goes on."""
    with at_console(node) as operator:
        from crinale.config.administration import areas, finding

        name = areas.withdraw_plan(operator=operator, body=finding.body(body), reason=reason)
    click.echo(f"{name} is withdrawn.")


@titolario.command("editions")
@_body
@node_option
def editions(*, body: str | None, node: str | None) -> None:
    """List the editions of the filing plan, the newest first."""
    with at_console(node) as operator:
        from crinale.config.administration import finding
        from crinale.spine import tenancy
        from crinale.spine.records import queries

        with tenancy.scope(finding.body(body).id):
            found = queries.editions(actor=operator.actor)
    for one in found:
        click.echo(
            f"{one.valid_from}  {one.valid_to or '-'!s:<10}  {one.state:<9}  {one.headings:>4}  {one.name}"
        )


@titolario.command("show")
@click.argument("words", nargs=-1)
@_body
@click.option("--on", "day", type=_day, help="As it was, or will be, on a day (2024-05-31).")
@node_option
def show(*, words: tuple[str, ...], body: str | None, day: datetime | None, node: str | None) -> None:
    """Show the filing plan in force, or the headings that WORDS find."""
    with at_console(node):
        from crinale.config.administration import finding
        from crinale.spine import tenancy
        from crinale.spine.records import queries

        with tenancy.scope(finding.body(body).id):
            found = queries.classifications(text=" ".join(words), on=day.date() if day else None)
    for heading in found:
        click.echo(f"{'  ' * (len(heading.path) - 1)}{heading.code}  {heading.title}")
    if not found:
        click.echo("Nothing." if words else "There is no filing plan: see `crinale titolario import --help`.")


def _say(found: PlanDifference) -> None:
    for one in found.added:
        click.echo(f"new      {one.code}  {one.title}")
    for pair in found.renamed:
        click.echo(f"renamed  {pair.new.code}  {pair.old.title} -> {pair.new.title}")
    for pair in found.moved:
        click.echo(f"moved    {pair.old.code} -> {pair.new.code}  {pair.new.title}")
    for one in found.closed:
        click.echo(f"closed   {one.code}  {one.title}")
    click.echo(f"{found.unchanged} headings stay as they are. Nothing was changed.")
