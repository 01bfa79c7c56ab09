"""What is assigned to a person or to his office, how much of it is late, the course of each assignment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from django.db.models import Count, Min, Q, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce

from crinale.kernel import clock
from crinale.kernel.numbers import format_number
from crinale.spine.identity import permissions
from crinale.spine.identity.models import Grant
from crinale.spine.identity.queries import in_force
from crinale.spine.protocol.models import OPEN_STATES, Assignment, AssignmentStep, Party
from crinale.spine.protocol.rules import handling as rules
from crinale.spine.tenancy import current_body
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.rules.handling import PurposeName, StateName, StepName
    from crinale.spine.protocol.views import AssignmentView, RegistrationView

Whose = Literal["me", "office"]
Wanted = Literal["open", "waiting", "taken", "overdue"]
Order = Literal["newest", "oldest", "deadline"]
Before = tuple["datetime | date", "UUID"]
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedRow:
    """One open assignment in a list; ``absent_name`` is the absent person for whom the actor stands in."""

    id: UUID
    registration_id: UUID
    year: int
    number: int
    subject: str
    confidential: bool
    correspondents: tuple[str, ...]
    channel: str
    purpose: PurposeName
    state: StateName
    assigned_at: datetime
    assigned_by_name: str
    note: str
    office_name: str
    person_name: str
    absent_name: str
    taken_by_name: str
    deadline: date | None
    overdue: bool

    @property
    def number_text(self) -> str:
        """The number as written, with at least seven digits."""
        return format_number(self.number)


@dataclass(frozen=True, slots=True)
class AssignedCount:
    """How many open assignments, how many of them late, and since when the first waits."""

    count: int
    overdue: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class AssignedCounts:
    """What waits for a person (and those for whom he stands in), and for his offices."""

    me: AssignedCount
    office: AssignedCount


@dataclass(frozen=True, slots=True)
class AssigneeChoice:
    """An office, or a person who works there, to whom a document may be given."""

    office_id: UUID
    office_name: str
    person_id: UUID | None
    person_name: str


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of an assignment."""

    assignment_id: UUID
    kind: StepName
    text: str
    at: datetime
    by_name: str
    on_behalf_of_name: str


def assigned(
    *,
    actor: Actor,
    area_id: UUID,
    whose: Whose = "me",
    state: Wanted = "open",
    order: Order = "newest",
    before: Before | None = None,
    limit: int = 50,
) -> list[AssignedRow]:
    """Return the open assignments of an area for the actor or for his offices, in an order.

    By deadline, those without one come last. ``before`` is (assigned_at, id) of the last row of the page
    before, or (deadline, id), the deadline ``date.max`` where there is none. Two questions, however long it
    is.

    :raises NotVisible: when the actor may not see the area's registrations.
    """
    found = _of(actor, area_id).filter(_mine(actor) if whose == "me" else _of_offices(actor))
    if state == "overdue":
        found = found.filter(deadline__lt=clock.today())
    elif state != "open":
        found = found.filter(state=state)
    found = _ordered(found, order, before).select_related("registration", "office")
    rows = list(found[: max(1, min(limit, MOST))])
    names: dict[UUID, tuple[str, ...]] = {}
    parties = Party.objects.filter(registration_id__in={row.registration_id for row in rows})
    for one in parties.order_by("role", "position"):
        names[one.registration_id] = (*names.get(one.registration_id, ()), one.name)
    return [_row(actor, row, names.get(row.registration_id, ())) for row in rows]


def assigned_counts(*, actor: Actor, area_id: UUID) -> AssignedCounts:
    """Count what :func:`assigned` would list, in one question.

    :raises NotVisible: when the actor may not see the area's registrations.
    """
    mine, offices = _mine(actor), _of_offices(actor)
    late = Q(deadline__lt=clock.today())
    found = (
        _of(actor, area_id)
        .filter(mine | offices)
        .aggregate(
            me=Count("id", filter=mine),
            me_late=Count("id", filter=mine & late),
            me_oldest=Min("assigned_at", filter=mine),
            office=Count("id", filter=offices),
            office_late=Count("id", filter=offices & late),
            office_oldest=Min("assigned_at", filter=offices),
        )
    )
    return AssignedCounts(
        AssignedCount(found["me"], found["me_late"], found["me_oldest"]),
        AssignedCount(found["office"], found["office_late"], found["office_oldest"]),
    )


