"""`crinale titolario`: the filing plan of a body."""

from __future__ import annotations

from pathlib import Path

import click

from crinale.config.console import at_console
from crinale.config.node_choice import node_option

_body = click.option("--body", metavar="IPA", help="Whose; not needed on a node that serves one body only.")


@click.group()
def titolario() -> None:
    """Bring the filing plan (titolario) of a body into force, or show it."""


@titolario.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_body
@click.option("--name", default="", help="How the plan is called.")
@node_option
def import_(*, file: Path, body: str | None, name: str, node: str | None) -> None:
    """Bring the plan in FILE into force from today.

    A CSV in UTF-8 whose first line is `code,title`; `6.3` is a class of the titolo `6`, which comes before
    it. The plan in force ends; what is filed under it stays.
    """
    with at_console(node) as operator:
        from crinale.config.administration import areas, finding, plan_files

        whose = finding.body(body)
        count = areas.import_plan(operator=operator, body=whose, plan=plan_files.read(file, name=name))
    click.echo(f"{count} headings are in force for {whose.name}.")


@titolario.command("show")
@click.argument("words", nargs=-1)
@_body
@node_option
def show(*, words: tuple[str, ...], body: str | None, node: str | None) -> None:
    """Show the filing plan in force, or the headings that WORDS find."""
    with at_console(node):
        from crinale.config.administration import finding
        from crinale.spine import tenancy
        from crinale.spine.records import queries

        with tenancy.scope(finding.body(body).id):
            found = queries.classifications(text=" ".join(words))
    for heading in found:
        click.echo(f"{'  ' * (len(heading.path) - 1)}{heading.code}  {heading.title}")
    if not found:
        click.echo("Nothing." if words else "There is no filing plan: see `crinale titolario import --help`.")
