"""`crinale keys`: the keys and certificates of a node, and the authorities that it trusts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crinale.config.console import at_console, tell_table
from crinale.config.node_choice import node_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.x509 import CertificateRevocationList

    from crinale.config.administration.certificates import CertificateView
    from crinale.config.trust_folder import TrustFolder

USES = ("seal", "message", "tls")
KINDS = ("rsa-3072", "ec-p256")
_use = click.argument("use", type=click.Choice(USES))
_area = click.option("--area", metavar="AOO", help="Of which area; not for tls, which is the node's own.")
_RESTART = "Restart the node, so that every process takes it."
_mail = click.option(
    "--mail",
    "for_mail",
    is_flag=True,
    help="For certified mail and mail servers, instead of for other nodes.",
)


@click.group()
def keys() -> None:
    """Make keys, have them certified, install certificates, trust authorities.

    `seal` seals the segnature of an area, `message` signs its SOAP messages, `tls` is the node's own, as
    server and as client. Private keys never leave `secrets/` in the node's home.
    """


@keys.command("request")
@_use
@_area
@click.option(
    "--host", "hosts", multiple=True, metavar="NAME", help="For tls: a name or address in the node's URLs."
)
@click.option("--type", "kind", type=click.Choice(KINDS), default="rsa-3072", show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The request's file; else it is printed."
)
@node_option
def request(
    *, use: str, area: str | None, hosts: tuple[str, ...], kind: str, out: Path | None, node: str | None
) -> None:
    """Make a new key and the request (CSR) that an authority certifies; the key in use stays in use."""
    with at_console(node) as operator:
        from crinale.config.administration import certificates, finding
        from crinale.config.administration.key_files import KeyKind, KeyUse
        from crinale.config.node import NodeHome

        place, text = certificates.request(
            operator=operator,
            home=NodeHome.current(),
            use=KeyUse(use),
            kind=KeyKind(kind),
            area=finding.area(area) if area else None,
            hosts=hosts,
        )
        if out is not None:
            out.write_text(text, encoding="ascii")
    click.echo(text if out is None else f"The request is in {out}.")
    area_option = f" --area {place.area_code}" if area else ""
    click.echo(f"When the authority has answered: crinale keys install {use}{area_option} FILE", err=True)


@keys.command("install")
@_use
@_area
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--stage", is_flag=True, help="Let it wait for `keys activate`, after the hub knows it.")
@node_option
def install(*, use: str, file: Path, area: str | None, stage: bool, node: str | None) -> None:
    """Install the certificate in FILE that an authority returned, with the intermediate ones after it."""
    with at_console(node) as operator:
        from crinale.config.administration import certificates, finding
        from crinale.config.administration.key_files import KeyUse
        from crinale.config.node import NodeHome

        view, warnings = certificates.install(
            operator=operator,
            home=NodeHome.current(),
            use=KeyUse(use),
            content=file.read_bytes(),
            area=finding.area(area) if area else None,
            stage=stage,
        )
    _tell(view)
    for warning in warnings:
        click.secho(f"Warning: {warning}.", fg="yellow", err=True)
    if stage:
        click.echo("It waits. Describe it to the hub (index enrol), then: crinale keys activate")
    else:
        click.echo(_RESTART)


@keys.command("activate")
@_use
@_area
@node_option
def activate(*, use: str, area: str | None, node: str | None) -> None:
    """Put the staged certificate and its key in use."""
    with at_console(node) as operator:
        from crinale.config.administration import certificates, finding
        from crinale.config.administration.key_files import KeyUse
        from crinale.config.node import NodeHome

        view = certificates.activate(
            operator=operator,
            home=NodeHome.current(),
            use=KeyUse(use),
            area=finding.area(area) if area else None,
        )
    _tell(view)
    click.echo(_RESTART)


@keys.command("list")
@node_option
def list_(node: str | None) -> None:
    """List the keys of the node and its areas with the days to their expiry."""
    with at_console(node):
        from crinale.config.administration import certificates
        from crinale.config.node import NodeHome

        rows = [
            (one.place.name, one.state, _days(one), one.subject, f"by {one.issuer}" if one.issuer else "")
            for one in certificates.views(NodeHome.current())
        ]
    tell_table(rows, nothing="There is no key.")


@keys.group("trust")
def trust() -> None:
    """Say which authorities are believed: for TLS, messages and seals; with --mail, for certified mail."""


@trust.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_mail
@node_option
def add(file: Path, node: str | None, *, for_mail: bool) -> None:
    """Believe the root authorities in FILE; take intermediate ones, and lists of revoked certificates (CRL).

    An intermediate authority or a list is taken when its path leads to a root that is trusted. With --mail
    they vouch for providers of certified mail and for mail servers, and for nothing else; without it they
    never vouch for mail.
    """
    with at_console(node) as operator:
        from crinale.config.administration import authorities, key_files
        from crinale.config.node import NodeHome

        fresh = authorities.trust(
            operator=operator,
            home=NodeHome.current(),
            content=file.read_bytes(),
            use=authorities.TrustUse.MAIL if for_mail else authorities.TrustUse.NETWORK,
        )
        names = [key_files.common_name(one.subject) for one in fresh.authorities]
        lists = [
            f"{key_files.common_name(one.issuer)} ({len(one)} revoked)" for one in fresh.revocation_lists
        ]
    if names:
        click.echo(f"Trusted{' for mail' if for_mail else ''}: {', '.join(names)}. {_RESTART}")
    if lists:
        click.echo(
            f"Lists of revoked certificates: {', '.join(lists)}. The running node takes them by itself."
        )
    if not names and not lists:
        click.echo("They were trusted already.")


@trust.command("remove")
@click.argument("name")
@_mail
@node_option
def remove(name: str, node: str | None, *, for_mail: bool) -> None:
    """Believe the authority kept under NAME (see `trust list`) no more; or forget the list kept there."""
    with at_console(node) as operator:
        from crinale.config.administration import authorities
        from crinale.config.node import NodeHome

        gone = authorities.distrust(
            operator=operator,
            home=NodeHome.current(),
            file_name=name,
            use=authorities.TrustUse.MAIL if for_mail else authorities.TrustUse.NETWORK,
        )
    click.echo(f"Not trusted any more: {', '.join(gone)}. {_RESTART}")


@trust.command("list")
@node_option
def list_trusted(node: str | None) -> None:
    """List the authorities that are believed, and the lists of what they revoked."""
    with at_console(node):
        from crinale.config.administration.authorities import TrustUse, trust_folder
        from crinale.config.node import NodeHome
        from crinale.config.trust_folder import TrustFolder

        home = NodeHome.current()
        rows = [
            row
            for use in TrustUse
            for row in _trusted(TrustFolder.read(trust_folder(home, use)), f"for {use}")
        ]
    tell_table(rows, nothing="No authority is trusted: see `crinale keys trust add --help`.")


def _trusted(kept: TrustFolder, use: str) -> Iterator[tuple[str, ...]]:
    for kind, held in (("root", kept.roots), ("intermediate", kept.intermediates)):
        for file, one in held:
            until = f"until {one.not_valid_after_utc:%Y-%m-%d}"
            yield file.name, kind, use, until, one.subject.rfc4514_string()
    for file, revoked in kept.revocation_lists:
        yield file.name, f"{len(revoked)} revoked", use, _until(revoked), revoked.issuer.rfc4514_string()


def _tell(view: CertificateView) -> None:
    click.echo(f"{view.place.name}: {view.state}")
    click.echo(f"  subject  {view.subject}\n  issuer   {view.issuer}")
    click.echo(
        f"  valid    {view.valid_from:%Y-%m-%d %H:%M} to {view.valid_to:%Y-%m-%d %H:%M} UTC, {_days(view)}"
    )


def _until(revocation_list: CertificateRevocationList) -> str:
    until = revocation_list.next_update_utc
    return f"until {until:%Y-%m-%d}" if until else "without end"


def _days(view: CertificateView) -> str:
    days = view.days_left
    return "" if days is None else f"{days} days" if days >= 0 else "EXPIRED"
