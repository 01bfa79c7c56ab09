"""`crinale index`: the index of registry areas, of this node or of the hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import enter_node, node_option
from crinale.kernel.errors import Conflict, NotVisible

if TYPE_CHECKING:
    from crinale.spine.exchange.actions import ImportReport

_SHOWN_AT_MOST = 50


@click.group()
def index() -> None:
    """Keep the index of registry areas.

    Import it, look at it, publish it to the nodes, take it from the hub.
    """


@index.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@node_option
def import_file(file: Path, node: str | None) -> None:
    """Bring FILE into the index.

    Open data of the IPA (enti, AOO, UO as CSV or TSV), or what `index enrol` wrote.

    Rows that cannot be used are listed with their line, field and reason; the exit code is 1 when there is
    none other.
    """
    enter_node(node, role=DatabaseRole.APP)
    from crinale.connectors.ipa import open_data
    from crinale.spine.exchange import actions

    content = file.read_bytes()
    if content.lstrip()[:1] == b"{":
        table, report = "areas", actions.enrol(content)
    else:
        table, report = open_data.import_file(content)
    _tell(table, report)
    if not report.good:
        raise SystemExit(1)


def _tell(table: str, report: ImportReport) -> None:
    click.echo(
        f"{table}: {report.accepted} new, {report.updated} changed, {report.unchanged} as they were, "
        f"{len(report.refused)} refused"
    )
    for line, field, reason in report.refused[:_SHOWN_AT_MOST]:
        click.echo(f"  line {line}: {field}: {reason}")
    if len(report.refused) > _SHOWN_AT_MOST:
        click.echo(f"  and {len(report.refused) - _SHOWN_AT_MOST} more")


@index.command("show")
@click.argument("words", nargs=-1)
@node_option
def show(words: tuple[str, ...], node: str | None) -> None:
    """List the areas of the index (those that WORDS find) and say how old it is."""
    enter_node(node, role=DatabaseRole.APP)
    from crinale.spine.exchange import queries

    found = queries.search_index(" ".join(words), limit=100) if words else queries.index_rows()
    for area in found:
        click.echo(f"{area.aoo_code}  {area.body_name} - {area.aoo_name}  {area.endpoint or '(no endpoint)'}")
    for age in queries.index_age():
        when = f"{age.as_of:%Y-%m-%d %H:%M} UTC" if age.as_of else "never"
        failing = (
            f", failing since {age.failing_since:%Y-%m-%d %H:%M} UTC: {age.last_error}"
            if age.failing_since
            else ""
        )
        click.echo(f"{age.source}: {age.rows} rows, as of {when}{failing}", err=True)


@index.command("withdraw")
@click.argument("aoo")
@node_option
def withdraw(aoo: str, node: str | None) -> None:
    """On the hub: take the area AOO out of the index; the nodes hear of it when you publish.

    Its node can enrol it again; the open data of the IPA do not bring it back.
    """
    enter_node(node, role=DatabaseRole.APP)
    from crinale.spine.exchange import actions

    try:
        actions.withdraw_area(aoo_code=aoo)
    except NotVisible:
        raise click.ClickException(f"The index has no area {aoo}.") from None
    except Conflict as conflict:
        raise click.ClickException(str(conflict)) from None
    click.echo(f"Withdrawn: {aoo}. Publish the index, so that the nodes hear of it.")


@index.command("publish")
@node_option
def publish(node: str | None) -> None:
    """On the hub: publish the areas that can be reached as an edition for the nodes."""
    enter_node(node, role=DatabaseRole.APP)
    from crinale.spine.exchange import actions

    edition = actions.publish_index()
    click.echo(f"Published: {edition.areas} areas, {edition.sha256}")


@index.command("refresh")
@node_option
def refresh(node: str | None) -> None:
    """On a node: take over the hub's newest edition now.

    When that fails the last copy stays in use, and the exit code is 1.
    """
    enter_node(node, role=DatabaseRole.APP)
    from crinale.spine.exchange import actions, queries
    from crinale.spine.exchange.ports import index_source

    if not index_source.is_bound:
        raise click.ClickException("This node has no hub: set [exchange] hub in node.toml.")
    changed = actions.refresh_index()
    failing = [age for age in queries.index_age() if age.failing_since]
    if failing:
        raise click.ClickException(f"{failing[0].last_error} The last copy stays in use.")
    click.echo("The index has changed." if changed else "The index is as it was.")


@index.command("enrol")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; else standard output."
)
@node_option
def enrol(out: Path | None, node: str | None) -> None:
    """On a node: describe its areas (addresses, certificates), for the hub to `index import`."""
    enter_node(node, role=DatabaseRole.APP)
    from crinale.config.descriptor import describe_node

    content = describe_node()
    if out is None:
        click.echo(content.decode())
    else:
        out.write_bytes(content)
        click.echo(f"Written: {out}")
