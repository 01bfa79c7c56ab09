"""`crinale send`: register a document and send it, from the command line."""

from __future__ import annotations

from pathlib import Path

import click

from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import demonstration_node_of, enter_node, node_option
from crinale.config.outgoing_files import check_files


@click.command()
@click.option(
    "--from", "from_code", required=True, metavar="AOO", help="The area that sends: its unique code."
)
@click.option(
    "--to", "to_codes", required=True, metavar="TO[,TO]", help="Who receives: codes of areas, mail addresses."
)
@click.option("--subject", required=True, metavar="TEXT", help="The subject, at least a few words.")
@click.option(
    "--class", "classification", required=True, metavar="CODE", help="A heading of the filing plan, as 1.15."
)
@click.option(
    "--as", "username", metavar="USER", help="Act as this member of the staff instead of the node itself."
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the receipts; 0 leaves at once.",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@node_option
def send(
    files: tuple[Path, ...],
    *,
    from_code: str,
    to_codes: str,
    subject: str,
    classification: str,
    username: str | None,
    wait: float,
    node: str | None,
) -> None:
    """Register FILEs as one document (the first is the primary one) and send it, telling each step.

    On a demonstration network the node of the sender is found by itself. The exit code is 0 when the document
    was registered, also if no receipt came yet: the worker goes on trying.
    """
    check_files(files)
    enter_node(node or demonstration_node_of(from_code), role=DatabaseRole.APP)
    from crinale.config.demo import journey

    actor = journey.actor_named(username)
    sent = journey.register_and_send(
        actor=actor,
        from_code=from_code,
        to_codes=[code.strip() for code in to_codes.split(",") if code.strip()],
        subject=subject,
        classification=classification,
        files=files,
    )
    identifier = sent.registration.identifier
    click.echo(
        f"Registered with number {identifier.number_text} of {identifier.date:%d/%m/%Y}"
        f" ({identifier.aoo_code})."
    )
    if wait:
        journey.follow(sent, actor=actor, seconds=wait, tell=lambda step: click.echo(f"  {step.text}"))
