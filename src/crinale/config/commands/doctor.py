"""`crinale doctor`: what a node still lacks, and what to do about it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from crinale.config.node_choice import node_option

_MARKS = {"good": ("ok", "green"), "warning": ("warning", "yellow"), "bad": ("LACKING", "red")}


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what is well.")
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON, for a monitoring system.")
@node_option
def doctor(*, everything: bool, as_json: bool, node: str | None) -> None:
    """Say what this node lacks: database, certificates, index, hub, disk, clock, jobs, incidents.

    Exit code 0: nothing; 1: something is lacking; 2: only warnings.
    """
    from crinale.config.administration.checkup import examine

    findings = list(examine(node))
    counts = {level: sum(one.level == level for one in findings) for level in _MARKS}
    if as_json:
        click.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=1))
    else:
        for one in findings:
            if everything or one.level != "good":
                mark, colour = _MARKS[one.level]
                click.echo(f"{click.style(mark.ljust(8), fg=colour)} {one.subject}: {one.seen}")
                if one.remedy:
                    click.echo(f"         -> {one.remedy}")
        click.echo(f"{counts['good']} well, {counts['warning']} warnings, {counts['bad']} lacking.")
    raise SystemExit(1 if counts["bad"] else 2 if counts["warning"] else 0)
