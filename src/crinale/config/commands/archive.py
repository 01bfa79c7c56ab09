"""`crinale archive`: registrations of older software."""

from __future__ import annotations

from pathlib import Path

import click

from crinale.config.console import at_console, mistakes_told
from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import enter_node, node_option

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def archive() -> None:
    """Take over the registrations of older software, with their own numbers."""


@archive.command("import")
@click.argument("file", type=_FILE)
@click.option("--aoo", required=True, metavar="CODE", help="The area whose archive it becomes.")
@click.option("--register", required=True, metavar="CODE", help="The archive's code, such as PG-2009.")
@click.option("--name", default="", help="What the archive is called.")
@click.option("--files", type=_FOLDER, help="The folder with the files that the lines name.")
@click.option(
    "--default-class",
    "default_heading",
    default="",
    metavar="CODE",
    help="The heading for lines without a known one.",
)
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Where to say what became of each line."
)
@click.option("--apply", is_flag=True, help="Do it. Without this, nothing is changed.")
@node_option
def import_(
    *,
    file: Path,
    aoo: str,
    register: str,
    name: str,
    files: Path | None,
    default_heading: str,
    report: Path | None,
    apply: bool,
    node: str | None,
) -> None:
    """Take over the registrations in FILE, a CSV whose first line names its columns.

    Columns: numero, data, ora, tipo (E, U, I), oggetto, mittente, destinatari, classificazione, file,
    protocollo_mittente, data_mittente, annullato_il, atto_annullamento, motivo, riservato, mezzo, operatore.
    Stopped half-way, it goes on where it was when it is given again.
    """
    enter_node(node, role=DatabaseRole.APP)
    from crinale.config.administration import archive as administration
    from crinale.config.administration import finding
    from crinale.config.administration.operators import Operator

    where = report or file.with_suffix(".report.csv")
    with mistakes_told():
        tally = administration.take_over(
            actor=Operator.at_console().actor,
            area=finding.area(aoo, field="aoo"),
            source=administration.Source(
                file=file,
                files=files,
                register_code=register,
                register_name=name,
                default_heading=default_heading,
            ),
            apply=apply,
            report=where,
            progress=lambda lines: click.echo(f"\r{lines} lines", nl=False, err=True),
        )
    click.echo(err=True)
    counts = tally.outcomes
    done = "taken over" if apply else "would be taken over"
    click.echo(
        f"{counts['new']} {done}, {counts['known']} there already, "
        f"{counts['differs']} there with another content, {counts['wrong']} to correct."
    )
    click.echo(f"Line by line: {where}")
    if not tally.clean:
        raise SystemExit(1)


@archive.command("continue")
@click.option("--aoo", required=True, metavar="CODE", help="The area whose register goes on.")
@click.option(
    "--after", "continue_after", type=int, required=True, help="The last number of the older register."
)
@node_option
def continue_(*, aoo: str, continue_after: int, node: str | None) -> None:
    """Let this year's numbers go on after the last one of the older software.

    It can be said only before the first number of the year is given here.
    """
    with at_console(node) as operator:
        from crinale.config.administration import finding
        from crinale.spine import tenancy
        from crinale.spine.protocol import queries
        from crinale.spine.protocol.actions import archive as protocol

        area = finding.area(aoo, field="aoo")
        with tenancy.scope(area.body_id):
            register_id = queries.register_of_area(area_id=area.id)
            if register_id is None:
                message = f"{area.code} has no protocol register yet."
                raise click.ClickException(message)
            protocol.continue_numbering(actor=operator.actor, register_id=register_id, after=continue_after)
    click.echo(f"The next number of {area.code} is {continue_after + 1}.")
