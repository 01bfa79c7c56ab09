"""`crinale program`: the other programs that use the interface of a node."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crinale.config.console import at_console, tell_table
from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import enter_node, node_option

if TYPE_CHECKING:
    from crinale.config.administration.programs import Made

_days = click.option(
    "--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How long it is good."
)
_key = click.option(
    "--public-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The public key (PEM or JWK) with which it signs, instead of a secret made here.",
)
_area = click.option("--area", required=True, metavar="AOO_CODE", help="The registry area that it works for.")
_scopes = click.option(
    "--scope", "scopes", multiple=True, required=True, help="What it may do; give it for each."
)


@click.group()
def program() -> None:
    """Let other programs use the interface, renew their credentials, end them."""


@program.command("add")
@click.option("--name", required=True, help="As facts will show it, such as the product and its supplier.")
@_area
@_scopes
@click.option("--requests-per-minute", type=click.IntRange(1, 1_000_000), default=600, show_default=True)
@_days
@_key
@node_option
def add(
    *,
    name: str,
    area: str,
    scopes: tuple[str, ...],
    requests_per_minute: int,
    days: int,
    public_key: Path | None,
    node: str | None,
) -> None:
    """Let a program use the interface of an area. Its secret is shown now and never again."""
    with at_console(node) as operator:
        from crinale.config.administration import finding, programs

        made = programs.add(
            operator=operator,
            name=name,
            area=finding.area(area),
            scopes=scopes,
            days=days,
            requests_per_minute=requests_per_minute,
            public_key=public_key.read_bytes() if public_key else None,
        )
    _tell(made)


@program.command("grant")
@click.argument("client_id")
@_area
@_scopes
@node_option
def grant(*, client_id: str, area: str, scopes: tuple[str, ...], node: str | None) -> None:
    """Let a program do more in an area, also in another one than before."""
    with at_console(node) as operator:
        from crinale.config.administration import finding, programs

        changed = programs.grant(
            operator=operator, client_id=client_id, area=finding.area(area), scopes=scopes
        )
    click.echo(f"{changed.name} may do in {area}: {', '.join(scopes)}.")


@program.command("withdraw")
@click.argument("client_id")
@_area
@_scopes
@node_option
def withdraw(*, client_id: str, area: str, scopes: tuple[str, ...], node: str | None) -> None:
    """Take scopes in an area away from a program, at once; the tokens that it has lose them too."""
    with at_console(node) as operator:
        from crinale.config.administration import finding, programs

        changed = programs.withdraw(
            operator=operator, client_id=client_id, area=finding.area(area), scopes=scopes
        )
    click.echo(f"{changed.name} may no more do in {area}: {', '.join(scopes)}.")


@program.command("renew")
@click.argument("client_id")
@_days
@_key
@node_option
def renew(*, client_id: str, days: int, public_key: Path | None, node: str | None) -> None:
    """Give a program another secret or key; the one before is good for two weeks more."""
    with at_console(node) as operator:
        from crinale.config.administration import programs

        made = programs.renew(
            operator=operator,
            client_id=client_id,
            days=days,
            public_key=public_key.read_bytes() if public_key else None,
        )
    _tell(made)


@program.command("revoke")
@click.argument("client_id")
@node_option
def revoke(client_id: str, node: str | None) -> None:
    """End a program now: its tokens count no more; what it did keeps its name."""
    with at_console(node) as operator:
        from crinale.config.administration import programs

        ended = programs.revoke(operator=operator, client_id=client_id)
    click.echo(f"{ended.name} may use the interface no more.")


@program.command("list")
@node_option
def list_(node: str | None) -> None:
    """List programs with what they may do, where, and until when their credentials are good."""
    with at_console(node):
        from crinale.kernel import clock
        from crinale.spine.identity import programs
        from crinale.spine.tenancy import queries as tenancy

        areas = {one.id: one.code for one in tenancy.areas()}
        rows = []
        for one in programs.programs():
            rows.append((str(one.id), one.name, "revoked" if one.revoked_at else ""))
            rows += [
                ("", f"  {areas.get(area_id, '?')}", scope)
                for area_id, scope in sorted(one.scopes, key=lambda held: held[1])
            ]
            rows += [("", f"  {what}", f"until {clock.legal_day(until)}") for what, until in one.credentials]
    tell_table(rows, nothing="No program uses the interface: see `crinale program add --help`.")


@program.command("openapi")
@node_option
def openapi(node: str | None) -> None:
    """Write the OpenAPI document anew, after a change of the interface."""
    enter_node(node, role=DatabaseRole.APP)
    from crinale.services.program_interface.http import openapi as described

    described.FILE.write_text(described.text(), encoding="utf-8")
    click.echo(f"Wrote {described.FILE.name}.")


def _tell(made: Made) -> None:
    click.echo(f"Program:   {made.program.name}")
    click.echo(f"Client id: {made.program.id}")
    click.echo(f"Secret:    {made.secret}  (not shown again)" if made.secret else f"Key:       {made.kid}")
