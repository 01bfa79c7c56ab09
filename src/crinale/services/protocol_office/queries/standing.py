"""Where a registration stands as a whole, and the one next action, from the messages that carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crinale.services.protocol_office.queries.journeys import state_words
from crinale.services.protocol_office.queries.queue import detail_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.exchange.queries import MessageRow
    from crinale.spine.protocol.queries import RegistrationView

_WORST_FIRST = (
    "failed",
    "refused",
    "sending",
    "composed",
    "sealed",
    "accepted",
    "to_register",
    "withdrawn",
    "delivered",
    "registered",
)


@dataclass(frozen=True)
class Standing:
    """State and next action."""

    tone: str
    label: str
    title: str
    text: str
    action: str = ""
    action_url: str = ""
    action_post: bool = True


def standing_of(one: RegistrationView, messages: Sequence[MessageRow], *, may_send: bool) -> Standing:
    """Return where a registration stands; the message that needs most comes first."""
    if one.annulment:
        return Standing(
            "bad", _("Annulled"), _("It is annulled"), _("It stays readable and has no effect any more.")
        )
    if not messages:
        return _without_exchange(one)
    worst = min(messages, key=_rank)
    if worst.direction == "in":
        waits = _("The sender has your number.") if not worst.errand else ""
        return Standing(
            "good",
            _("Registered"),
            _("It is registered"),
            waits or _("Your number is on its way to the sender."),
        )
    return _sent(worst, messages, may_send=may_send)


def _sent(worst: MessageRow, messages: Sequence[MessageRow], *, may_send: bool) -> Standing:
    tone, label = state_words(worst.state, direction="out")
    why = f"{worst.counterpart_name}: {detail_words(worst)}"
    if worst.state == "refused":
        return _refused(worst, label, may_send=may_send)
    if worst.state == "failed":
        title = _("It could not be delivered to %(name)s") % {"name": worst.counterpart_name}
        return Standing(tone, label, title, detail_words(worst), *_retry(worst, may_send=may_send))
    if worst.state == "sending":
        title = _("The system will try again by itself")
        return Standing(tone, label, title, why, *_retry(worst, may_send=may_send))
    if worst.state in ("registered", "delivered"):
        return Standing(tone, label, _("Nothing to do"), _("Every recipient has received it."))
    return _on_its_way(messages, tone, label)


def _rank(row: MessageRow) -> int:
    return len(_WORST_FIRST) if row.noted else _WORST_FIRST.index(row.state)


def _retry(row: MessageRow, *, may_send: bool) -> tuple[str, str]:
    if not may_send:
        return "", ""
    return _("Try again now"), reverse("protocol_office:retry", args=[row.id])


def _refused(row: MessageRow, label: str, *, may_send: bool) -> Standing:
    title = _("%(name)s refused it") % {"name": row.counterpart_name}
    if row.noted or not may_send:
        return Standing("plain" if row.noted else "bad", label, title, detail_words(row))
    if row.can_retry:
        return Standing("bad", label, title, detail_words(row), *_retry(row, may_send=may_send))
    noted = reverse("protocol_office:noted", args=[row.id])
    return Standing("bad", label, title, detail_words(row), _("I have taken note"), noted)


def _on_its_way(messages: Sequence[MessageRow], tone: str, label: str) -> Standing:
    open_ones = sum(row.state not in ("registered", "delivered", "withdrawn") for row in messages)
    waits = ngettext(
        "%(n)d recipient has not given its number yet.",
        "%(n)d recipients have not given their number yet.",
        open_ones,
    )
    return Standing(tone, label, _("It is on its way"), waits % {"n": open_ones})


def _without_exchange(one: RegistrationView) -> Standing:
    if one.direction == "outgoing":
        return Standing(
            "plain",
            _("Registered"),
            _("Deliver it"),
            _("No recipient is reached by the exchange: send it by certified mail or post."),
        )
    if not one.assignments:
        return Standing(
            "wait",
            _("Registered"),
            _("Give it to an office"),
            _("It is registered; nobody is in charge of it yet."),
            _("Assign"),
            reverse("protocol_office:assign", args=[one.id]),
            action_post=False,
        )
    office = one.assignments[-1].office_name
    return Standing(
        "good", _("Registered"), _("Nothing to do"), _("It is with %(office)s.") % {"office": office}
    )
