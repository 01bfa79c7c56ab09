"""Questions about who acts: the grants, posts and substitutions of a person, and how long a sign-in waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import Count, Max, Q

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.identity import permissions, rules
from crinale.spine.identity.actor import Actor, GrantRef
from crinale.spine.identity.models import AttemptOutcome, Grant, Person, SignInAttempt
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta
    from uuid import UUID

    from crinale.spine.tenancy.queries import AreaRef, BodyRef


# One question at the start of each request: what the person may do, where he works, for whom he stands in.
# Who stands in must work for a body of the person who is away, and nobody stands in for those whom that
# person stands in for.
_STANDING = """
select 'grant', id, body_id, area_id, office_id, role, valid_from, valid_to
from identity_grant where person_id = %(person)s and (valid_to is null or valid_to > %(now)s)
union all
select 'post', null, post.body_id, null, post.office_id, '', null, null
from identity_incumbency as held join identity_post as post on post.id = held.post_id
where held.person_id = %(person)s and held.valid_from <= %(today)s
    and (held.valid_to is null or held.valid_to > %(today)s)
    and (post.closed_on is null or post.closed_on > %(today)s)
union all
select distinct 'away', absence.person_id, theirs.body_id, null::uuid, null::uuid, '', null::timestamptz,
    null::timestamptz
from identity_absence as absence
join identity_person as away on away.id = absence.person_id and away.active
join identity_grant as theirs on theirs.person_id = absence.person_id
    and theirs.valid_from <= %(now)s and (theirs.valid_to is null or theirs.valid_to > %(now)s)
join identity_grant as mine on mine.person_id = absence.substitute_id and mine.body_id = theirs.body_id
    and mine.valid_from <= %(now)s and (mine.valid_to is null or mine.valid_to > %(now)s)
where absence.substitute_id = %(person)s
    and absence.valid_from <= %(today)s and absence.valid_to > %(today)s"""


def actor_for_person(
    person_id: UUID,
    *,
    signed_in_at: datetime | None = None,
    series: int | None = None,
    only_body: UUID | None = None,
) -> Actor:
    """Return the actor for a signed-in person, with the grants not yet over. Made anew for each request.

    :param signed_in_at: when the password was changed since, or the last role ended, the sign-in counts no
        more: it may have been somebody else's, or of somebody who works here no more.
    :param series: sessions of an earlier series were ended.
    :param only_body: leave out what the person is in other bodies, for which nobody vouched at this sign-in.
    :raises NotVisible: when the account does not exist or was closed, or the sign-in counts no more.
    """
    found = Person.objects.filter(present(clock.today()), id=person_id)
    if signed_in_at is not None:
        found = found.exclude(credential__changed_at__gt=signed_in_at)
    if series is not None:
        found = found.filter(session_series=series)
    person = found.first()
    if person is None:
        raise NotVisible
    now = clock.now()
    rows = [_Standing(*row) for row in _standing(person.id, now)]
    rows = [row for row in rows if only_body is None or row.body_id == only_body]
    grants = sorted(
        (row for row in rows if row.what == "grant"), key=lambda row: (row.valid_from or now, row.id)
    )
    if signed_in_at is not None and not any(row.began(now) for row in grants):
        _check_nothing_ended(person, signed_in_at, now, only_body)
    held = [row for row in rows if row.what == "post" or (row.what == "grant" and row.began(now))]
    return Actor(
        person_id=person.id,
        name=person.name,
        kind="staff",
        grants=tuple(
            GrantRef(
                body_id=row.body_id,
                area_id=row.area_id,
                office_id=row.office_id,
                role=row.role,
                valid_from=row.valid_from or now,
                valid_to=row.valid_to,
            )
            for row in grants
        ),
        offices=frozenset(row.office_id for row in held if row.office_id is not None),
        stands_in_for=frozenset(row.id for row in rows if row.what == "away" and row.id is not None),
    )


def _check_nothing_ended(person: Person, since: datetime, now: datetime, body_id: UUID | None) -> None:
    """Refuse the sign-in of who held a role after it and holds none now; who never held one may come in."""
    ended = Grant.objects.filter(person=person, valid_to__gt=since, valid_to__lte=now)
    if (ended if body_id is None else ended.filter(body_id=body_id)).exists():
        raise NotVisible


class _Standing(NamedTuple):
    what: str
    id: UUID | None
    body_id: UUID
    area_id: UUID | None
    office_id: UUID | None
    role: str
    valid_from: datetime | None
    valid_to: datetime | None

    def began(self, instant: datetime) -> bool:
        return self.valid_from is not None and self.valid_from <= instant


def _standing(person_id: UUID, now: datetime) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {"person": person_id, "now": now, "today": clock.legal_day(now)}
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, values)
        return list(cursor.fetchall())


def present(day: date) -> Q:
    """Return the condition on a person to have an open account on a day."""
    return Q(active=True) & (Q(left_on=None) | Q(left_on__gt=day))


def staff_bodies(actor: Actor) -> list[BodyRef]:
    """Return the bodies for which the actor works now, by name; for the node itself, all."""
    if actor.kind == "system":
        return tenancy.bodies()
    mine = {grant.body_id for grant in actor.grants if grant.holds_at(clock.now())}
    return [body for body in tenancy.bodies() if body.id in mine]


def staff_areas(actor: Actor) -> list[AreaRef]:
    """Return the areas, over all bodies, in which the actor holds some role now."""
    now = clock.now()
    held = {(grant.body_id, grant.area_id) for grant in actor.grants if grant.holds_at(now)}
    return [area for area in tenancy.areas() if {(area.body_id, None), (area.body_id, area.id)} & held]


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
