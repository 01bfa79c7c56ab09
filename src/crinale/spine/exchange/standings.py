"""The standing of a message as its row has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.spine.exchange.rules.states import Annulment, Standing, State

if TYPE_CHECKING:
    from crinale.spine.exchange.models import Message


def standing_of(message: Message) -> Standing:
    """Return the standing as the row has it: the fold of its receipts, which ``audit verify`` recomputes."""
    return Standing(
        direction="out" if message.direction == "out" else "in",
        confirmation_requested=message.confirmation_requested,
        by_mail=message.channel != "aoo",
        state=State(message.state),
        at_door=message.at_door,
        notified=message.notified,
        stuck=message.stuck,
        annulment=Annulment(message.annulment),
    )
