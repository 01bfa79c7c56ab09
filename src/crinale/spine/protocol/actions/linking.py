"""Say which registrations belong together: an answer, what went before, what completes or repeats it.

A link is no part of what was registered. It is added when registering or later, by its author and with a
reason; one that was wrong is marked as removed and stays (AgID guidelines 3.1.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.protocol import facts
from crinale.spine.protocol.actions.checking import LONGEST_TEXT, check_links
from crinale.spine.protocol.models import Link, Registration, State
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.queries.visibility import may_see
from crinale.spine.protocol.views import LinkData

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.actions.describing import Taken
    from crinale.spine.protocol.actions.drafting import Draft
    from crinale.spine.protocol.views import LinkName, RegistrationView


class AlreadyLinked(Conflict):
    """These two registrations are linked in this way already."""


class LinkRemoved(Conflict):
    """This link was removed already; what was said of it stays."""


def link_registration(
    *, actor: Actor, registration_id: UUID, other_id: UUID, relation: LinkName, reason: str
) -> RegistrationView:
    """Say that a registration refers to another one of the body; return it with its links.

    :raises NotVisible: when one of the two is not visible to the actor, or he may not classify.
    :raises Invalid: when no reason is given, or the two are one.
    :raises AlreadyLinked: when the link is there.
    """
    if not reason.strip():
        raise Invalid("reason", f"say why, in at most {LONGEST_TEXT} characters")
    [asked] = check_links([LinkData(other_id, relation, reason)])
    if other_id == registration_id:
        raise Invalid("links.0", "a registration does not refer to itself: choose another one")
    with transaction.atomic():
        _require(actor, registration_id, other_id)
        rows = Link.objects.filter(
            registration_id=registration_id, other_id=other_id, relation=relation, removed_at=None
        )
        if rows.exists():
            raise AlreadyLinked
        made = Link(
            registration_id=registration_id,
            other_id=other_id,
            relation=relation,
            reason=asked.reason,
            added_at=clock.now(),
            added_by=actor.person_id,
            added_by_name=actor.name[:200],
        )
        made.save(force_insert=True)
        audit.write(link_fact(made), actor=actor)
        return views([registration_id])[0]


def unlink_registration(*, actor: Actor, link_id: UUID, reason: str) -> RegistrationView:
    """Mark a link as removed; return the registration on which it stands.

    :raises NotVisible: when there is no such link, or the actor may not see both registrations or classify.
    :raises Invalid: when no reason is given.
    :raises LinkRemoved: when it is removed.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_TEXT:
        raise Invalid("reason", f"say why, in at most {LONGEST_TEXT} characters")
    with transaction.atomic():
        row = Link.objects.select_for_update().filter(id=link_id).first()
        if row is None:
            raise NotVisible
        _require(actor, row.registration_id, row.other_id)
        if row.removed_at is not None:
            raise LinkRemoved
        row.removed_at, row.removal_reason = clock.now(), reason
        row.removed_by, row.removed_by_name = actor.person_id, actor.name[:200]
        row.save(update_fields=["removed_at", "removed_by", "removed_by_name", "removal_reason"])
        audit.write(
            facts.RegistrationUnlinked(
                subject_id=row.registration_id,
                link=row.id,
                other=row.other_id,
                relation=row.relation,
                reason=reason,
            ),
            actor=actor,
        )
        return views([row.registration_id])[0]


def link_rows(draft: Draft, taken: Taken) -> list[Link]:
    """Return the links of a registration that is being made; their identifiers keep the order asked."""
    identifiers = sorted(new_id() for _ in draft.links)
    return [
        Link(
            id=identifier,
            registration_id=taken.registration_id,
            other_id=one.registration_id,
            relation=one.relation,
            reason=one.reason,
            added_at=taken.registered_at,
            added_by=draft.actor.person_id,
            added_by_name=draft.actor.name[:200],
        )
        for identifier, one in zip(identifiers, draft.links, strict=True)
    ]


def link_fact(one: Link) -> facts.RegistrationLinked:
    """Tell of a link."""
    return facts.RegistrationLinked(
        subject_id=one.registration_id,
        link=one.id,
        other=one.other_id,
        relation=one.relation,
        reason=one.reason,
    )


def _require(actor: Actor, registration_id: UUID, other_id: UUID) -> None:
    """Lock the registration that carries the link, and check that the actor may say it."""
    locked = Registration.objects.select_for_update(no_key=True).exclude(state=State.BEING_SEALED)
    if not locked.filter(id=registration_id).exists():
        raise NotVisible
    both = {one.id: one for one in views([registration_id, other_id]) if may_see(actor, one)}
    if both.keys() != {registration_id, other_id}:
        raise NotVisible
    permissions.require(actor, "protocol.classify", area_id=both[registration_id].area_id)
