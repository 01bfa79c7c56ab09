"""`crinale body`: a body moves to another node as one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import enter_node, node_option

if TYPE_CHECKING:
    from crinale.config.transfer import Tally


@click.group()
def body() -> None:
    """Move a body between nodes as one file, with its registers, documents and receipts."""


@body.command("export")
@click.argument("ipa_code")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@node_option
def export_body(ipa_code: str, file: Path, node: str | None) -> None:
    """Write the body with IPA_CODE to FILE (a zip with the digest of each member)."""
    enter_node(node, role=DatabaseRole.OWNER)
    from crinale.config import transfer

    _tell("Exported", transfer.export_body(ipa_code=ipa_code, target=file), file)


@body.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@node_option
def import_body(file: Path, node: str | None) -> None:
    """Verify FILE and bring its body into the node, whole or not at all.

    Staff accounts, the seal's key and the endpoint in the index stay with the old node: give people their roles,
    install the key and enrol the areas again.
    """
    enter_node(node, role=DatabaseRole.OWNER)
    from crinale.config import transfer

    _tell("Imported", transfer.import_body(source=file), file)


def _tell(done: str, tally: Tally, file: Path) -> None:
    rows = sum(tally.rows.values())
    registrations = tally.rows.get("protocol_registration", 0)
    click.echo(
        f"{done} {tally.ipa_code}: {rows} rows, {registrations} registrations, {tally.blobs} documents "
        f"({tally.blob_bytes} bytes); {file}"
    )
