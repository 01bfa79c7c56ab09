"""`crinale registrations`: the register, or what is found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import (
    demonstration_node_of,
    enter_node,
    node_option,
    on_every_demonstration_node,
)
from crinale.kernel import clock
from crinale.kernel.numbers import format_number

if TYPE_CHECKING:
    from uuid import UUID

_MARKS = {"incoming": "in ", "outgoing": "out", "internal": "int"}


@click.command()
@click.argument("query", required=False, default="")
@click.option("--aoo", metavar="CODE", help="Only this area; without it, every area of the node.")
@click.option(
    "--limit", type=click.IntRange(1, 200), default=25, show_default=True, help="At most so many per area."
)
@node_option
def registrations(*, query: str, aoo: str | None, limit: int, node: str | None) -> None:
    """List the newest registrations, or those that QUERY finds: words, a name, a number as 123/2026."""
    if aoo:
        node = node or demonstration_node_of(aoo)
    if not node:
        on_every_demonstration_node("registrations", arguments=("--limit", str(limit), "--", query))
    enter_node(node, role=DatabaseRole.APP)
    from crinale.spine.tenancy import queries as tenancy_queries

    areas = tenancy_queries.areas()
    if aoo:
        areas = [area for area in areas if area.code == aoo.strip().upper()]
        if not areas:
            message = f"No registry area {aoo} is served by this node."
            raise click.ClickException(message)
    for area in areas:
        lines = (
            _found(area.body_id, area.id, query, limit) if query else _newest(area.body_id, area.id, limit)
        )
        click.secho(f"{area.body_name} ({area.code})", bold=True)
        for line in lines or ["  nothing"]:
            click.echo(line)


def _newest(body_id: UUID, area_id: UUID, limit: int) -> list[str]:
    from crinale.spine import tenancy
    from crinale.spine.identity import Actor
    from crinale.spine.protocol import queries as protocol_queries

    with tenancy.scope(body_id):
        rows = protocol_queries.registrations(actor=Actor.system("command"), area_id=area_id, limit=limit)
    return [
        f"  {row.number_text}/{row.year}  {row.registered_at.astimezone(clock.ROME):%d/%m/%Y %H:%M}  "
        f"{_MARKS[row.direction]}  {row.subject}  [{'; '.join(row.correspondents)}]"
        f"{'  ANNULLED' if row.annulled else ''}"
        for row in rows
    ]


def _found(body_id: UUID, area_id: UUID, query: str, limit: int) -> list[str]:
    from crinale.spine import tenancy
    from crinale.spine.search import queries as search_queries

    with tenancy.scope(body_id):
        hits = search_queries.find(area_ids=[area_id], text=query, limit=limit, include_restricted=True)
    return [
        f"  {format_number(hit.number or 0)}/{hit.year}"
        f"  {hit.occurred_at.astimezone(clock.ROME):%d/%m/%Y %H:%M}"
        f"       {hit.title}  [{hit.names}]"
        for hit in hits
    ]
