"""The boxes of the queue: what each is for, how much waits in it and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.spine.exchange import queries as exchange
from crinale.spine.exchange.queries import Box
from crinale.spine.identity import permissions
from crinale.spine.protocol import queries as protocol
from crinale.spine.protocol.queries import RegistrationFilter

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef

MailBox = Literal["mails", "unmatched", "troubled"]
BoxCode = Literal[Box, MailBox, "assigned_me", "assigned_office", "to_assign"]
MAIL_STATES: Final[dict[MailBox, str]] = {
    "mails": "to_register",
    "unmatched": "unmatched",
    "troubled": "troubled",
}
"""Which mails each box of mail holds."""
# What came and has no office yet, however it was registered; who may not read it cannot give it to one.
TO_ASSIGN: Final = RegistrationFilter(direction="incoming", unassigned=True, annulled=False)
_SHOWN_WHEN_FILLED: Final = frozenset({"unmatched", "troubled"})


@dataclass(frozen=True)
class _BoxText:
    title: str
    tone: str
    explanation: str
    empty_title: str
    empty_text: str


_TEXTS: Final[dict[BoxCode, _BoxText]] = {
    "assigned_me": _BoxText(
        gettext_noop("Assigned to me"),
        "wait",
        gettext_noop("They wait for you, or for somebody for whom you stand in."),
        gettext_noop("Nothing is assigned to you"),
        gettext_noop("What is assigned to you by name, to act upon or to know of, appears here."),
    ),
    "assigned_office": _BoxText(
        gettext_noop("Assigned to my office"),
        "wait",
        gettext_noop("They wait for one of your office: who takes charge of one tells the others."),
        gettext_noop("Nothing waits for your office"),
        gettext_noop("What is assigned to the office where you work appears here."),
    ),
    "mails": _BoxText(
        gettext_noop("Mail to register"),
        "wait",
        gettext_noop("Certified and ordinary mail that came without a segnatura."),
        gettext_noop("No mail to register"),
        gettext_noop("What arrives in the mailboxes of the area and needs a clerk appears here."),
    ),
    "to_register": _BoxText(
        gettext_noop("To register"),
        "wait",
        gettext_noop("They arrived from other administrations and wait for your decision."),
        gettext_noop("Nothing to register"),
        gettext_noop("Documents that arrive from other administrations and need a clerk appear here."),
    ),
    "unmatched": _BoxText(
        gettext_noop("Receipts without a message"),
        "wait",
        gettext_noop("Receipts and answers by mail that are about no message that is known here."),
        gettext_noop("Every receipt has found its message"),
        gettext_noop("A receipt whose message is not known here appears here."),
    ),
    "troubled": _BoxText(
        gettext_noop("Mail in trouble"),
        "bad",
        gettext_noop("Something went wrong here while they were examined: look at them yourself."),
        gettext_noop("No mail is in trouble"),
        gettext_noop("A mail that could not be examined appears here."),
    ),
    "to_assign": _BoxText(
        gettext_noop("To assign"),
        "wait",
        gettext_noop("They are registered, many by the system itself, and no office has them yet."),
        gettext_noop("Nothing to assign"),
        gettext_noop("What is registered on arrival and has no office yet appears here."),
    ),
    "waiting_confirmation": _BoxText(
        gettext_noop("Waiting for confirmation"),
        "plain",
        gettext_noop("You sent them; the recipient's number has not come back yet."),
        gettext_noop("No confirmation is missing"),
        gettext_noop("What you send stays here until the recipient's number comes back."),
    ),
    "refused": _BoxText(
        gettext_noop("Sent back"),
        "bad",
        gettext_noop(
            "The recipient sent them back with a reason. Take note, or send again what can be sent again."
        ),
        gettext_noop("Nobody refused anything"),
        gettext_noop("A document that a recipient refuses appears here with the reason."),
    ),
    "incidents": _BoxText(
        gettext_noop("Incidents"),
        "bad",
        gettext_noop("The other side does not answer: contact it, then try again."),
        gettext_noop("No incident is open"),
        gettext_noop(
            "When every attempt fails, or no confirmation comes within three days, you read it here."
        ),
    ),
}


@dataclass(frozen=True)
class BoxShown:
    """One box of the queue."""

    code: BoxCode
    title: str
    tone: str
    count: int
    late: int
    oldest: datetime | None
    explanation: str
    empty_title: str
    empty_text: str

    @property
    def count_text(self) -> str:
        """How many wait; beyond a thousand nobody counts on."""
        most = exchange.MOST_COUNTED
        return f"{most}+" if self.count > most else str(self.count)


@dataclass(frozen=True)
class _Size:
    count: int
    oldest: datetime | None
    late: int = 0


def boxes(*, actor: Actor, area: AreaRef) -> list[BoxShown]:
    """Return the boxes: how many wait in each, and since when."""
    sizes = _sizes(actor, area)
    return [
        BoxShown(
            code=code,
            title=_(text.title),
            tone="bad" if sizes[code].late else text.tone,
            late=sizes[code].late,
            count=sizes[code].count,
            oldest=sizes[code].oldest,
            explanation=_(text.explanation),
            empty_title=_(text.empty_title),
            empty_text=_(text.empty_text),
        )
        for code, text in _TEXTS.items()
        if code in sizes and (sizes[code].count or code not in _SHOWN_WHEN_FILLED)
    ]


def _sizes(actor: Actor, area: AreaRef) -> dict[BoxCode, _Size]:
    waiting = exchange.queue_sizes(actor=actor, area_id=area.id)
    sizes: dict[BoxCode, _Size] = {code: _Size(one.count, one.oldest) for code, one in waiting.items()}
    if permissions.allows(actor, "protocol.register_incoming", area_id=area.id):
        mails = exchange.mail_counts(actor=actor, area_id=area.id)
        for code, state in MAIL_STATES.items():
            sizes[code] = _Size(getattr(mails, state), mails.since[state])
    if permissions.allows(actor, "protocol.view", area_id=area.id):
        mine = protocol.assigned_counts(actor=actor, area_id=area.id)
        sizes["assigned_me"] = _Size(mine.me.count, mine.me.oldest, mine.me.overdue)
        if actor.offices:
            sizes["assigned_office"] = _Size(mine.office.count, mine.office.oldest, mine.office.overdue)
        unassigned = protocol.registration_count(
            actor=actor, area_id=area.id, narrowed=TO_ASSIGN, at_most=exchange.MOST_COUNTED + 1
        )
        sizes["to_assign"] = _Size(unassigned.count, unassigned.oldest)
    return sizes
