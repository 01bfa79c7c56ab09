"""Who may see a dossier: one rule, for pages, lists, counts and choices.

An open dossier is seen by who may see its area. One of an office is seen by those who work there, one of
named people by them and their substitutes; both by who opened them, by the official responsible, and by who
may see everything that is confidential in the area. What is inside is seen by who sees all that is above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions
from crinale.spine.identity.models import Grant
from crinale.spine.records.models import Dossier, DossierReader, Visibility
from crinale.spine.tenancy import current_body

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from django.db.models import QuerySet

    from crinale.spine.identity import Actor


def sees_all(actor: Actor, area_id: UUID) -> bool:
    """Say whether no dossier of an area is hidden from an actor."""
    return permissions.allows(actor, "protocol.view_confidential", area_id=area_id)


def seen_by(actor: Actor, area_id: UUID, *, of: str = "") -> Q:
    """Return the condition on dossiers of an area not to be hidden from an actor.

    ``of`` is the way to them from another table, ``dossier__`` for instance. Whether he may see the area at
    all is the caller's question.
    """
    if sees_all(actor, area_id):
        return Q()
    hidden = _hidden(actor, area_id).values("id")
    return ~Q(**{f"{of}id__in": hidden}) & ~Q(**{f"{of}line__overlap": ArraySubquery(hidden)})


def visible(actor: Actor, area_id: UUID) -> QuerySet[Dossier]:
    """Return the dossiers of an area that an actor may see.

    :raises NotVisible: when he may see nothing of the area.
    """
    permissions.require(actor, "protocol.view", area_id=area_id)
    return Dossier.objects.filter(seen_by(actor, area_id), area_id=area_id)


def visible_among(actor: Actor, area_id: UUID, dossier_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of these dossiers that an actor may see; one question."""
    if not dossier_ids or not permissions.allows(actor, "protocol.view", area_id=area_id):
        return frozenset()
    return frozenset(visible(actor, area_id).filter(id__in=dossier_ids).values_list("id", flat=True))


def row_to_see(actor: Actor, dossier_id: UUID) -> Dossier:
    """Return a dossier with its heading.

    :raises NotVisible: when there is none, or none that the actor may see.
    """
    area_id = Dossier.objects.filter(id=dossier_id).values_list("area_id", flat=True).first()
    if area_id is None:
        raise NotVisible
    found = visible(actor, area_id).select_related("classification", "office").filter(id=dossier_id).first()
    if found is None:
        raise NotVisible
    return found


def possible_readers(*, actor: Actor, area_id: UUID) -> list[tuple[UUID, str]]:
    """Return the people who work for an area now, by name: those who may be named to see a dossier.

    :raises NotVisible: when the actor may not keep its dossiers.
    """
    permissions.require(actor, "protocol.classify", area_id=area_id)
    at = clock.now()
    grants = Grant.objects.filter(
        Q(area_id=None) | Q(area_id=area_id),
        Q(valid_to=None) | Q(valid_to__gt=at),
        body_id=current_body(),
        valid_from__lte=at,
        person__active=True,
    )
    return list(grants.order_by("person__name").values_list("person_id", "person__name").distinct())


def _hidden(actor: Actor, area_id: UUID) -> QuerySet[Dossier]:
    own = Q(visibility=Visibility.OFFICE, office_id__in=actor.offices)
    if actor.people:
        named = DossierReader.objects.filter(
            dossier_id=OuterRef("id"), person__in=actor.people, removed_at=None
        )
        own |= Q(responsible__in=actor.people) | Q(opened_by__in=actor.people)
        own |= Q(visibility=Visibility.PEOPLE) & Q(Exists(named))
    restricted = Dossier.objects.filter(area_id=area_id).exclude(visibility=Visibility.OPEN)
    return restricted.exclude(id__in=restricted.filter(own).values("id"))
