"""Runs every check, in the order in which their remedies are to be applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crinale.config.administration.checkup import machine
from crinale.config.administration.checkup.findings import Finding, bad, good
from crinale.config.database_urls import DatabaseRole
from crinale.config.node_choice import choose_home, enter_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crinale.config.node import NodeHome

    Check = Callable[[NodeHome], Iterator[Finding]]


def examine(node: str | None) -> Iterator[Finding]:
    """Look at the machine, then, if its database answers, at what the node holds and does."""
    home = choose_home(node)
    for check in (machine.home_folder, machine.documents_folder, machine.disk, machine.clock_of_machine):
        yield from _looked_at(check, home)
    try:
        enter_node(None, role=DatabaseRole.APP)  # the chosen one is that of this process now
    except click.ClickException as error:
        yield bad("database", error.message, "start the node: systemctl start crinale, or ./crinale run")
        return
    yield good("database", "it answers")
    yield from at_work(home)


def at_work(home: NodeHome) -> Iterator[Finding]:
    """Look at what the node of this process holds and does; its database answers."""
    from crinale.config.administration.checkup import database, exchange, keys, mail, proxy, registers, work

    checks = (
        database.role,
        database.migrations,
        machine.listeners,
        proxy.callers_addresses,
        registers.areas,
        registers.people,
        registers.daily_registers,
        keys.authorities,
        keys.mail_authorities,
        keys.revocation_lists,
        keys.certificates,
        exchange.index,
        exchange.hub,
        exchange.enrolment,
        exchange.incidents,
        mail.mailboxes,
        work.workers,
        work.jobs,
        work.seals,
        work.notices,
    )
    for check in checks:
        yield from _looked_at(check, home)


def _looked_at(check: Check, home: NodeHome) -> Iterator[Finding]:
    try:
        yield from check(home)
    except Exception as error:  # noqa: BLE001
        name = check.__name__.replace("_", " ")
        yield bad(name, f"it could not be looked at: {error}", "see the logs of the node")
