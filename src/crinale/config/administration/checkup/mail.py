"""Mail: mailboxes that cannot be read, or that nobody reads."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from crinale.config.administration.checkup.findings import Finding, bad, good, warning
from crinale.config.administration.mailboxes import known
from crinale.config.administration.operators import Operator
from crinale.config.node_keys import NodeKeys
from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.config.node import NodeHome
    from crinale.spine.exchange.queries import MailboxView

_UNREAD: Final = timedelta(hours=1)


def mailboxes(home: NodeHome) -> Iterator[Finding]:
    """Every mailbox is read, and has its password."""
    keys = NodeKeys(home.secrets)
    for one in known(Operator.at_console()):
        if one.view.active:
            yield _looked_at(one.view, keys)


def _looked_at(box: MailboxView, keys: NodeKeys) -> Finding:
    subject, again = f"mailbox {box.address}", f"crinale mailbox check {box.address}"
    if keys.mail_password(box.address) is None:
        return bad(subject, "this node has no password for it", f"crinale mailbox password {box.address}")
    if box.failing_since:
        seen = f"failing since {box.failing_since:%Y-%m-%d %H:%M} UTC: {box.last_error}"
        late = clock.now() - box.failing_since >= _UNREAD
        return bad(subject, seen, again) if late else warning(subject, seen, again)
    if clock.now() - (box.checked_at or box.created_at) >= _UNREAD:
        return bad(subject, "nobody read it for an hour", "see that the worker runs; then " + again)
    return good(subject, "read, and its servers answer")
