"""Give a registration to those who act upon it or should know of it, and follow what they do with it.

Who is responsible for a document is known from its registration until it is concluded (DPR 445/2000 art. 52
and 53). Each step is a row that stays; the registration names the assignment that is in charge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.numbers import format_number
from crinale.spine import audit
from crinale.spine.identity import permissions
from crinale.spine.identity.models import Grant, Person
from crinale.spine.identity.queries import in_force
from crinale.spine.notify import actions as notify
from crinale.spine.protocol import facts
from crinale.spine.protocol.actions.handling import locked
from crinale.spine.protocol.models import OPEN_STATES, Assignment, AssignmentStep, Registration
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.rules import handling as rules
from crinale.spine.tenancy.models import Office

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.rules.handling import PurposeName, StepName
    from crinale.spine.protocol.views import RegistrationView


@dataclass(frozen=True, kw_only=True)
class Assignee:
    """An office of the area, or a person there, and what for."""

    office_id: UUID
    person_id: UUID | None = None
    purpose: PurposeName = "action"


def assign(
    *,
    actor: Actor,
    registration_id: UUID,
    office_id: UUID,
    person_id: UUID | None = None,
    note: str = "",
    deadline: date | None = None,
) -> RegistrationView:
    """Give a registration to one office, or one person there, to act upon it; as :func:`assign_several`."""
    return assign_several(
        actor=actor,
        registration_id=registration_id,
        assignees=[Assignee(office_id=office_id, person_id=person_id)],
        note=note,
        deadline=deadline,
    )


def assign_several(
    *,
    actor: Actor,
    registration_id: UUID,
    assignees: Sequence[Assignee],
    note: str = "",
    deadline: date | None = None,
) -> RegistrationView:
    """Give a registration to offices and people; the first who shall act is in charge of it from now on.

    Earlier assignments stay, and stay open. Who has it already is not given it again for the same purpose.

    :raises NotVisible: when the registration or an office is not there, or the actor may not assign.
    :raises Invalid: when nobody is named, a person does not work in the area, or the deadline is past.
    :raises Conflict: when the registration is annulled.
    """
    if not 1 <= len(assignees) <= rules.MOST_ASSIGNEES:
        raise Invalid("office", f"choose 1 to {rules.MOST_ASSIGNEES} offices or people")
    if len(note) > rules.LONGEST_TEXT:
        raise Invalid("note", f"shorten it to {rules.LONGEST_TEXT} characters")
    rules.check_deadline(deadline, today=clock.today())
    with transaction.atomic():
        row = locked(actor, registration_id, "protocol.assign")
        if row.annulled_at is not None:
            raise Conflict("an annulled registration is not assigned any more")
        _give(actor, row, list(dict.fromkeys(assignees)), note=note.strip(), deadline=deadline)
        _update_charge(row)
        return views([row.id])[0]


def take_charge(*, actor: Actor, assignment_id: UUID) -> RegistrationView:
    """Take charge of what was assigned; of two who do at once, one is told who was quicker.

    :raises NotVisible: when it is not there or not the actor's to handle; so in all the steps below.
    :raises TakenAlready: when somebody else has.
    :raises SettledAlready: when it is settled.
    """
    with transaction.atomic():
        row, assignment = _locked_assignment(actor, assignment_id)
        if assignment.state == "taken" and assignment.taken_by == actor.person_id is not None:
            return views([row.id])[0]
        return _step(actor, row, assignment, "taken", "")


def refuse_assignment(*, actor: Actor, assignment_id: UUID, reason: str) -> RegistrationView:
    """Refuse an assignment: the document goes back to the desk that assigned it."""
    with transaction.atomic():
        row, assignment = _locked_assignment(actor, assignment_id)
        if assignment.assigned_by is not None:
            _tell(actor, row, people={assignment.assigned_by})
        return _step(actor, row, assignment, "refused", reason)


def forward_assignment(*, actor: Actor, assignment_id: UUID, to: Assignee, reason: str) -> RegistrationView:
    """Pass an assignment on, for the same purpose and with the same deadline.

    :raises Invalid: when it would come back to the same office or person, or no reason is given.
    """
    with transaction.atomic():
        row, assignment = _locked_assignment(actor, assignment_id)
        if (to.office_id, to.person_id) == (assignment.office_id, assignment.person):
            raise Invalid("office", "choose another office or person: it is there already")
        rules.check_text("forwarded", reason)
        _record(actor, row, assignment, "forwarded", reason)
        passed = Assignee(
            office_id=to.office_id,
            person_id=to.person_id,
            purpose=assignment.purpose,  # type: ignore[arg-type]
        )
        _give(actor, row, [passed], note=reason.strip(), deadline=assignment.deadline, former=assignment)
        _update_charge(row)
        return views([row.id])[0]


def conclude(*, actor: Actor, assignment_id: UUID, note: str = "") -> RegistrationView:
    """Say that what was to be done is done, or that what was to be known was read."""
    with transaction.atomic():
        row, assignment = _locked_assignment(actor, assignment_id)
        return _step(actor, row, assignment, "done", note)


def withdraw_assignment(*, actor: Actor, assignment_id: UUID, reason: str) -> RegistrationView:
    """Take an assignment back; only who may assign does."""
    with transaction.atomic():
        row, assignment = _locked_assignment(actor, assignment_id)
        permissions.require(actor, "protocol.assign", area_id=row.area_id)
        return _step(actor, row, assignment, "withdrawn", reason)


def settle_annulled(*, actor: Actor, row: Registration) -> None:
    """Conclude what is still open on a registration that is being annulled: nothing waits there any more."""
    for assignment in Assignment.objects.select_for_update().filter(registration=row, state__in=OPEN_STATES):
        _record(actor, row, assignment, "done", row.annulment_act[: rules.LONGEST_TEXT])


def _locked_assignment(actor: Actor, assignment_id: UUID) -> tuple[Registration, Assignment]:
    """Hold a registration, then its assignment: always in this order."""
    found = Assignment.objects.filter(id=assignment_id).values_list("registration_id", flat=True).first()
    if found is None:
        raise NotVisible
    row = locked(actor, found, "protocol.view")
    assignment = Assignment.objects.select_for_update(of=("self",)).get(id=assignment_id)
    if not (_is_his(actor, assignment) or permissions.allows(actor, "protocol.assign", area_id=row.area_id)):
        raise NotVisible
    return row, assignment


def _is_his(actor: Actor, assignment: Assignment) -> bool:
    return rules.is_mine(
        people=actor.people,
        offices=actor.offices,
        person_id=assignment.person,
        office_id=assignment.office_id,
    )


def _step(
    actor: Actor, row: Registration, assignment: Assignment, step: StepName, text: str
) -> RegistrationView:
    _record(actor, row, assignment, step, text)
    _update_charge(row)
    return views([row.id])[0]


def _record(actor: Actor, row: Registration, assignment: Assignment, step: StepName, text: str) -> None:
    steps = AssignmentStep.objects.filter(assignment=assignment).order_by("sequence")
    last = steps.last()
    rules.check_step(
        step,
        state=assignment.state,
        purpose=assignment.purpose,
        by_whom=last.by_name if last else "",
    )
    written = rules.check_text(step, text)
    absent = assignment.person if assignment.person in actor.stands_in_for else None
    AssignmentStep(
        assignment=assignment,
        sequence=last.sequence + 1 if last else 1,
        kind=step,
        text=written,
        at=clock.now(),
        by=actor.person_id,
        by_name=actor.name[:200],
        on_behalf_of=absent,
        on_behalf_of_name=assignment.person_name if absent else "",
    ).save(force_insert=True)
    assignment.state = step
    if step == "taken":
        assignment.taken_by, assignment.taken_by_name = actor.person_id, actor.name[:200]
    assignment.save(update_fields=["state", "taken_by", "taken_by_name"])
    audit.write(
        facts.AssignmentHandled(
            subject_id=row.id, assignment=assignment.id, step=step, text=written, on_behalf_of=absent
        ),
        actor=actor,
    )


def _give(
    actor: Actor,
    row: Registration,
    assignees: Sequence[Assignee],
    *,
    note: str,
    deadline: date | None,
    former: Assignment | None = None,
) -> None:
    names = _names(row, assignees)
    now, known = clock.now(), list(Assignment.objects.filter(registration=row))
    has = {(one.office_id, one.person, one.purpose) for one in known if one.state in rules.OPEN}
    wanted = [one for one in assignees if (one.office_id, one.person_id, one.purpose) not in has]
    _tell(
        actor,
        row,
        people={one.person_id for one in wanted if one.person_id},
        offices={one.office_id for one in wanted if not one.person_id},
    )
    for sequence, one in enumerate(wanted, start=len(known) + 1):
        Assignment(
            registration=row,
            sequence=sequence,
            office_id=one.office_id,
            person=one.person_id,
            person_name=names[one.person_id] if one.person_id else "",
            purpose=one.purpose,
            deadline=deadline,
            note=note,
            assigned_at=now,
            assigned_by=actor.person_id,
            assigned_by_name=actor.name[:200],
            forwarded_from=former,
        ).save(force_insert=True)
        audit.write(
            facts.RegistrationAssigned(
                subject_id=row.id,
                office=one.office_id,
                person=one.person_id,
                note=note,
                purpose=one.purpose,
                deadline=deadline,
                forwarded_from=former.id if former else None,
            ),
            actor=actor,
        )


def _tell(
    actor: Actor, row: Registration, *, people: Collection[UUID] = (), offices: Collection[UUID] = ()
) -> None:
    notify.tell(
        kind="assignment",
        object_id=row.id,
        reference=f"{format_number(row.number)}/{row.year}",
        people=people,
        offices=offices,
        but=actor.person_id,
    )


def _names(row: Registration, assignees: Sequence[Assignee]) -> dict[UUID, str]:
    """Return the names of the people, all of whom work in the area, as the offices are its own."""
    offices = {one.office_id for one in assignees}
    if Office.objects.filter(id__in=offices, area_id=row.area_id).count() != len(offices):
        raise NotVisible
    people = {one.person_id for one in assignees if one.person_id}
    if not people:
        return {}
    grants = Grant.objects.filter(
        in_force(clock.now()), Q(area=None) | Q(area_id=row.area_id), body_id=row.body_id
    )
    working = grants.filter(person_id__in=people).values("person_id")
    here = Person.objects.filter(id__in=working, active=True)
    names = {person.id: person.name[:200] for person in here}
    if people - names.keys():
        raise Invalid("office", "choose a person who works in this area")
    return names


def _update_charge(row: Registration) -> None:
    """Let the registration name who is in charge of it now; nobody when it went back to the desk."""
    chief = rules.in_charge(Assignment.objects.filter(registration=row))
    office = chief.office_id if chief else None
    person = chief.person if chief else None
    if (row.current_office_id, row.current_person) != (office, person):
        Registration.objects.filter(id=row.id).update(current_office_id=office, current_person=person)
