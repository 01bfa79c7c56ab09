"""The mailboxes of the areas of a node; their passwords are files of the node, one per address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crinale.config.node import NodeHome, replace_file
from crinale.config.node_keys import NodeKeys
from crinale.kernel.errors import Conflict, Invalid
from crinale.spine import tenancy
from crinale.spine.exchange import actions, queries
from crinale.spine.tenancy import queries as tenancy_queries

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.config.administration.operators import Operator
    from crinale.spine.exchange.queries import MailboxView
    from crinale.spine.tenancy.queries import AreaRef


@dataclass(frozen=True, slots=True)
class KnownMailbox:
    """A mailbox with the area that it belongs to."""

    area: AreaRef
    view: MailboxView


def add_mailbox(*, operator: Operator, area: AreaRef, address: str, password: str, **settings: Any) -> None:
    """Give an area a mailbox and keep its password.

    :raises Invalid: naming what is not well formed, or the address that is taken.
    """
    if any(one.view.address == address.strip().lower() for one in known(operator)):
        raise Invalid("address", f"{address} is a mailbox of this node already: see `crinale mailbox list`")
    with tenancy.scope(area.body_id):
        try:
            actions.create_mailbox(actor=operator.actor, area_id=area.id, address=address, **settings)
        except Conflict as conflict:
            raise Invalid("address", str(conflict)) from conflict
    keep_password(address, password)


def change_mailbox(*, operator: Operator, address: str, **changes: Any) -> None:
    """Change how a mailbox is reached or used.

    :raises Invalid: when nothing is to change, or to something that is not well formed.
    """
    box = find(operator, address)
    if not changes:
        raise Invalid("address", "say what is to change: see `crinale mailbox set --help`")
    with tenancy.scope(box.area.body_id):
        actions.change_mailbox(actor=operator.actor, mailbox_id=box.view.id, **changes)


def close_mailbox(*, operator: Operator, address: str) -> None:
    """Read and send with a mailbox no more; its password is removed, its mails stay.

    :raises Invalid: when there is none with this address.
    """
    box = find(operator, address)
    with tenancy.scope(box.area.body_id):
        actions.close_mailbox(actor=operator.actor, mailbox_id=box.view.id)
    _password_file(box.view.address).unlink(missing_ok=True)


def check_mailbox(*, operator: Operator, address: str) -> None:
    """Sign in to both servers of a mailbox.

    :raises MailFailure: when it does not work.
    """
    box = find(operator, address)
    with tenancy.scope(box.area.body_id):
        actions.check_mailbox(actor=operator.actor, mailbox_id=box.view.id)


def set_habit(*, operator: Operator, area: AreaRef, value: str, writes: str) -> None:
    """Say which segnatura goes to an address, a domain or the code of an area, from the body of an area."""
    kind = "address" if "@" in value else "domain" if "." in value else "area"
    with tenancy.scope(area.body_id):
        actions.set_mail_habit(actor=operator.actor, kind=kind, value=value, writes=writes)


def known(operator: Operator) -> list[KnownMailbox]:
    """Return every mailbox of the node, by area."""
    found = []
    for area in tenancy_queries.areas():
        with tenancy.scope(area.body_id):
            found += [
                KnownMailbox(area, one) for one in queries.mailboxes(actor=operator.actor, area_id=area.id)
            ]
    return found


def find(operator: Operator, address: str) -> KnownMailbox:
    """Return the mailbox with an address.

    :raises Invalid: when there is none.
    """
    boxes = known(operator)
    for one in boxes:
        if one.view.address == address.strip().lower():
            return one
    names = ", ".join(one.view.address for one in boxes)
    here = f"there is {names}" if names else "there is none yet, see `crinale mailbox add --help`"
    raise Invalid("address", f"no mailbox {address} is known here: {here}")


def keep_password(address: str, password: str) -> None:
    """Keep the password of a mailbox, readable by the node's user only."""
    file = _password_file(address)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(file, password + "\n")


def _password_file(address: str) -> Path:
    return NodeKeys(NodeHome.current().secrets).root / "mail" / address.strip().lower()
