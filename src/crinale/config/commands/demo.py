"""`crinale demo`: the booklet's network on this machine, and one document through all of it."""

from __future__ import annotations

import signal
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crinale.config.demo import clock as demo_clock
from crinale.config.demo import network, outside
from crinale.config.demo.homes import DemoHome, demo_home
from crinale.config.demo.mail_command import NOT_RUNNING, mail
from crinale.config.demo.sample import RESERVED, write_sample
from crinale.config.node import NodeHome
from crinale.config.outgoing_files import check_files
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.config.demo.running import DemoNetwork

RECEIPT_SECONDS = 60.0
_CLOCK = "clock"


class _RunByDefault(click.Group):
    """Runs the network unless the first word is a subcommand: `demo FILE` needs no further word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, "--help"}:
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_RunByDefault, subcommand_metavar="[--once --out DIR] [FILE]... | COMMAND")
def demo() -> None:
    """Bring up the hub and three nodes, and send a document from Massa Marittima to Sassetta.

    FILEs are the documents, the first one the primary; without any, a sample PDF is made.
    """


@demo.command("run", hidden=True)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option("--once", is_flag=True, help="Stop after the receipts; exit 0 only if they arrived.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --once: leave messages, mails, receipts, certificates and documents in this folder.",
)
def run(files: tuple[Path, ...], *, once: bool, out: Path | None) -> None:
    """Run the network; the documented face of this is `crinale demo`."""
    if out is not None and not once:
        message = "--out goes with --once."
        raise click.UsageError(message)
    check_files(files, reserved=RESERVED)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    home = demo_home()
    try:
        with home.locked(), _interrupted_by_sigterm():
            if out is not None:
                _forget_run_before(out)
            code = _run(files, once=once, out=out)
    except KeyboardInterrupt:
        click.echo("Stopped.")
        code = 130
    except CrinaleError as error:
        raise click.ClickException(str(error)) from error
    raise SystemExit(code)


def _forget_run_before(out: Path) -> None:
    """Remove what this command itself wrote there, so that no proof of another exchange stays.

    Documents stay: they have the names that their owner gave them, and may be his only copy.
    """
    for name in RESERVED:
        (out / name).unlink(missing_ok=True)


def _run(files: Sequence[Path], *, once: bool, out: Path | None) -> int:
    from crinale.config.demo.running import DemoNetwork

    begin = time.monotonic()

    def tell(text: str) -> None:
        click.echo(f"{time.monotonic() - begin:6.2f} s  {text}")

    running = DemoNetwork(demo_home())
    try:
        running.start(tell)
        code = _send(running, files, begin=begin, out=out, mail=once)
        if once:
            return code
        _tell_addresses(running)
        stopping = threading.Event()
        for line in running.watch(stopping):
            tell(line)
    except KeyboardInterrupt:
        click.echo("\nStopping ...")
        return 130 if once else 0
    finally:
        running.stop()
    return 0


def _send(running: DemoNetwork, files: Sequence[Path], *, begin: float, out: Path | None, mail: bool) -> int:
    """Send the documents from a process of the sender's node; 0 when the receipt arrived."""

    def send() -> None:
        from crinale.config.demo.telling import send_and_tell

        given = files or [_sample(running)]
        send_and_tell(
            files=given, begin=begin, seconds=RECEIPT_SECONDS, home=running.home, out=out, mail=mail
        )

    work = running.run_on(network.node_of_area(network.SENDER.aoo_code).name, send)
    stopping = threading.Event()
    while (code := work.poll()) is None:
        for line in running.look():
            click.echo(line)
        stopping.wait(0.05)
    return code


def _sample(running: DemoNetwork) -> Path:
    """Set the letter; never in the process of the network, where typst would leave threads behind."""
    folder = running.home.root / "sample"
    return write_sample(folder, sender=network.SENDER.name, recipient=network.RECIPIENT.name)


def _tell_addresses(running: DemoNetwork) -> None:
    from crinale.config.demo.passwords import passwords

    words = passwords(running.home.secrets / "passwords.json")
    click.echo("\nSign in to any of the nodes; every body can write to every other.\n")
    for plan in network.NODES:
        click.echo(f"  {plan.title}: {running.pages_url(plan.name)}")
        for body in plan.bodies:
            click.echo(f"      {body.clerk_username:22} {words[body.clerk_username]}  {body.name}")
        if helped := network.bodies_of_union_clerk(plan):
            names = ", ".join(body.name for body in helped)
            word = words[network.UNION_CLERK_USERNAME]
            click.echo(f"      {network.UNION_CLERK_USERNAME:22} {word}  {names}")
    box, writer = network.SENDER.mail, outside.CONSORTIUM.address
    click.echo(
        "\nCertified mail is there too, in a folder of this machine: `./crinale demo mail` lists it. Try:"
    )
    click.echo(
        f'  ./crinale demo mail send --from {writer} --to {box} --subject "Una prova" --segnatura FILE'
    )
    click.echo(f"\nFor programs: {running.home.endpoints}\nCtrl-C stops everything.")


class _interrupted_by_sigterm:  # noqa: N801  reads as what it does
    """Let SIGTERM end the block as Ctrl-C does, so that everything is stopped in its order."""

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGTERM, signal.default_int_handler)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._before)


demo.add_command(mail)


@demo.command(_CLOCK)
@click.argument("instant")
def move_clock(instant: str) -> None:
    """Move the clock of the running demonstration forward to INSTANT, as in 2026-12-01T09:00:00+01:00.

    Retries, incidents and the next day's daily register follow. The clock never goes back.
    """
    here = NodeHome.current()
    home = DemoHome(here.root.parent) if "demonstration" in here.settings() else demo_home()
    if not home.is_running:
        message = NOT_RUNNING
        if here.settings_file.is_file() and "demonstration" not in here.settings():
            message = f"{here.root} is not a demonstration: its clock is that of the machine, and stays so."
        raise click.ClickException(message)
    try:
        wished = datetime.fromisoformat(instant)
        moved = demo_clock.move(home.clock, wished)
    except ValueError as error:
        message = f"{instant!r} is not an instant; write it as 2026-12-01T09:00:00+01:00."
        raise click.ClickException(message) from error
    except CrinaleError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"The demonstration's clock stands at {moved.isoformat(timespec='seconds')} and goes on from there."
    )


@demo.command()
@click.argument("node")
def down(node: str) -> None:
    """Take a node of the running demonstration down, to see what the others do."""
    _mark(node).touch()
    click.echo(f"{node} goes down; `crinale demo up {node}` brings it back.")


@demo.command()
@click.argument("node")
def up(node: str) -> None:
    """Bring a node of the running demonstration back."""
    _mark(node).unlink(missing_ok=True)
    click.echo(f"{node} comes back.")


def _mark(node: str) -> Path:
    home = demo_home()
    if not home.is_running:
        raise click.ClickException(NOT_RUNNING)
    if node not in {plan.name for plan in network.NODES}:
        message = (
            f"The demonstration has no node {node}: it has {', '.join(plan.name for plan in network.NODES)}."
        )
        raise click.ClickException(message)
    return home.down_mark(node)
