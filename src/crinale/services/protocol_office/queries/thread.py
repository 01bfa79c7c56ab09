"""What a registration belongs to: its links, and the thread that they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.spine.protocol import queries as protocol

if TYPE_CHECKING:
    from crinale.services.protocol_office.queries.choosing import Options
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import LinkView, RegistrationRow, RegistrationView

_SHOWN: Final = 40
_WORDS: Final = {
    "reply": (gettext_noop("Answers"), gettext_noop("Answered by")),
    "previous": (gettext_noop("Follows"), gettext_noop("Followed by")),
    "related": (gettext_noop("Belongs together with"), gettext_noop("Belongs together with")),
    "integration": (gettext_noop("Completes"), gettext_noop("Completed by")),
    "resent": (gettext_noop("Repeats the sending of"), gettext_noop("Sent again as")),
}


@dataclass(frozen=True)
class Place:
    """One registration of a thread, and what it is to others of it, in words."""

    row: RegistrationRow
    here: bool
    refers: tuple[str, ...]


@dataclass(frozen=True)
class LinkShown:
    """A link of a registration."""

    link: LinkView
    words: str


@dataclass(frozen=True)
class Thread:
    """A thread, the oldest first; not ``whole`` when it goes on beyond what is shown."""

    places: tuple[Place, ...]
    whole: bool


def relations() -> Options:
    """Return what a registration can be to an earlier one."""
    order = ("previous", "reply", "related", "integration", "resent")
    return tuple((name, _(_WORDS[name][0])) for name in order)


def links_shown(one: RegistrationView) -> list[LinkShown]:
    """Return the links of a registration, also those that were removed."""
    return [LinkShown(link, _(_WORDS[link.relation][link.inbound])) for link in one.links]


def thread(*, actor: Actor, one: RegistrationView) -> Thread | None:
    """Return the thread of a registration; nothing when it stands alone."""
    if not (one.reply_to or one.replies or any(link.removed_at is None for link in one.links)):
        return None
    found = protocol.chain(actor=actor, registration_id=one.id, limit=_SHOWN)
    numbers = {row.id: f"{row.number_text}/{row.year}" for row in found.registrations}
    places = []
    for row in found.registrations:
        refers = tuple(
            f"{_(_WORDS[edge.relation][0])} {numbers[edge.target_id]}"
            for edge in found.edges
            if edge.source_id == row.id
        )
        places.append(Place(row, row.id == one.id, tuple(dict.fromkeys(refers))))
    return Thread(tuple(places), found.whole)
