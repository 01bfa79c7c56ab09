"""What was corrected of a registration, and the values that may still be (DPR 445/2000 art. 53 and 54)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.queries.channels import channel_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.protocol.queries import CorrectionView, RegistrationView
    from crinale.spine.protocol.views import EnclosureView, PartyView

PARTIES_TOGETHER: Final = 3  # whose contacts are on one page; another one is named in the address
_DOCUMENTS_TOGETHER: Final = 20
CONTACTS: Final = {
    "email": gettext_noop("E-mail"),
    "phone": gettext_noop("Telephone"),
    "postal_address": gettext_noop("Postal address"),
}
_OWN: Final = {
    "channel": gettext_noop("Channel"),
    "arrived_at": gettext_noop("When it arrived"),
    "received_number": gettext_noop("Sender's protocol number"),
    "received_date": gettext_noop("Date of the document"),
}


@dataclass(frozen=True)
class CorrectionShown:
    """One correction: both values, why, by whom, when."""

    what: str
    before: str
    after: str
    view: CorrectionView


@dataclass(frozen=True)
class Value:
    """A value that may be corrected: its path, its name, what it is now."""

    path: str
    label: str
    now: str | date | datetime | None
    group: str = ""


def corrections_shown(one: RegistrationView) -> list[CorrectionShown]:
    """Return the corrections of a registration, the newest first."""
    return [
        CorrectionShown(
            _name_of(one, view.field), _said(view.field, view.before), _said(view.field, view.after), view
        )
        for view in reversed(one.corrections)
    ]


def correctable_values(one: RegistrationView, *, party: str = "") -> list[Value]:
    """Return what may be corrected; ``party`` is one of many, such as ``recipients.37``.

    :raises NotVisible: when there is no such party.
    """
    if party:
        role, _dot, place = party.partition(".")
        chosen = {"senders": one.senders, "recipients": one.recipients}.get(role, ())
        if not place.isdecimal() or len(place) > len("99999") or int(place) >= len(chosen):
            raise NotVisible
        return _contacts(role, chosen, range(int(place), int(place) + 1))
    label = {name: _(word) for name, word in _OWN.items()}
    found = [Value("channel", label["channel"], one.channel)]
    if one.direction == "incoming":
        received = one.received
        found += [
            Value("arrived_at", label["arrived_at"], one.arrived_at),
            Value("received_number", label["received_number"], received.number if received else ""),
            Value("received_date", label["received_date"], received.date if received else None),
        ]
    for number, document in enumerate(one.documents[:_DOCUMENTS_TOGETHER]):
        found.append(
            Value(
                f"documents.{number}.description",
                _("Description of %(name)s") % {"name": document.file_name},
                document.description,
                _("Documents"),
            )
        )
    for role, parties in (("senders", one.senders), ("recipients", one.recipients)):
        found += _contacts(role, parties, range(min(len(parties), PARTIES_TOGETHER)))
    return found


def _contacts(role: str, parties: Sequence[PartyView], places: range) -> list[Value]:
    return [
        Value(f"{role}.{place}.{name}", _(words), getattr(parties[place].data, name), parties[place].name)
        for place in places
        for name, words in CONTACTS.items()
    ]


def _name_of(one: RegistrationView, path: str) -> str:
    if path in _OWN:
        return _(_OWN[path])
    part, place, name = path.split(".")
    if part == "documents":
        documents: Sequence[EnclosureView] = one.documents
        return _("Description of %(name)s") % {"name": documents[int(place)].file_name}
    parties = one.senders if part == "senders" else one.recipients
    return f"{_(CONTACTS[name])} · {parties[int(place)].name}"


def _said(path: str, value: str) -> str:
    if not value:
        return _("(nothing)")
    if path == "channel":
        return channel_words(value)
    if path == "arrived_at":
        return f"{datetime.fromisoformat(value).astimezone(clock.ROME):%d/%m/%Y %H:%M}"
    if path == "received_date":
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return value
