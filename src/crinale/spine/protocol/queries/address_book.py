"""Questions to the address book: who is there, who was there, who might be the same, who is in a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q

from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions
from crinale.spine.protocol.models import (
    Correspondent,
    CorrespondentGroup,
    CorrespondentVersion,
    GroupMember,
)
from crinale.spine.protocol.rules.address_book import folded, likely_same
from crinale.spine.protocol.rules.parties import PartyData
from crinale.spine.tenancy import current_body
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.identity import Actor

MOST = 100
_MOST_ALIKE: Final = 20


@dataclass(frozen=True, slots=True)
class CorrespondentView:
    """A correspondent as known now; ``merged_into`` is the one that stands for it, if it was merged."""

    id: UUID
    name: str
    party: PartyData
    version: int
    created_at: datetime
    closed_at: datetime | None
    merged_into: UUID | None


@dataclass(frozen=True, slots=True)
class VersionView:
    """A correspondent as it was from ``at`` on."""

    sequence: int
    party: PartyData
    reason: str
    at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class AlikeView:
    """A correspondent that is probably the same as another, and why (``rules.address_book.likely_same``)."""

    correspondent: CorrespondentView
    why: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group and how many are in it."""

    id: UUID
    area_id: UUID
    name: str
    members: int


def require_book(actor: Actor, *, change: bool = False) -> None:
    """Refuse who may not read, or change, the address book of the open scope.

    It belongs to the body: a right in any of its areas is enough.

    :raises NotVisible: the same answer as when nothing is there.
    """
    code = "protocol.register" if change else "protocol.view"
    areas = tenancy.areas(body_id=current_body())
    if not any(permissions.allows(actor, code, area_id=area.id) for area in areas):
        raise NotVisible


def correspondents(
    *, actor: Actor, text: str = "", limit: int = 50, after: tuple[str, UUID] | None = None
) -> list[CorrespondentView]:
    """Return the open correspondents by name; ``text`` is parts of names, codes or addresses, in any order.

    ``after`` is (name, id) of the last one of the page before.

    :raises NotVisible: when the actor may not read the address book.
    """
    require_book(actor)
    found = Correspondent.objects.filter(closed_at=None)
    for part in folded(text).split()[:8]:
        found = found.filter(search_text__contains=part)
    if after is not None:
        found = found.filter(Q(name__gt=after[0]) | Q(name=after[0], id__gt=after[1]))
    return [correspondent_view(row) for row in found.order_by("name", "id")[: max(1, min(limit, MOST))]]


def correspondent(*, actor: Actor, correspondent_id: UUID) -> CorrespondentView:
    """Return a correspondent, also a closed one.

    :raises NotVisible: when there is none that the actor may see.
    """
    require_book(actor)
    row = Correspondent.objects.filter(id=correspondent_id).first()
    if row is None:
        raise NotVisible
    return correspondent_view(row)


def correspondent_history(*, actor: Actor, correspondent_id: UUID) -> list[VersionView]:
    """Return every version of a correspondent and of those merged into it, the newest first.

    :raises NotVisible: when the actor may not read the address book.
    """
    require_book(actor)
    found = CorrespondentVersion.objects.filter(
        Q(correspondent_id=correspondent_id) | Q(correspondent__merged_into_id=correspondent_id)
    )
    return [
        VersionView(row.sequence, PartyData.from_json(row.data), row.reason, row.at, row.by_name)
        for row in found.order_by("-at", "-sequence")
    ]


def known_as(*, actor: Actor, email: str = "", tax_code: str = "") -> list[CorrespondentView]:
    """Return the open correspondents with an e-mail address or a tax code.

    :raises NotVisible: when the actor may not read the address book.
    """
    require_book(actor)
    wanted = Q()
    if email:
        wanted |= Q(email=email.lower())
    if tax_code:
        wanted |= Q(tax_code=tax_code.upper())
    if not wanted:
        return []
    found = Correspondent.objects.filter(wanted, closed_at=None).order_by("name", "id")
    return [correspondent_view(row) for row in found[:_MOST_ALIKE]]


def alike(*, actor: Actor, correspondent_id: UUID) -> list[AlikeView]:
    """Return the open correspondents that are probably the same as this one, to be merged by a person.

    :raises NotVisible: when there is no such correspondent for the actor.
    """
    view = correspondent(actor=actor, correspondent_id=correspondent_id)
    return [one for one in same_as(view.party) if one.correspondent.id != correspondent_id]


def same_as(party: PartyData) -> list[AlikeView]:
    """Return the open correspondents that are probably this party."""
    wanted = Q(name__iexact=party.display_name)
    if party.tax_code:
        wanted |= Q(tax_code=party.tax_code)
    if party.ipa_code:
        wanted |= Q(ipa_code__iexact=party.ipa_code)
    found = Correspondent.objects.filter(wanted, closed_at=None).order_by("name", "id")[:_MOST_ALIKE]
    seen = [(correspondent_view(row), likely_same(PartyData.from_json(row.data), party)) for row in found]
    return [AlikeView(view, why) for view, why in seen if why]


def groups(*, actor: Actor, area_id: UUID) -> list[GroupView]:
    """Return the groups of an area in use, by name, with how many are in each.

    :raises NotVisible: when the actor may not see the area's registrations.
    """
    permissions.require(actor, "protocol.view", area_id=area_id)
    found = CorrespondentGroup.objects.filter(area_id=area_id, closed_at=None).annotate(
        size=Count("members", filter=Q(members__removed_at=None))
    )
    return [GroupView(row.id, row.area_id, row.name, row.size) for row in found.order_by("name")]


def group_members(*, actor: Actor, group_id: UUID) -> list[CorrespondentView]:
    """Return who is in a group, by name.

    :raises NotVisible: when there is no such group in use for the actor.
    """
    group = CorrespondentGroup.objects.filter(id=group_id, closed_at=None).first()
    if group is None:
        raise NotVisible
    permissions.require(actor, "protocol.view", area_id=group.area_id)
    found = GroupMember.objects.filter(group=group, removed_at=None).select_related("correspondent")
    return [correspondent_view(row.correspondent) for row in found.order_by("correspondent__name", "id")]


def members_of(*, actor: Actor, group_ids: Sequence[UUID]) -> list[PartyData]:
    """Return the parties of some groups, each once, by name; for a registration to all of them.

    :raises NotVisible: when one of the groups is not in use, or not for the actor.
    """
    groups = CorrespondentGroup.objects.filter(id__in=group_ids, closed_at=None)
    areas = dict(groups.values_list("id", "area_id"))
    if set(group_ids) - areas.keys():
        raise NotVisible
    for area_id in set(areas.values()):
        permissions.require(actor, "protocol.view", area_id=area_id)
    found = (
        Correspondent.objects.filter(
            id__in=GroupMember.objects.filter(group_id__in=group_ids, removed_at=None).values(
                "correspondent_id"
            ),
            closed_at=None,
        )
        .order_by("name", "id")
        .values_list("data", flat=True)
    )
    return [PartyData.from_json(data) for data in found]


def correspondent_view(row: Correspondent) -> CorrespondentView:
    """Describe a row of the address book."""
    return CorrespondentView(
        id=row.id,
        name=row.name,
        party=PartyData.from_json(row.data),
        version=row.version,
        created_at=row.created_at,
        closed_at=row.closed_at,
        merged_into=row.merged_into_id,
    )
