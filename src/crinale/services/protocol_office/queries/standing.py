"""Where a registration stands as a whole, and the one next action, from the messages that carry it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crinale.services.protocol_office.queries.handling import charge_words
from crinale.services.protocol_office.queries.journeys import failure_words, message_words
from crinale.services.protocol_office.queries.queue import detail_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crinale.spine.exchange.queries import MessageRow
    from crinale.spine.protocol.queries import RegistrationView

_WORST_FIRST = (
    "failed",
    "refused",
    "sending",
    "composed",
    "sealed",
    "handed_over",
    "taken",
    "accepted",
    "to_register",
    "withdrawn",
    "sent",
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


def standing_of(
    one: RegistrationView, messages: Sequence[MessageRow], *, may_send: bool, may_assign: bool
) -> Standing:
    """Return where a registration stands; the message that needs most comes first."""
    if one.annulment:
        return _annulled(messages, may_send=may_send)
    if not messages:
        return _without_exchange(one, may_assign=may_assign)
    worst = min(messages, key=_rank)
    if worst.direction == "in":
        return _received(one, worst, may_send=may_send, may_assign=may_assign)
    return _with_the_others(one, messages, _sent(worst, messages, may_send=may_send))


def _annulled(messages: Sequence[MessageRow], *, may_send: bool) -> Standing:
    text = _("It stays readable and has no effect any more.")
    untold = [row for row in messages if row.stuck and row.owed]
    if not untold:
        return Standing("bad", _("Annulled"), _("It is annulled"), text)
    names = _names(row.counterpart_name for row in untold)
    told = _("%(names)s could not be told: every attempt failed.") % {"names": names}
    return Standing(
        "bad", _("Annulled"), _("It is annulled"), f"{text} {told}", *_retry(untold[0], may_send=may_send)
    )


def _received(one: RegistrationView, row: MessageRow, *, may_send: bool, may_assign: bool) -> Standing:
    if row.stuck and row.owed:
        title = _("%(name)s does not know your number") % {"name": row.counterpart_name}
        words = failure_words(row.failure, row.reason).rstrip(".")
        text = _("Every attempt to tell it failed: %(why)s.") % {"why": words}
        return Standing(*message_words(row), title, text, *_retry(row, may_send=may_send))
    if row.notified:
        known = _("The sender has your number.")
    elif row.owed:
        known = _("Your number is on its way to the sender.")
    else:
        known = _("The sender did not ask for your number.")
    if not one.in_charge:
        return _to_assign(one, known, may_assign=may_assign)
    return Standing("good", _("Registered"), _("It is registered"), f"{_with_office(one)} {known}")


def _sent(worst: MessageRow, messages: Sequence[MessageRow], *, may_send: bool) -> Standing:
    tone, label = message_words(worst)
    why = f"{worst.counterpart_name}: {detail_words(worst)}"
    if worst.state == "refused":
        return _refused(worst, label, may_send=may_send)
    if worst.state == "failed":
        title = _("It could not be delivered to %(name)s") % {"name": worst.counterpart_name}
        return Standing(tone, label, title, detail_words(worst), *_retry(worst, may_send=may_send))
    if worst.state == "sending":
        title = _("The system will try again by itself")
        return Standing(tone, label, title, why, *_retry(worst, may_send=may_send))
    if worst.state == "sent":
        return Standing(tone, label, _("Nothing to do"), detail_words(worst))
    if worst.state in ("registered", "delivered"):
        return Standing(tone, label, _("Nothing to do"), _arrived(messages))
    return _on_its_way(messages, tone, label)


def _arrived(messages: Sequence[MessageRow]) -> str:
    refused = [row.counterpart_name for row in messages if row.state == "refused"]
    if not refused:
        return _("Every recipient has received it.")
    return _("%(names)s refused it; every other recipient has received it.") % {"names": _names(refused)}


def _with_the_others(one: RegistrationView, messages: Sequence[MessageRow], found: Standing) -> Standing:
    """Add the recipients that no message goes to: people, and areas that the exchange does not reach."""
    reached = {name for row in messages for name in (row.counterpart_aoo, row.address) if name}
    others = [
        party.name
        for party in one.recipients
        if not reached & {party.data.aoo_code, party.data.email.strip().lower()}
    ]
    if not others:
        return found
    words = _("The exchange does not reach %(names)s: send it by certified mail or post.") % {
        "names": _names(others)
    }
    if found.tone == "good":
        title = _("Deliver it to the other recipients")
        return replace(found, tone="wait", label=_("Registered"), title=title, text=words)
    return replace(found, text=f"{found.text} {words}")


def _names(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _rank(row: MessageRow) -> int:
    return len(_WORST_FIRST) if row.noted else _WORST_FIRST.index(row.state)


def _retry(row: MessageRow, *, may_send: bool) -> tuple[str, str]:
    if not may_send or not row.can_retry:
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
    open_ones = sum(row.state not in ("registered", "delivered", "withdrawn", "sent") for row in messages)
    waits = ngettext(
        "%(n)d recipient has not given its number yet.",
        "%(n)d recipients have not given their number yet.",
        open_ones,
    )
    return Standing(tone, label, _("It is on its way"), waits % {"n": open_ones})


def _without_exchange(one: RegistrationView, *, may_assign: bool) -> Standing:
    if one.direction == "outgoing":
        return Standing(
            "plain",
            _("Registered"),
            _("Deliver it"),
            _("No recipient is reached by the exchange: send it by certified mail or post."),
        )
    if not one.in_charge:
        return _to_assign(one, "", may_assign=may_assign)
    title = _("Nothing to do") if one.in_charge.state == "done" else _("It is registered")
    return Standing("good", _("Registered"), title, _with_office(one))


def _to_assign(one: RegistrationView, known: str, *, may_assign: bool) -> Standing:
    text = _("It is registered; nobody is in charge of it yet.")
    return Standing(
        "wait",
        _("Registered"),
        _("Give it to an office"),
        f"{text} {known}".rstrip(),
        _("Assign") if may_assign else "",
        reverse("protocol_office:assign", args=[one.id]) if may_assign else "",
        action_post=False,
    )


def _with_office(one: RegistrationView) -> str:
    return _("It is with %(office)s.") % {"office": charge_words(one)}
