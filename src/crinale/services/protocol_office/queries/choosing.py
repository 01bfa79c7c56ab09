"""What a clerk chooses from while composing: headings, offices, dossiers, areas, registrations to answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crinale.kernel.errors import Invalid, NotVisible
from crinale.kernel.numbers import parse_number
from crinale.spine.exchange import queries as exchange
from crinale.spine.protocol import queries as protocol
from crinale.spine.protocol.queries import LinkData, PartyData
from crinale.spine.records import queries as records
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from crinale.spine.exchange.queries import AreaFound
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import LinkName
    from crinale.spine.tenancy.queries import AreaRef

Options = tuple[tuple[str, str], ...]
_RESULTS = 12
_DOSSIERS = 200
_NAMED_TOGETHER = 3
_OLD_DAYS = 2


@dataclass(frozen=True)
class DossierChoice:
    """The newest open dossiers, code and title in one, and how any other is found by what is written."""

    offered: tuple[str, ...]
    named: Callable[[str], UUID]


@dataclass(frozen=True)
class Choices:
    """The options of the forms: value and label."""

    classifications: Options
    offices: Options
    dossiers: DossierChoice | None


NO_CHOICES = Choices((), (), None)


@dataclass(frozen=True)
class Answered:
    """What an answer takes from the registration that it answers."""

    number: str
    subject: str
    heading: str
    senders: tuple[PartyData, ...]


def choices(*, actor: Actor, area: AreaRef) -> Choices:
    """Return what the forms offer in an area."""
    return Choices(
        classifications=tuple((one.code, f"{one.code} {one.title}") for one in records.classifications()),
        offices=tuple((str(one.id), one.name) for one in tenancy.offices(area_id=area.id)),
        dossiers=dossier_choice(actor=actor, area=area),
    )


def dossier_choice(*, actor: Actor, area: AreaRef, but: Collection[UUID] = ()) -> DossierChoice:
    """Return how an open dossier is chosen; ``but`` are not offered."""
    newest = records.dossiers(actor=actor, area_id=area.id, closed=False, limit=_DOSSIERS)
    return DossierChoice(
        offered=tuple(f"{one.code} {one.title}" for one in newest if one.id not in but),
        named=partial(_dossier_named, actor, area),
    )


def _dossier_named(actor: Actor, area: AreaRef, text: str) -> UUID:
    """Return the open dossier that is meant by its code, which a title may follow, or by words of its title.

    :raises Invalid: when none is, or more than one.
    """
    code = next(iter(text.split()), "")
    search = partial(records.dossiers, actor=actor, area_id=area.id, closed=False, limit=_NAMED_TOGETHER)
    found = search(code=code) if code else []
    found = found or search(text=text)
    if not found:
        raise Invalid("dossier", _("No open dossier has this code, or these words in its title."))
    if len(found) > 1:
        several = _("Several open dossiers have these words (%(codes)s): write the code of one.")
        raise Invalid("dossier", several % {"codes": ", ".join(one.code for one in found)})
    return found[0].id


def search_index(text: str) -> list[AreaFound]:
    """Return the areas of the index that answer to what was typed."""
    return exchange.search_index(text, limit=_RESULTS)


def indexed_party(aoo_code: str) -> PartyData | None:
    """Return an area of the index as a recipient."""
    found = exchange.areas_by_code([aoo_code]).get(aoo_code)
    if found is None:
        return None
    return PartyData(
        kind="administration",
        name=found.body_name,
        ipa_code=found.ipa_code,
        aoo_code=found.aoo_code,
        aoo_name=found.aoo_name,
        email=found.emails[0] if found.emails else "",
    )


def index_age_words() -> str:
    """Say how old the index is when it is not of today: a recipient may be missing or have moved."""
    newest = next(iter(exchange.index_age()), None)
    if newest is None or newest.age is None:
        return _("The index is empty: add recipients by hand.")
    days = newest.age.days
    if days < _OLD_DAYS:
        return ""
    return ngettext("The index is %(n)d day old.", "The index is %(n)d days old.", days) % {"n": days}


def answered(*, actor: Actor, area: AreaRef, registration_id: str) -> Answered | None:
    """Return what an answer takes over; nothing when the registration is not to be seen."""
    try:
        one = protocol.registration(actor=actor, registration_id=UUID(registration_id))
    except (ValueError, NotVisible):
        return None
    if one.area_id != area.id:
        return None
    return Answered(
        number=f"{one.number}/{one.year}",
        subject=one.subject,
        heading=one.classification.code,
        senders=tuple(party.data for party in one.senders),
    )


def registration_id_by_number(*, actor: Actor, area: AreaRef, text: str, field: str) -> UUID | None:
    """Return the registration that a number such as ``123/2026`` names in the area.

    :raises Invalid: when it is not a number, or there is none.
    """
    if not text.strip():
        return None
    parsed = parse_number(text)
    if parsed is None:
        raise Invalid(field, "write number and year, for example 123/2026")
    year, number = parsed
    rows = protocol.registrations(actor=actor, area_id=area.id, before=(year, number + 1), limit=1)
    if not rows or (rows[0].year, rows[0].number) != (year, number):
        raise Invalid(field, "there is no such registration in this register")
    return rows[0].id


def links_by_number(
    *, actor: Actor, area: AreaRef, numbers: Sequence[str], relation: LinkName
) -> list[LinkData]:
    """Return the links to registrations of the area that are named by number and year.

    :raises Invalid: naming the number that is none, or of no registration.
    """
    links = []
    for text in numbers:
        try:
            found = registration_id_by_number(actor=actor, area=area, text=text, field="links")
        except Invalid as error:
            raise Invalid("links", f"{text}: {error.remedy}") from error
        if found:
            links.append(LinkData(found, relation))
    return links


def office_party(area: AreaRef, office_id: UUID) -> PartyData:
    """Return an office of the area as a correspondent.

    :raises NotVisible: when it is not one.
    """
    office = next((one for one in tenancy.offices(area_id=area.id) if one.id == office_id), None)
    if office is None:
        raise NotVisible
    return PartyData(
        kind="administration",
        name=area.body_name,
        ipa_code=area.body_ipa,
        aoo_code=area.code,
        aoo_name=area.name,
        office_code=office.code,
        office_name=office.name,
    )
