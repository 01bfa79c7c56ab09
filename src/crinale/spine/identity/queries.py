"""Questions about people: who acts, where a member of the staff works, how long a sign-in must wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Max, Q

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions, rules
from crinale.spine.identity.actor import Actor, GrantRef
from crinale.spine.identity.models import AttemptOutcome, Grant, Person, SignInAttempt
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from uuid import UUID

    from crinale.spine.tenancy.queries import AreaRef, BodyRef


def actor_for_person(person_id: UUID, *, signed_in_at: datetime | None = None) -> Actor:
    """Return the actor for a signed-in person, with the grants not yet over. Made anew for each request.

    :param signed_in_at: with a password that was changed since, the sign-in counts no more: it may have been
        somebody else's.
    :raises NotVisible: when the account does not exist or was closed, or the sign-in counts no more.
    """
    people = Person.objects.filter(id=person_id, active=True)
    if signed_in_at is not None:
        people = people.exclude(credential__changed_at__gt=signed_in_at)
    person = people.first()
    if person is None:
        raise NotVisible
    open_grants = Grant.objects.filter(Q(valid_to=None) | Q(valid_to__gt=clock.now()), person=person)
    return Actor(
        person_id=person.id,
        name=person.name,
        kind="staff",
        grants=tuple(
            GrantRef(
                body_id=grant.body_id,
                area_id=grant.area_id,
                role=grant.role,
                valid_from=grant.valid_from,
                valid_to=grant.valid_to,
            )
            for grant in open_grants.order_by("valid_from", "id")
        ),
    )


def staff_bodies(actor: Actor) -> list[BodyRef]:
    """Return the bodies for which the actor works now, by name; for the node itself, all."""
    if actor.kind == "system":
        return tenancy.bodies()
    mine = {grant.body_id for grant in actor.grants if grant.holds_at(clock.now())}
    return [body for body in tenancy.bodies() if body.id in mine]


def staff_areas(actor: Actor, *, permission: str = "protocol.view") -> list[AreaRef]:
    """Return the areas, over all bodies, in which the actor holds a permission now."""
    return [
        area
        for area in tenancy.areas()
        if permissions.allows(actor, permission, area_id=area.id, body_id=area.body_id)
    ]


def person_by_username(username: str) -> Person | None:
    """Return the person with a user name, or nothing."""
    return Person.objects.filter(username=rules.normal_username(username)).first()


def people() -> list[Person]:
    """Return everybody who has, or had, an account on this node, by name."""
    return list(Person.objects.all())


def grants(person_id: UUID) -> list[Grant]:
    """Return the grants of a person, past and future ones included, the oldest first."""
    return list(Grant.objects.filter(person_id=person_id).order_by("valid_from", "id"))


def person_names(person_ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of people, for lists."""
    return dict(Person.objects.filter(id__in=person_ids).values_list("id", "name"))


def in_force(instant: datetime) -> Q:
    """Return the condition on a grant to be in force at an instant."""
    return Q(valid_from__lte=instant) & (Q(valid_to=None) | Q(valid_to__gt=instant))


def area_belongs(*, area_id: UUID, body_id: UUID) -> bool:
    """Say whether an area is one of a body."""
    area = tenancy.area(area_id)
    return area is not None and area.body_id == body_id


def manages_people_somewhere(actor: Actor) -> bool:
    """Say whether the actor may manage people in at least one body."""
    return actor.kind == "system" or any(
        permissions.allows(actor, "admin.people", body_id=grant.body_id) for grant in actor.grants
    )


def sign_in_delay(username: str, *, apart_from: int | None = None) -> timedelta:
    """Return how long the next attempt under a user name has to wait, zero when it need not."""
    now = clock.now()
    attempts = SignInAttempt.objects.filter(username=username, at__gt=now - rules.MEMORY)
    if apart_from is not None:
        attempts = attempts.exclude(id=apart_from)
    last_success = attempts.filter(outcome=AttemptOutcome.SUCCEEDED).aggregate(id=Max("id"))["id"]
    failed = attempts.filter(outcome__in=(AttemptOutcome.FAILED, AttemptOutcome.PENDING))
    if last_success is not None:
        failed = failed.filter(id__gt=last_success)
    found = failed.aggregate(count=Count("id"), last=Max("at"))
    return rules.waiting_time(failures=found["count"], last_failure=found["last"], now=now)
