"""Who may see a confidential registration: one rule, for pages, lists, counts, searches and the exchange.

It is seen by who may see all of them in its area, who registered it, the people to whom it is assigned and
their substitutes, and those who work in an office to which it is assigned. An assignment that was refused or
withdrawn shows nothing any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from crinale.spine.identity import permissions
from crinale.spine.protocol.models import Assignment, Registration
from crinale.spine.protocol.rules import handling as rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import RegistrationView, RelatedView

_MOST_OWN = 1000


def may_see(actor: Actor, view: RegistrationView) -> bool:
    """Say whether an actor may see a registration."""
    if not permissions.allows(actor, "protocol.view", area_id=view.area_id):
        return False
    if not view.confidential or sees_all(actor, view.area_id) or _registered(actor, view.registered_by):
        return True
    return any(
        one.state not in rules.REVOKED
        and rules.is_mine(
            people=actor.people, offices=actor.offices, person_id=one.person_id, office_id=one.office_id
        )
        for one in view.assignments
    )


def sees_all(actor: Actor, area_id: UUID) -> bool:
    """Say whether no registration of an area is hidden from an actor."""
    return permissions.allows(actor, "protocol.view_confidential", area_id=area_id)


def seen_by(actor: Actor, area_id: UUID, *, of: str = "") -> Q:
    """Return the condition on registrations of an area not to be hidden from an actor.

    ``of`` is the way to them from another table, ``registration__`` for instance. Whether he may see the
    area at all is the caller's question.
    """
    if sees_all(actor, area_id):
        return Q()
    return Q(**{f"{of}confidential": False}) | concerns(actor, of=of)


def concerns(actor: Actor, *, of: str = "") -> Q:
    """Return the condition on registrations to be an actor's own: registered by him, or assigned."""
    mine = Q(Exists(_his(actor).filter(registration_id=OuterRef(f"{of}id"))))
    return mine if actor.person_id is None else mine | Q(**{f"{of}registered_by": actor.person_id})


def hidden_among(actor: Actor, rows: Sequence[Registration]) -> set[UUID]:
    """Return those of some registrations of one area that must not show what they hold; one question."""
    doubtful = [
        row
        for row in rows
        if row.confidential and not sees_all(actor, row.area_id) and not _registered(actor, row.registered_by)
    ]
    if not doubtful:
        return set()
    ids = {row.id for row in doubtful}
    return ids - set(_his(actor).filter(registration_id__in=ids).values_list("registration_id", flat=True))


def hidden_related(actor: Actor, related: Sequence[RelatedView]) -> set[UUID]:
    """Return those of some registrations, named on others, of which an actor must not even know.

    They may be of areas that he does not see. A question only where something is in doubt.
    """
    hidden, doubtful = set(), set()
    for one in related:
        if not permissions.allows(actor, "protocol.view", area_id=one.area_id):
            hidden.add(one.id)
        elif one.confidential and not sees_all(actor, one.area_id):
            doubtful.add(one.id)
    if doubtful:
        own = Registration.objects.filter(concerns(actor), id__in=doubtful)
        hidden |= doubtful - set(own.values_list("id", flat=True))
    return hidden


def is_own(actor: Actor, row: Registration) -> bool:
    """Say whether a registration is an actor's own: registered by him, or assigned."""
    return _registered(actor, row.registered_by) or _his(actor).filter(registration=row).exists()


def is_hidden(actor: Actor, row: Registration) -> bool:
    """Say whether a registration must not show what it holds."""
    return bool(hidden_among(actor, [row]))


def seen_by_sql(actor: Actor, area_id: UUID, *, registration: str) -> tuple[str, list[Any]]:
    """Return :func:`seen_by` as SQL and its parameters; ``registration`` is the name of the table there."""
    if sees_all(actor, area_id):
        return "true", []
    condition = (
        f"(not {registration}.confidential or {registration}.registered_by = %s or exists ("
        " select from protocol_assignment as assigned"
        f" where assigned.registration_id = {registration}.id and assigned.state <> all(%s)"
        " and (assigned.person = any(%s::uuid[])"
        " or assigned.person is null and assigned.office_id = any(%s::uuid[]))))"
    )
    return condition, [actor.person_id, sorted(rules.REVOKED), list(actor.people), list(actor.offices)]


def _registered(actor: Actor, person_id: UUID | None) -> bool:
    return actor.person_id is not None and actor.person_id == person_id


def _his(actor: Actor) -> QuerySet[Assignment]:
    return Assignment.objects.exclude(state__in=rules.REVOKED).filter(
        Q(person__in=actor.people) | Q(person=None, office_id__in=actor.offices)
    )


def own_confidential(actor: Actor, area_id: UUID) -> list[UUID]:
    """Return the confidential registrations of an area that concern an actor, the newest first.

    For searches, which find nothing else that is confidential; at most a thousand. Nothing for who sees all.
    """
    if sees_all(actor, area_id):
        return []
    found = Registration.objects.filter(concerns(actor), area_id=area_id, confidential=True)
    return list(found.order_by("-id").values_list("id", flat=True)[:_MOST_OWN])