def assignee_choices(*, actor: Actor, area_id: UUID) -> list[AssigneeChoice]:
    """Return to whom a document of an area may be given: each office, followed by those who work there.

    :raises NotVisible: when the actor may not see the area's registrations.
    """
    permissions.require(actor, "protocol.view", area_id=area_id)
    working: dict[UUID, dict[UUID, str]] = {}
    grants = Grant.objects.filter(
        in_force(clock.now()), office__area_id=area_id, body_id=current_body(), person__active=True
    )
    for office_id, person_id, name in grants.order_by("person__name").values_list(
        "office_id", "person_id", "person__name"
    ):
        if office_id is not None:
            working.setdefault(office_id, {})[person_id] = name
    found = []
    for office in tenancy.offices(area_id=area_id):
        found.append(AssigneeChoice(office.id, office.name, None, ""))
        found += [
            AssigneeChoice(office.id, office.name, person_id, name)
            for person_id, name in working.get(office.id, {}).items()
        ]
    return found


def steps_of(registration: RegistrationView) -> list[StepView]:
    """Return what was done with the assignments of a registration that the caller may see, in order."""
    if not registration.assignments:
        return []
    found = AssignmentStep.objects.filter(assignment__registration_id=registration.id)
    return [
        StepView(
            one.assignment_id,
            one.kind,  # type: ignore[arg-type]
            one.text,
            one.at,
            one.by_name,
            one.on_behalf_of_name,
        )
        for one in found.order_by("at", "id")
    ]


def possible_steps(
    *, actor: Actor, registration: RegistrationView, assignment: AssignmentView
) -> tuple[StepName, ...]:
    """Return what the actor may do now with an assignment of a registration that he may see."""
    return rules.possible_steps(
        state=assignment.state,
        purpose=assignment.purpose,
        mine=rules.is_mine(
            people=actor.people,
            offices=actor.offices,
            person_id=assignment.person_id,
            office_id=assignment.office_id,
        ),
        may_assign=permissions.allows(actor, "protocol.assign", area_id=registration.area_id),
    )


def _of(actor: Actor, area_id: UUID) -> QuerySet[Assignment]:
    # The area is that of the office: counting does not touch the register.
    permissions.require(actor, "protocol.view", area_id=area_id)
    return Assignment.objects.filter(state__in=OPEN_STATES, office__area_id=area_id)


def _ordered(found: QuerySet[Assignment], order: Order, before: Before | None) -> QuerySet[Assignment]:
    if order == "newest":
        if before is not None:
            found = found.filter(TupleLessThan(Tuple("assigned_at", "id"), before))
        return found.order_by("-assigned_at", "-id")
    by = "assigned_at"
    if order == "deadline":
        by, found = "due", found.annotate(due=Coalesce("deadline", Value(date.max)))
    if before is not None:
        found = found.filter(TupleGreaterThan(Tuple(by, "id"), before))
    return found.order_by(by, "id")


def _mine(actor: Actor) -> Q:
    return Q(person__isnull=False, person__in=actor.people)


def _of_offices(actor: Actor) -> Q:
    return Q(person__isnull=True, office_id__in=actor.offices)


def _row(actor: Actor, row: Assignment, names: tuple[str, ...]) -> AssignedRow:
    one = row.registration
    return AssignedRow(
        id=row.id,
        registration_id=one.id,
        year=one.year,
        number=one.number,
        subject=one.subject,
        confidential=one.confidential,
        correspondents=names,
        channel=one.channel,
        purpose=row.purpose,  # type: ignore[arg-type]
        state=row.state,  # type: ignore[arg-type]
        assigned_at=row.assigned_at,
        assigned_by_name=row.assigned_by_name,
        note=row.note,
        office_name=row.office.name,
        person_name=row.person_name,
        absent_name=row.person_name if row.person in actor.stands_in_for else "",
        taken_by_name=row.taken_by_name,
        deadline=row.deadline,
        overdue=rules.is_overdue(state=row.state, deadline=row.deadline, today=clock.today()),
    )
