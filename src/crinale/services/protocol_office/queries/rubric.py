"""The address book of the body as its pages show it: who is in it, who was, who may be the same, groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.kernel.errors import Invalid, NotVisible
from crinale.services.protocol_office.queries.lists import Page
from crinale.services.protocol_office.queries.reading import may, registration
from crinale.spine.protocol.queries import address_book as book
from crinale.spine.protocol.queries import check_party
from crinale.spine.protocol.queries.address_book import CorrespondentView, GroupView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import PartyData
    from crinale.spine.protocol.queries.address_book import AlikeView
    from crinale.spine.tenancy.queries import AreaRef

__all__ = ["ROWS", "Alike", "CorrespondentView", "GroupView", "VersionShown"]

ROWS: Final = 40
_WHY: Final = {
    "tax_code": gettext_noop("same tax code"),
    "office": gettext_noop("same office of the same body"),
    "email": gettext_noop("same name, same e-mail"),
    "name": gettext_noop("same name"),
}
_FIELDS: Final = {
    "kind": gettext_noop("Kind"),
    "name": gettext_noop("Name"),
    "first_name": gettext_noop("First name"),
    "last_name": gettext_noop("Last name"),
    "title": gettext_noop("Title"),
    "tax_code": gettext_noop("Tax code or VAT number"),
    "ipa_code": gettext_noop("IPA code"),
    "aoo_code": gettext_noop("AOO code"),
    "aoo_name": gettext_noop("AOO"),
    "office_code": gettext_noop("Office code"),
    "office_name": gettext_noop("Office"),
    "email": gettext_noop("E-mail or PEC"),
    "phone": gettext_noop("Telephone"),
    "postal_address": gettext_noop("Postal address"),
}
_KINDS: Final = {
    "natural_person": gettext_noop("Person"),
    "legal_person": gettext_noop("Firm or association"),
    "administration": gettext_noop("Italian public body"),
    "foreign_administration": gettext_noop("Foreign public body"),
}


@dataclass(frozen=True)
class Alike:
    """A correspondent that is probably the same, and why."""

    one: CorrespondentView
    why: str


@dataclass(frozen=True)
class VersionShown:
    """What was known from a moment on, as names and values."""

    title: str
    values: tuple[tuple[str, str], ...]
    reason: str
    at: object
    who: str


def require_book(*, actor: Actor, change: bool = False) -> None:
    """Refuse who may not read, or change, the address book.

    :raises NotVisible: the same answer as for what does not exist.
    """
    book.require_book(actor, change=change)


def may_change_book(*, actor: Actor) -> bool:
    """Say whether somebody may change the address book."""
    try:
        book.require_book(actor, change=True)
    except NotVisible:
        return False
    return True


def correspondents(*, actor: Actor, text: str, after: str) -> Page:
    """Return a page of the address book, by name; ``after`` is the last one of the page before."""
    place = None
    if after:
        try:
            last = book.correspondent(actor=actor, correspondent_id=UUID(after))
        except (ValueError, NotVisible):
            return Page()
        place = (last.name, last.id)
    rows = book.correspondents(actor=actor, text=text, limit=ROWS + 1, after=place)
    return Page(rows[:ROWS], str(rows[ROWS - 1].id) if len(rows) > ROWS else "")


def correspondent(*, actor: Actor, correspondent_id: UUID) -> CorrespondentView:
    """Return a correspondent, also one that is closed.

    :raises NotVisible: when there is none.
    """
    return book.correspondent(actor=actor, correspondent_id=correspondent_id)


def open_correspondent(*, actor: Actor, correspondent_id: UUID) -> CorrespondentView:
    """Return a correspondent that may be changed by this person.

    :raises NotVisible: when there is none in use, or he may not.
    """
    book.require_book(actor, change=True)
    one = book.correspondent(actor=actor, correspondent_id=correspondent_id)
    if one.closed_at is not None:
        raise NotVisible
    return one


def history(*, actor: Actor, correspondent_id: UUID) -> list[VersionShown]:
    """Return every version of a correspondent and of those that were merged into it, the newest first."""
    return [
        VersionShown(one.party.display_name, party_values(one.party), one.reason, one.at, one.by_name)
        for one in book.correspondent_history(actor=actor, correspondent_id=correspondent_id)
    ]


def party_values(party: PartyData) -> tuple[tuple[str, str], ...]:
    """Return what is known of a party, as names and values."""
    values = [(name, str(getattr(party, name))) for name in _FIELDS]
    return tuple(
        (_(_FIELDS[name]), _(_KINDS[value]) if name == "kind" else value) for name, value in values if value
    )


def alike(*, actor: Actor, correspondent_id: UUID) -> list[Alike]:
    """Return who is probably the same as a correspondent."""
    return _alike(book.alike(actor=actor, correspondent_id=correspondent_id))


def same_as(party: PartyData) -> list[Alike]:
    """Return who of the address book is probably this party."""
    try:
        return _alike(book.same_as(check_party(party, field="party")))
    except Invalid:
        return []


def party_of_registration(
    *, actor: Actor, area: AreaRef, registration_id: str, place: str
) -> PartyData | None:
    """Return a sender or recipient of a registration, named as ``senders.0``; nothing when there is none."""
    role, _dot, number = place.partition(".")
    try:
        one = registration(actor=actor, area=area, registration_id=UUID(registration_id))
    except (ValueError, NotVisible):
        return None
    parties = {"senders": one.senders, "recipients": one.recipients}.get(role, ())
    known = number.isdecimal() and len(number) <= len("99999") and int(number) < len(parties)
    return parties[int(number)].data if known else None


def groups(*, actor: Actor, area: AreaRef) -> list[GroupView]:
    """Return the groups of an area; none to who may not see its registrations."""
    return book.groups(actor=actor, area_id=area.id) if may(actor, "protocol.view", area) else []


def group(*, actor: Actor, area: AreaRef, group_id: UUID) -> GroupView:
    """Return a group of the area.

    :raises NotVisible: when there is none in use for this person.
    """
    found = next((one for one in groups(actor=actor, area=area) if one.id == group_id), None)
    if found is None:
        raise NotVisible
    return found


def group_page(*, actor: Actor, group_id: UUID, first: int) -> tuple[Sequence[CorrespondentView], bool]:
    """Return some members of a group by name, and whether there are more."""
    members = book.group_members(actor=actor, group_id=group_id)
    return members[first : first + ROWS], len(members) > first + ROWS


def members_of(*, actor: Actor, group_ids: Sequence[UUID]) -> list[PartyData]:
    """Return who is in some groups, each once.

    :raises NotVisible: when one of them is not in use.
    """
    return book.members_of(actor=actor, group_ids=group_ids)


def _alike(found: Sequence[AlikeView]) -> list[Alike]:
    return [Alike(one.correspondent, _(_WHY[one.why])) for one in found]
