"""What earlier documents say about the one being registered: who wrote it, where it belongs, if it is here.

Nothing of it is decided for the clerk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils.translation import gettext as _

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office.queries.choosing import search_index
from crinale.services.protocol_office.queries.lists import find
from crinale.services.protocol_office.queries.reading import may
from crinale.spine.protocol.queries import address_book as book
from crinale.spine.protocol.queries import similar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import PartyData
    from crinale.spine.protocol.queries.similar import ClassificationSuggestion, PossibleDuplicate
    from crinale.spine.tenancy.queries import AreaRef

_RESULTS: Final = 8
_SUBJECTS: Final = 4


@dataclass(frozen=True)
class Found:
    """Somebody who may be chosen: ``do`` is what the button sends."""

    do: str
    name: str
    detail: str

    @property
    def id(self) -> str:
        """The identifier in what the button sends."""
        return self.do.partition(":")[2]


@dataclass(frozen=True)
class Suggested:
    """A heading, and in words why it is suggested."""

    code: str
    why: str


@dataclass(frozen=True)
class Duplicate:
    """A registration that may be this document, and why."""

    id: UUID
    number: str
    day: date
    subject: str
    why: str


@dataclass(frozen=True)
class Advice:
    """All that is said about a document being registered."""

    suggested: Suggested | None = None
    duplicates: tuple[Duplicate, ...] = ()
    subjects: tuple[str, ...] = ()

    @property
    def token(self) -> str:
        """What the box "it is another document" carries: the registrations that it speaks of."""
        return ",".join(str(one.id) for one in self.duplicates)

    def is_told(self, another: str) -> bool:
        """Say whether the clerk said of every one of them that this is another document."""
        return {str(one.id) for one in self.duplicates} <= set(another.split(","))


@dataclass(frozen=True, kw_only=True)
class Written:
    """What is known so far of a document being registered."""

    parties: Sequence[PartyData] = ()
    subject: str = ""
    sha256: Sequence[str] = ()
    received_number: str = ""
    received_date: date | None = None


def who(*, actor: Actor, area: AreaRef, text: str) -> list[Found]:
    """Return who may be meant: first the address book of the body, then the index of the administrations."""
    if not text:
        return []
    found = who_is_known(actor=actor, area=area, text=text)
    known = {one.name.casefold() for one in found}
    for area_found in search_index(text)[:_RESULTS]:
        if area_found.body_name.casefold() not in known:
            detail = f"{area_found.aoo_name} · {area_found.ipa_code} · {area_found.aoo_code}"
            found.append(Found(f"add:{area_found.aoo_code}", area_found.body_name, detail))
    return found


def who_is_known(*, actor: Actor, area: AreaRef, text: str) -> list[Found]:
    """Return who of the address book may be meant."""
    if not text or not may(actor, "protocol.view", area):
        return []
    return [
        Found(f"pick:{one.id}", one.name, party_detail(one.party))
        for one in book.correspondents(actor=actor, text=text, limit=_RESULTS)
    ]


def kept_party(*, actor: Actor, correspondent_id: str) -> PartyData | None:
    """Return a correspondent of the address book; nothing when he is not in use there."""
    try:
        one = book.correspondent(actor=actor, correspondent_id=UUID(correspondent_id))
    except (ValueError, NotVisible):
        return None
    return None if one.closed_at else one.party


def party_detail(party: PartyData) -> str:
    """Return the second line: what tells a correspondent from another of the same name."""
    parts = (party.tax_code, party.ipa_code, party.aoo_code, party.email, party.postal_address)
    return " · ".join(part for part in parts if part)


def advice(
    *, actor: Actor, area: AreaRef, written: Written, incoming: bool, with_subjects: bool = False
) -> Advice:
    """Return what earlier registrations say; nothing to who may not see the register."""
    if not may(actor, "protocol.view", area):
        return Advice(_by_default(area))
    keys = [(one.email, one.tax_code, one) for one in written.parties if one.email or one.tax_code][:3]
    duplicates: dict[UUID, PossibleDuplicate] = {}
    asked: list[tuple[str, str, PartyData | None]] = [*keys] or [("", "", None)]
    for email, tax_code, party in asked:
        for one in similar.possible_duplicates(
            actor=actor,
            area_id=area.id,
            sha256=written.sha256,
            received_number=written.received_number if incoming else "",
            received_date=written.received_date,
            ipa_code=party.ipa_code if party else "",
            subject=written.subject,
            email=email,
            tax_code=tax_code,
        ):
            duplicates.setdefault(one.registration_id, one)
    email, tax_code, party = asked[0]
    headings = similar.classification_suggestions(
        actor=actor, area_id=area.id, subject=written.subject, email=email, tax_code=tax_code
    )
    suggested = _suggested(headings[0], party) if headings else _by_default(area)
    subjects = _subjects(actor, area, written.parties[0]) if with_subjects and written.parties else ()
    return Advice(suggested, tuple(_duplicate(one) for one in duplicates.values()), subjects)


def _subjects(actor: Actor, area: AreaRef, party: PartyData) -> tuple[str, ...]:
    if not may(actor, "protocol.search", area):
        return ()
    page = find(actor=actor, area=area, text=party.display_name, direction="incoming", year=None)
    names = [row.subject for row in page.rows if row.subject and party.display_name in row.correspondents]
    return tuple(dict.fromkeys(names))[:_SUBJECTS]


def _suggested(one: ClassificationSuggestion, party: PartyData | None) -> Suggested:
    numbers = {"times": one.times, "among": one.among, "code": f"{one.code} {one.title}"}
    if one.with_correspondent and party:
        words = (
            _("%(code)s: so the only earlier document of %(name)s.")
            if one.among == 1
            else _("%(code)s: so %(times)d of the last %(among)d documents of %(name)s.")
        )
        name = party.display_name or party.tax_code or party.email
        return Suggested(one.code, words % {**numbers, "name": name})
    words = (
        _("%(code)s: so the only document with a similar subject.")
        if one.among == 1
        else _("%(code)s: so %(times)d of %(among)d documents with a similar subject.")
    )
    return Suggested(one.code, words % numbers)


def _by_default(area: AreaRef) -> Suggested | None:
    code = area.default_classification
    return Suggested(code, _("%(code)s: the usual heading of this area.") % {"code": code}) if code else None


def _duplicate(one: PossibleDuplicate) -> Duplicate:
    why = {
        "digest": _("it has the same file"),
        "number": _("it has the same number at the sender"),
        "subject": _("same correspondent, nearly the same subject"),
    }
    return Duplicate(
        one.registration_id, f"{one.number_text}/{one.year}", one.registered_on, one.subject, why[one.why]
    )
