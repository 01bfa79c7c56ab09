"""Sends the demonstration's document and tells the newcomer each step, in a process of the sender's node."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from crinale.config.demo import certified, journey, network, sample
from crinale.config.demo.collect import collect
from crinale.config.node import NodeHome
from crinale.config.node_keys import NodeKeys
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crinale.config.demo.homes import DemoHome
    from crinale.spine.exchange.queries import MessageRow


def send_and_tell(
    *, files: Sequence[Path], begin: float, seconds: float, home: DemoHome, out: Path | None, mail: bool
) -> None:
    """Send the files to Sassetta; ends the process with 0 only if the receipt arrived.

    With ``mail`` a body outside writes to the town meanwhile by certified mail, and its confirmation must
    arrive too.
    """

    def tell(text: str) -> None:
        click.echo(f"{time.monotonic() - begin:6.2f} s  {text}")

    actor = journey.actor_named(network.SENDER.clerk_username)
    try:
        sent = journey.register_and_send(
            actor=actor,
            from_code=network.SENDER.aoo_code,
            to_codes=[network.RECIPIENT.aoo_code],
            subject=sample.SUBJECT
            if files[0].name == sample.FILE_NAME
            else f"Trasmissione di {files[0].name}",
            classification=sample.CLASSIFICATION,
            files=files,
        )
    except CrinaleError as error:
        click.echo(f"The document could not be registered: {error}", err=True)
        raise SystemExit(1) from error
    number = sent.registration.identifier
    tell(f"registered in {network.SENDER.name} with number {number.number_text}, segnatura sealed")
    # after the document, whose number is the first of a fresh register
    mailed = certified.write(home) if mail else ""
    messages = journey.follow(
        sent, actor=actor, seconds=seconds, tell=lambda step: tell(f"+{step.after_ms} ms: {step.text}")
    )
    if not messages:
        click.echo("The index lists no address for the recipient; nothing was sent.", err=True)
        raise SystemExit(1)
    message = messages[0]
    if out is not None:
        seal_certificate, _ = NodeKeys(NodeHome.current().secrets).seal(network.SENDER.aoo_code)
        collect(
            sent,
            message,
            actor=actor,
            seal_certificate=seal_certificate,
            authority=home.authority_certificate,
            folder=out,
        )
    _conclude(sent, message)
    if mail:
        _follow_mail(home, mailed, seconds=seconds, tell=tell, out=out)


def _follow_mail(
    home: DemoHome, message_id: str, *, seconds: float, tell: Callable[[str], None], out: Path | None
) -> None:
    click.echo()
    confirmed = certified.follow(home, message_id, seconds=seconds, tell=tell)
    if confirmed is None:
        click.echo("No confirmation came back by certified mail.", err=True)
        raise SystemExit(1)
    if out is not None:
        certified.collect(home, confirmed, folder=out)
    number = confirmed.number
    click.echo(
        f"\n  {certified.WRITER.name}: its certified mail is protocol {number.number_text} of"
        f" {number.date:%d/%m/%Y} in {network.SENDER.name} ({number.aoo_code})"
    )


def _conclude(sent: journey.Sent, message: MessageRow) -> None:
    if message.state != "registered" or message.recipient_identifier is None:
        click.echo(f"No receipt: the message is {message.state}.", err=True)
        raise SystemExit(1)
    ours, theirs = sent.registration.identifier, message.recipient_identifier
    click.echo(
        f"\n  {network.SENDER.name}: protocol {ours.number_text} of {ours.date:%d/%m/%Y} ({ours.aoo_code})"
        f"\n  {network.RECIPIENT.name}: protocol {theirs.number_text} of {theirs.date:%d/%m/%Y}"
        f" ({theirs.aoo_code})"
    )
