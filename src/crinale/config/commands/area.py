"""`crinale area`: the registry areas (AOO) that a node serves."""

from __future__ import annotations

from pathlib import Path

import click

from crinale.config.console import at_console, tell_table
from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import enter_node, node_option

INCOMING = click.Choice(("automatic", "by_clerk"))
_endpoint = click.option(
    "--endpoint",
    metavar="URL",
    help="Where other administrations reach it; https://HOST:PORT alone is completed with /aoo/CODE.",
)


@click.group()
def area() -> None:
    """Add registry areas (AOO) to a body, each with its protocol register; change and list them."""


@area.command("add")
@click.argument("aoo_code", metavar="CODE")
@click.option("--body", required=True, metavar="IPA", help="The body that it belongs to.")
@click.option("--name", required=True, help="Its name, as in the IPA.")
@click.option(
    "--register",
    "register_code",
    default="PG",
    show_default=True,
    metavar="CODE",
    help="Its register's code.",
)
@click.option(
    "--incoming",
    "registers_incoming",
    type=INCOMING,
    default="automatic",
    show_default=True,
    help="Who registers what other areas send: the node by itself, or a clerk.",
)
@click.option(
    "--default-class",
    "default_classification",
    metavar="CODE",
    help="The heading for what arrives under one that the filing plan lacks (1.8 in the model plan).",
)
@_endpoint
@click.option(
    "--titolario",
    "plan_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A filing plan (CSV: code,title); without it, the model plan where there is none.",
)
@node_option
def add(
    *,
    aoo_code: str,
    body: str,
    name: str,
    register_code: str,
    registers_incoming: str,
    default_classification: str | None,
    endpoint: str | None,
    plan_file: Path | None,
    node: str | None,
) -> None:
    """Add the area with the unique code CODE (Codice_uni_aoo), its protocol register and its filing plan."""
    with at_console(node) as operator:
        from crinale.config.administration import areas, finding, plan_files

        made = areas.add_area(
            operator=operator,
            body=finding.body(body),
            code=aoo_code,
            name=name,
            register_code=register_code,
            registers_incoming=registers_incoming,
            default_classification=default_classification,
            endpoint=endpoint or "",
            plan=plan_files.read(plan_file) if plan_file else None,
        )
    click.echo(f"Added {made.code} ({made.name}) of {made.body_name}, with the register {register_code}.")
    if not made.endpoint:
        click.echo(f"It has no address yet: crinale area set {made.code} --endpoint https://HOST:PORT")


@area.command("set")
@click.argument("code")
@click.option("--incoming", "registers_incoming", type=INCOMING, help="Who registers what other areas send.")
@click.option(
    "--default-class", "default_classification", metavar="CODE", help="A heading of the filing plan."
)
@_endpoint
@node_option
def set_(
    *,
    code: str,
    registers_incoming: str | None,
    default_classification: str | None,
    endpoint: str | None,
    node: str | None,
) -> None:
    """Change an area. After a change of its address, describe it to the hub again: `crinale index enrol`."""
    with at_console(node) as operator:
        from crinale.config.administration import areas, finding

        changed = areas.set_area(
            operator=operator,
            area=finding.area(code, field="code"),
            registers_incoming=registers_incoming,
            default_classification=default_classification,
            endpoint=endpoint,
        )
    click.echo(
        f"{changed.code}: incoming {changed.registers_incoming}, "
        f"default heading {changed.default_classification}, "
        f"endpoint {changed.endpoint or '(none)'}"
    )


@area.command("list")
@node_option
def list_(node: str | None) -> None:
    """List the areas that the node serves."""
    enter_node(node, role=DatabaseRole.APP)
    from crinale.spine.tenancy import queries

    rows = [
        (
            one.code,
            one.body_ipa,
            one.name,
            one.registers_incoming,
            one.default_classification,
            one.endpoint or "(no endpoint)",
        )
        for one in queries.areas()
    ]
    tell_table(rows, nothing="This node serves no area: see `crinale area add --help`.")
