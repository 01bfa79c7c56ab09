"""`crinale demo mail`: play the people outside who write to the demonstration's bodies by mail."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crinale.config.console import mistakes_told, tell_table
from crinale.config.database_urls import DatabaseRole
from crinale.config.demo import network
from crinale.config.demo.homes import demo_home
from crinale.config.node_choice import enter_node
from crinale.config.outgoing_files import check_files

if TYPE_CHECKING:
    from crinale.config.demo.homes import DemoHome
    from crinale.config.demo.post_office import Letter

NOT_RUNNING = "The demonstration network is not running; start it with `./crinale demo`."


@click.group("mail", invoke_without_command=True)
@click.pass_context
def mail(context: click.Context) -> None:
    """List the mailboxes of the demonstration; write from those outside, and read any.

    All of it stays on this machine: the provider of certified mail is a folder.
    """
    if context.invoked_subcommand is not None:
        return
    from crinale.config.demo import outside

    rows = [(body.mail, "certified", f"{body.name} ({body.aoo_code})") for body in network.bodies()]
    rows += [
        (one.address, "certified" if one.certified else "ordinary", f"{one.name}, outside")
        for one in outside.CORRESPONDENTS
    ]
    tell_table(rows, nothing="")


@mail.command("send")
@click.option("--from", "sender", required=True, metavar="ADDRESS", help="A mailbox of somebody outside.")
@click.option("--to", "recipient", required=True, metavar="ADDRESS", help="Whom the mail goes to.")
@click.option("--subject", required=True, metavar="TEXT", help="Its subject.")
@click.option("--text", default="", help="What it says; its subject if not given.")
@click.option("--segnatura", is_flag=True, help="With a Segnatura.xml, as protocol software sends it.")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
def send(
    files: tuple[Path, ...], *, sender: str, recipient: str, subject: str, text: str, segnatura: bool
) -> None:
    """Send a mail with FILEs to a body, as somebody outside would."""
    check_files(files, reserved={"Segnatura.xml"})
    home = _enter()
    from crinale.config.demo import post_office

    with mistakes_told():
        given = post_office.Submission(
            sender=sender.strip().lower(),
            recipient=recipient.strip().lower(),
            subject=subject,
            files=files,
            text=text,
            segnatura=segnatura,
        )
        message_id = post_office.submit(home, given)
    click.echo(f"Handed to the provider as <{message_id}>.")
    click.echo(f"What comes back: crinale demo mail read {given.sender}")


@mail.command("read")
@click.argument("address")
@click.argument("number", type=int, required=False)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Keep the whole mail in this file (.eml)."
)
def read(address: str, number: int | None, *, out: Path | None) -> None:
    """List what lies in the mailbox ADDRESS; with NUMBER, show that mail."""
    if out is not None and number is None:
        message = "--out goes with the NUMBER of a mail."
        raise click.UsageError(message)
    home = _enter()
    from crinale.config.demo import post_office

    with mistakes_told():
        found = post_office.letters(home, address)
    if number is None:
        tell_table([_line(one) for one in found], nothing="The mailbox is empty.")
        return
    chosen = next((one for one in found if one.number == number), None)
    if chosen is None:
        message = f"There is no mail {number} in {address}."
        raise click.ClickException(message)
    _show(chosen)
    if out is not None:
        shutil.copyfile(chosen.file, out)


def _line(letter: Letter) -> tuple[str, ...]:
    read = letter.read
    return str(letter.number), read.kind, read.sender_address, read.subject


def _show(letter: Letter) -> None:
    read = letter.read
    signed = read.signature is not None and read.signature.trusted
    click.echo(f"{read.kind}{', signed by the provider' if signed else ''}")
    click.echo(f"From:    {read.sender_address}\nTo:      {', '.join(read.recipients)}")
    click.echo(f"Subject: {read.subject}")
    if read.text.strip():
        click.echo(f"\n{read.text.strip()}")
    for file in read.files:
        click.echo(f"\nFile: {file.path} ({file.size} bytes)")
    if read.protocol_answer is not None:
        name, xml = read.protocol_answer
        click.echo(f"\n{name}:\n{xml.decode(errors='replace').strip()}")


def _enter() -> DemoHome:
    """Take the settings of a node of the network, whose clock is that of the demonstration."""
    home = demo_home()
    if not home.is_running:
        raise click.ClickException(NOT_RUNNING)
    enter_node(network.node_of_area(network.SENDER.aoo_code).name, role=DatabaseRole.APP)
    return home
