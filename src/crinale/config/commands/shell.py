"""`crinale shell`: Python with the node's models at hand."""

from __future__ import annotations

import code

import click

from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import enter_node, node_option


@click.command()
@click.option("--owner", is_flag=True, help="As the owner of the tables, instead of as the application.")
@click.option("--body", metavar="IPA", help="Open the scope of this body.")
@node_option
def shell(body: str | None, node: str | None, *, owner: bool) -> None:
    """Open a Python prompt inside a running node, with every model by its name."""
    enter_node(node, role=DatabaseRole.OWNER if owner else DatabaseRole.APP)
    from django.apps import apps

    from crinale.spine import tenancy
    from crinale.spine.tenancy import queries

    names: dict[str, object] = {model.__name__: model for model in apps.get_models()}
    if body is None:
        code.interact(
            local={**names, "tenancy": tenancy}, banner="No scope is open: `with tenancy.scope(body_id): ...`"
        )
        return
    found = next((one for one in queries.bodies() if one.ipa_code == body), None)
    if found is None:
        message = f"This node serves no body with the IPA code {body}."
        raise click.ClickException(message)
    with tenancy.scope(found.id):
        code.interact(local={**names, "tenancy": tenancy}, banner=f"In the scope of {found.name}.")
