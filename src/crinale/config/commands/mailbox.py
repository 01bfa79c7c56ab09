"""`crinale mailbox`: the certified and ordinary mailboxes of the registry areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crinale.config.console import ask_password, at_console, mistakes_told, tell_table
from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import enter_node, node_option

if TYPE_CHECKING:
    from collections.abc import Callable

SECURITY = click.Choice(("tls", "starttls", "none"))
WRITES = click.Choice(("60/2013", "2001/2009", "appendix_c", "none"))
AFTER = click.Choice(("keep", "move", "delete"))
_SHARED = (
    click.option("--user", "user_name", help="The name to sign in with; the address if it is not given."),
    click.option("--folder", help="The folder that is read; INBOX if it is not given."),
    click.option("--after-storing", type=AFTER, help="What is done on the server to what is stored here."),
    click.option("--stored-folder", help="Where `--after-storing move` moves to; Crinale if not given."),
    click.option("--writes", type=WRITES, help="The segnatura that goes with its mail to administrations."),
    click.option("--imap-port", type=int, help="993 if it is not given."),
    click.option("--imap-security", type=SECURITY, help="tls if it is not given."),
    click.option("--smtp-port", type=int, help="465 if it is not given."),
    click.option("--smtp-security", type=SECURITY, help="tls if it is not given."),
)


def _settings(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_SHARED):
        command = option(command)
    return command


def _given(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


@click.group()
def mailbox() -> None:
    """Give areas mailboxes, certified (PEC) or ordinary; check, change, list and close them."""


@mailbox.command("add")
@click.argument("address")
@click.option("--area", required=True, metavar="AOO", help="The area that it belongs to.")
@click.option("--certified/--ordinary", default=True, show_default=True, help="Whether it is a PEC mailbox.")
@click.option("--imap", "imap_host", required=True, metavar="HOST", help="The server that it is read from.")
@click.option("--smtp", "smtp_host", required=True, metavar="HOST", help="The server that it sends with.")
@_settings
@node_option
def add(*, address: str, area: str, node: str | None, **settings: Any) -> None:
    """Add the mailbox ADDRESS; its password is asked, or read from the first line of a pipe."""
    password = ask_password(address)
    with at_console(node) as operator:
        from crinale.config.administration import finding, mailboxes

        whose = finding.area(area)
        mailboxes.add_mailbox(
            operator=operator, area=whose, address=address, password=password, **_given(settings)
        )
    click.echo(f"Added {address} of {whose.code}. Next: crinale mailbox check {address}")


@mailbox.command("set")
@click.argument("address")
@click.option("--imap", "imap_host", metavar="HOST", help="The server that it is read from.")
@click.option("--smtp", "smtp_host", metavar="HOST", help="The server that it sends with.")
@_settings
@node_option
def set_(*, address: str, node: str | None, **settings: Any) -> None:
    """Change how a mailbox is reached or used."""
    with at_console(node) as operator:
        from crinale.config.administration import mailboxes

        mailboxes.change_mailbox(operator=operator, address=address, **_given(settings))
    click.echo(f"{address} is changed.")


@mailbox.command("password")
@click.argument("address")
@node_option
def password(address: str, node: str | None) -> None:
    """Give a mailbox the password that its provider knows."""
    chosen = ask_password(address)
    with at_console(node) as operator:
        from crinale.config.administration import mailboxes

        mailboxes.keep_password(mailboxes.find(operator, address).view.address, chosen)
    click.echo(f"{address} has another password.")


@mailbox.command("check")
@click.argument("address")
@node_option
def check(address: str, node: str | None) -> None:
    """Sign in to both servers of a mailbox and leave."""
    enter_node(node, role=DatabaseRole.APP)
    from crinale.config.administration import mailboxes
    from crinale.config.administration.operators import Operator

    with mistakes_told():  # no transaction: servers are slow
        mailboxes.check_mailbox(operator=Operator.at_console(), address=address)
    click.echo(f"{address}: both servers let it in.")


@mailbox.command("close")
@click.argument("address")
@node_option
def close(address: str, node: str | None) -> None:
    """Read and send with a mailbox no more; what came stays."""
    with at_console(node) as operator:
        from crinale.config.administration import mailboxes

        mailboxes.close_mailbox(operator=operator, address=address)
    click.echo(f"{address} is closed, and its password is removed from this node.")


@mailbox.command("writes")
@click.argument("whom")
@click.argument("edition", type=click.Choice(("60/2013", "2001/2009", "appendix_c", "none", "default")))
@click.option("--area", required=True, metavar="AOO", help="An area of the body whose mail it is.")
@node_option
def writes(*, whom: str, edition: str, area: str, node: str | None) -> None:
    """Say which segnatura goes to WHOM: an address, a domain, or the code of an area."""
    with at_console(node) as operator:
        from crinale.config.administration import finding, mailboxes

        mailboxes.set_habit(
            operator=operator,
            area=finding.area(area),
            value=whom,
            writes="" if edition == "default" else edition,
        )
    click.echo(f"{whom}: segnatura {edition}.")


@mailbox.command("list")
@node_option
def list_(node: str | None) -> None:
    """List the mailboxes, and how they fare."""
    enter_node(node, role=DatabaseRole.APP)
    from crinale.config.administration import mailboxes
    from crinale.config.administration.operators import Operator

    rows = [
        (
            one.view.address,
            one.area.code,
            "certified" if one.view.certified else "ordinary",
            one.view.imap_host,
            one.view.smtp_host,
            one.view.writes,
            _faring(one.view.active, one.view.last_error, str(one.view.checked_at or "")),
        )
        for one in mailboxes.known(Operator.at_console())
    ]
    tell_table(rows, nothing="No area has a mailbox: see `crinale mailbox add --help`.")


def _faring(active: bool, error: str, checked: str) -> str:  # noqa: FBT001
    if not active:
        return "closed"
    return error or (f"read {checked[:16]} UTC" if checked else "not read yet")
