"""`crinale audit`: prove that nobody changed what was written."""

from __future__ import annotations

import click

from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import enter_node, node_option, on_every_demonstration_node


@click.group()
def audit() -> None:
    """Prove that registrations, receipts and facts are as they were written."""


@audit.command()
@node_option
def verify(node: str | None) -> None:
    """Recompute every digest, batch and link; exit 1 and say where, if one byte was changed."""
    if not node:
        on_every_demonstration_node("audit", "verify")
    enter_node(node, role=DatabaseRole.OWNER)
    from crinale.spine.audit import queries

    report = queries.verify()
    for section in report.sections:
        verdict = "as written" if not section.broken else f"{section.broken} FAULTS"
        click.echo(f"{section.name:20} {section.checked:>10} checked  {verdict}")
    for finding in report.findings:
        click.echo(f"  {finding.where}: {finding.what}", err=True)
    click.echo(
        f"{report.facts} facts in {report.batches} batches, {report.unsealed} not sealed yet;"
        f" head {report.head}"
    )
    if not report.ok:
        raise SystemExit(1)
