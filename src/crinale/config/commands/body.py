"""`crinale body`: the bodies that a node knows, their unions, and moving one to another node."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crinale.config.console import DAY, at_console, day_of, mistakes_told, tell_table
from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import enter_node, node_option

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.config.transfer import Tally

KINDS = ("municipality", "union", "province", "region", "other")


@click.group()
def body() -> None:
    """Add bodies and unions; move a body between nodes as one file, with its registers and documents."""


@body.command("add")
@click.argument("ipa_code", metavar="IPA")
@click.option("--name", required=True, help="Its name, as in the IPA.")
@click.option("--kind", type=click.Choice(KINDS), default="municipality", show_default=True)
@click.option(
    "--istat", "istat_code", default="", metavar="CODE", help="The ISTAT code of a municipality, six digits."
)
@click.option(
    "--patron-day", default="", metavar="MM-DD", help="Its patron saint's day, a holiday of its offices."
)
@click.option("--union", is_flag=True, help="It has members, also if it is of another kind than union.")
@node_option
def add(
    *, ipa_code: str, name: str, kind: str, istat_code: str, patron_day: str, union: bool, node: str | None
) -> None:
    """Make the body with the code IPA known to the node. Then give it an area: `crinale area add`."""
    with at_console(node) as operator:
        from crinale.config.administration import bodies

        made = bodies.add_body(
            operator=operator,
            ipa_code=ipa_code,
            name=name,
            kind=kind,
            istat_code=istat_code,
            patron_day=patron_day,
            union=union,
        )
    click.echo(f"Added {made.ipa_code}: {made.name}.")


@body.command("list")
@node_option
def list_(node: str | None) -> None:
    """List the bodies that the node knows, with the areas that it serves."""
    enter_node(node, role=DatabaseRole.APP)
    from crinale.spine.tenancy import queries

    rows = [
        (one.ipa_code, one.name, one.kind, ", ".join(area.code for area in queries.areas(body_id=one.id)))
        for one in queries.bodies()
    ]
    tell_table(rows, nothing="No body is known here: see `crinale body add --help`.")


@body.command("show")
@click.argument("ipa_code", metavar="IPA")
@node_option
def show(ipa_code: str, node: str | None) -> None:
    """Show a body: its codes, areas, offices and memberships."""
    with at_console(node):
        from crinale.config.administration import bodies, finding
        from crinale.spine.tenancy import queries

        found = finding.body(ipa_code, field="ipa_code")
        areas = queries.areas(body_id=found.id)
        offices = {area.id: queries.offices(area_id=area.id) for area in areas}
        memberships = bodies.memberships(found)
    click.secho(f"{found.name} ({found.ipa_code})", bold=True)
    click.echo(f"  kind {found.kind}{', union' if found.union and found.kind != 'union' else ''}")
    for label, value in (("ISTAT code", found.istat_code), ("patron's day", found.patron_day)):
        if value:
            click.echo(f"  {label} {value}")
    for one in memberships:
        until = f" until {one.valid_to}" if one.valid_to else ""
        click.echo(f"  {one.member_name} in {one.union_name} from {one.valid_from}{until}")
    for area in areas:
        click.echo(f"  area {area.code} {area.name}  {area.endpoint or '(no endpoint)'}")
        for office in offices[area.id]:
            click.echo(f"    office {office.code} {office.name}")


@body.command("join")
@click.option("--union", required=True, metavar="IPA", help="The union.")
@click.option("--member", required=True, metavar="IPA", help="The body that joins it.")
@click.option(
    "--from", "valid_from", type=DAY, required=True, metavar="YYYY-MM-DD", help="Its first day inside."
)
@click.option("--until", "valid_to", type=DAY, metavar="YYYY-MM-DD", help="Its first day outside, if known.")
@node_option
def join(
    *, union: str, member: str, valid_from: datetime, valid_to: datetime | None, node: str | None
) -> None:
    """Enter a body in a union."""
    with at_console(node) as operator:
        from crinale.config.administration import bodies

        bodies.join_union(
            operator=operator,
            union=union,
            member=member,
            valid_from=valid_from.date(),
            valid_to=day_of(valid_to),
        )
    click.echo(f"{member} belongs to {union} from {valid_from:%Y-%m-%d}.")


@body.command("leave")
@click.option("--union", required=True, metavar="IPA", help="The union.")
@click.option("--member", required=True, metavar="IPA", help="The body that leaves it.")
@click.option(
    "--on", "valid_to", type=DAY, required=True, metavar="YYYY-MM-DD", help="Its first day outside."
)
@node_option
def leave(*, union: str, member: str, valid_to: datetime, node: str | None) -> None:
    """End the membership of a body in a union. Its data can move with `body export` and `body import`."""
    with at_console(node) as operator:
        from crinale.config.administration import bodies

        bodies.leave_union(operator=operator, union=union, member=member, valid_to=valid_to.date())
    click.echo(f"{member} does not belong to {union} any more from {valid_to:%Y-%m-%d}.")


@body.command("export")
@click.argument("ipa_code")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--leaving", is_flag=True, help="It moves: close its registers here first, for good.")
@node_option
def export_body(*, ipa_code: str, file: Path, leaving: bool, node: str | None) -> None:
    """Write the body with IPA_CODE to FILE (a zip with the digest of each member).

    Only its writer may read FILE: it holds all that people wrote to the body.
    """
    enter_node(node, role=DatabaseRole.OWNER)
    from crinale.config import transfer
    from crinale.config.administration.operators import Operator

    # The snapshot needs a transaction of its own, after the one of the fact.
    with mistakes_told():
        tally = transfer.export_body(
            operator=Operator.at_console(), ipa_code=ipa_code, target=file, leaving=leaving
        )
    _tell("Exported", tally, file)


@body.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@node_option
def import_body(file: Path, node: str | None) -> None:
    """Verify FILE and bring its body into the node, whole or not at all.

    Staff accounts, the seal's key and the endpoint in the index stay with the old node: give people their
    roles, install the key and enrol the areas again.
    """
    with at_console(node, role=DatabaseRole.OWNER) as operator:
        from crinale.config import transfer

        tally = transfer.import_body(operator=operator, source=file)
    _tell("Imported", tally, file)


def _tell(done: str, tally: Tally, file: Path) -> None:
    rows = sum(tally.rows.values())
    registrations = tally.rows.get("protocol_registration", 0)
    click.echo(
        f"{done} {tally.ipa_code}: {rows} rows, {registrations} registrations, {tally.blobs} documents "
        f"({tally.blob_bytes} bytes); {file}"
    )
    click.echo(f"SHA-256 of the file: {tally.sha256}")
