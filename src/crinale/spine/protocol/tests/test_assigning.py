"""A document is always somebody's: who has it, until when, and each step with its author."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.audit.models import FactRow
from crinale.spine.protocol import actions, queries
from crinale.spine.protocol.actions.assigning import Assignee
from crinale.spine.protocol.rules.handling import SettledAlready, TakenAlready
from crinale.spine.protocol.tests.desk import Desk
from crinale.spine.protocol.tests.town import SYSTEM, Town
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor
    from crinale.spine.protocol.views import AssignmentView, RegistrationView


@pytest.fixture
def desk(town: Town) -> Desk:
    return Desk(town)


def steps(view: RegistrationView) -> list[tuple[str, str, str]]:
    return [(one.kind, one.by_name, one.text) for one in queries.steps_of(view)]


def only(view: RegistrationView) -> AssignmentView:
    (one,) = view.assignments
    return one


def test_several_get_it_and_the_first_who_acts_is_in_charge(town: Town, desk: Desk) -> None:
    clerk = desk.person("Paola Neri", role="protocol_clerk")
    luca, other = desk.person("Luca Verdi"), desk.office("UFF2", "Ragioneria")
    until = clock.today() + timedelta(days=30)
    made = town.receive()
    seen = actions.assign_several(
        actor=clerk,
        registration_id=made.id,
        assignees=[
            Assignee(office_id=other, purpose="knowledge"),
            Assignee(office_id=town.office_id, person_id=luca.person_id),
            Assignee(office_id=other),
        ],
        note="Rispondere entro il mese",
        deadline=until,
    )
    told = [(one.office_name, one.person_name, one.purpose, one.state) for one in seen.assignments]
    assert told == [
        ("Ragioneria", "", "knowledge", "waiting"),
        ("Ufficio tecnico", "Luca Verdi", "action", "waiting"),
        ("Ragioneria", "", "action", "waiting"),
    ]
    assert {(one.deadline, one.note) for one in seen.assignments} == {(until, "Rispondere entro il mese")}
    assert seen.in_charge is not None
    assert seen.in_charge.person_name == "Luca Verdi"
    for wanted in (
        queries.RegistrationFilter(office_id=town.office_id),
        queries.RegistrationFilter(person_id=luca.person_id),
    ):
        [row] = queries.registrations(actor=SYSTEM, area_id=town.area_id, narrowed=wanted)
        assert (row.id, row.office_name) == (made.id, "Ufficio tecnico")
    again = actions.assign(actor=clerk, registration_id=made.id, office_id=other)
    assert again.assignments == seen.assignments


def test_what_is_only_to_be_known_leaves_the_document_to_assign(town: Town) -> None:
    made = town.receive()
    known = Assignee(office_id=town.office_id, purpose="knowledge")
    seen = actions.assign_several(actor=SYSTEM, registration_id=made.id, assignees=[known])
    waiting = queries.RegistrationFilter(unassigned=True)
    assert queries.registration_count(actor=SYSTEM, area_id=town.area_id, narrowed=waiting).count == 1
    with pytest.raises(Invalid):
        actions.take_charge(actor=SYSTEM, assignment_id=only(seen).id)
    read = actions.conclude(actor=SYSTEM, assignment_id=only(seen).id)
    assert (only(read).state, steps(read)) == ("done", [("done", "tests", "")])


def test_a_document_is_taken_and_concluded_by_a_member_of_the_office(town: Town, desk: Desk) -> None:
    member = desk.person("Anna Bruni", offices=(town.office_id,))
    stranger = desk.person("Carlo Rossi", offices=(desk.office("UFF2", "Ragioneria"),))
    given = only(actions.assign(actor=SYSTEM, registration_id=town.receive().id, office_id=town.office_id))
    with pytest.raises(NotVisible):
        actions.take_charge(actor=stranger, assignment_id=given.id)
    actions.take_charge(actor=member, assignment_id=given.id)
    taken = actions.take_charge(actor=member, assignment_id=given.id)
    assert (only(taken).state, only(taken).taken_by_name) == ("taken", "Anna Bruni")
    with pytest.raises(Conflict):
        actions.refuse_assignment(actor=member, assignment_id=given.id, reason="Non nostro")
    done = actions.conclude(actor=member, assignment_id=given.id, note="Risposto")
    assert steps(done) == [("taken", "Anna Bruni", ""), ("done", "Anna Bruni", "Risposto")]
    assert done.in_charge is not None
    with pytest.raises(SettledAlready, match="Anna Bruni"):
        actions.withdraw_assignment(actor=SYSTEM, assignment_id=given.id, reason="Errore")
    kinds = FactRow.objects.filter(subject_id=done.id).order_by("id").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["registration.assigned", "assignment.handled", "assignment.handled"]


@pytest.mark.parametrize("step", ["refuse_assignment", "withdraw_assignment"])
def test_what_is_refused_or_withdrawn_goes_back_to_the_desk(town: Town, step: str) -> None:
    made = town.receive()
    given = only(actions.assign(actor=SYSTEM, registration_id=made.id, office_id=town.office_id))
    change = getattr(actions, step)
    with pytest.raises(Invalid):
        change(actor=SYSTEM, assignment_id=given.id, reason=" ")
    back = change(actor=SYSTEM, assignment_id=given.id, reason="Non è di questo ufficio")
    assert back.in_charge is None
    assert steps(back)[0][2] == "Non è di questo ufficio"
    waiting = queries.RegistrationFilter(unassigned=True)
    assert queries.registration_count(actor=SYSTEM, area_id=town.area_id, narrowed=waiting).count == 1


def test_the_others_in_charge_remain_when_one_refuses(town: Town, desk: Desk) -> None:
    both = [Assignee(office_id=town.office_id), Assignee(office_id=desk.office("UFF2", "Ragioneria"))]
    seen = actions.assign_several(actor=SYSTEM, registration_id=town.receive().id, assignees=both)
    left = actions.refuse_assignment(actor=SYSTEM, assignment_id=seen.assignments[0].id, reason="Altrove")
    assert left.in_charge is not None
    assert left.in_charge.office_name == "Ragioneria"


def test_what_is_forwarded_keeps_purpose_and_deadline(town: Town, desk: Desk) -> None:
    luca, other = desk.person("Luca Verdi"), desk.office("UFF2", "Ragioneria")
    until = clock.today() + timedelta(days=3)
    given = only(
        actions.assign(
            actor=SYSTEM,
            registration_id=town.receive().id,
            office_id=town.office_id,
            person_id=luca.person_id,
            deadline=until,
        )
    )
    with pytest.raises(Invalid):
        same = Assignee(office_id=town.office_id, person_id=luca.person_id)
        actions.forward_assignment(actor=luca, assignment_id=given.id, to=same, reason="Sbagliato")
    seen = actions.forward_assignment(
        actor=luca, assignment_id=given.id, to=Assignee(office_id=other), reason="Riguarda il bilancio"
    )
    assert [one.state for one in seen.assignments] == ["forwarded", "waiting"]
    new = seen.assignments[-1]
    assert (new.deadline, new.note, new.assigned_by_name) == (until, "Riguarda il bilancio", "Luca Verdi")
    assert seen.in_charge == new


def test_a_substitute_acts_in_the_name_of_the_absent(town: Town, desk: Desk) -> None:
    luca = desk.person("Luca Verdi")
    substitute = desk.person("Anna Bruni", for_whom=(luca,))
    given = only(
        actions.assign(
            actor=SYSTEM,
            registration_id=town.receive().id,
            office_id=town.office_id,
            person_id=luca.person_id,
        )
    )
    [row] = queries.assigned(actor=substitute, area_id=town.area_id)
    assert (row.id, row.absent_name) == (given.id, "Luca Verdi")
    [own] = queries.assigned(actor=luca, area_id=town.area_id)
    assert own.absent_name == ""
    seen = actions.take_charge(actor=substitute, assignment_id=given.id)
    [step] = queries.steps_of(seen)
    assert (step.by_name, step.on_behalf_of_name) == ("Anna Bruni", "Luca Verdi")


def test_who_does_not_work_here_gets_nothing(town: Town, other_town: Town, desk: Desk) -> None:
    made, stranger = town.receive(), Desk(other_town).person("Elsa Corti")
    with pytest.raises(Invalid):
        actions.assign(
            actor=SYSTEM, registration_id=made.id, office_id=town.office_id, person_id=stranger.person_id
        )
    with pytest.raises(Invalid):
        yesterday = clock.today() - timedelta(days=1)
        actions.assign(actor=SYSTEM, registration_id=made.id, office_id=town.office_id, deadline=yesterday)
    with pytest.raises(Invalid):
        actions.assign_several(actor=SYSTEM, registration_id=made.id, assignees=[])
    clerk = desk.person("Paola Neri", role="protocol_clerk")
    secret = town.receive(confidential=True)
    with pytest.raises(NotVisible):
        actions.assign(actor=clerk, registration_id=secret.id, office_id=town.office_id)


def test_nothing_waits_on_an_annulled_registration(town: Town) -> None:
    made = town.receive()
    actions.assign(actor=SYSTEM, registration_id=made.id, office_id=town.office_id)
    seen = actions.annul(actor=SYSTEM, registration_id=made.id, act="Decreto 1", reason="Doppione")
    assert (only(seen).state, steps(seen)) == ("done", [("done", "tests", "Decreto 1")])
    with pytest.raises(Conflict):
        actions.assign(actor=SYSTEM, registration_id=made.id, office_id=town.office_id)


@pytest.mark.parametrize(
    "change",
    [
        "update protocol_assignment set state = 'taken'",
        "update protocol_assignment set taken_by_name = 'Altri'",
        "update protocol_assignment set deadline = current_date",
        "delete from protocol_assignment",
        "update protocol_registration set current_office_id = null",
    ],
)
def test_the_database_refuses_changes_without_their_step(town: Town, change: str) -> None:
    actions.assign(actor=SYSTEM, registration_id=town.receive().id, office_id=town.office_id)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_step_cannot_be_changed_or_undone(town: Town) -> None:
    given = only(actions.assign(actor=SYSTEM, registration_id=town.receive().id, office_id=town.office_id))
    actions.take_charge(actor=SYSTEM, assignment_id=given.id)
    for change in (
        "update protocol_assignmentstep set by_name = 'Altri'",
        "delete from protocol_assignmentstep",
        "update protocol_assignment set state = 'waiting'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_lists_and_counts_tell_what_is_late_with_fixed_questions(town: Town, desk: Desk) -> None:
    luca = desk.person("Luca Verdi", offices=(town.office_id,))
    today = clock.today()

    def give(days: int | None, person: Actor | None = None) -> UUID:
        seen = actions.assign(
            actor=SYSTEM,
            registration_id=town.receive().id,
            office_id=town.office_id,
            person_id=person.person_id if person else None,
            deadline=None if days is None else today + timedelta(days=days),
        )
        return only(seen).id

    first = give(0, luca)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            queries.assigned(actor=luca, area_id=town.area_id)
            queries.assigned_counts(actor=luca, area_id=town.area_id)
        return len(asked)

    few = questions()
    assert few == 3
    mine = [first, give(None, luca), give(9, luca)]
    offices = [give(1), give(None)]
    assert questions() == few
    with clock.frozen(clock.now() + timedelta(days=2)):
        counts = queries.assigned_counts(actor=luca, area_id=town.area_id)
        assert (counts.me.count, counts.me.overdue) == (3, 1)
        assert (counts.office.count, counts.office.overdue) == (2, 1)
        rows = queries.assigned(actor=luca, area_id=town.area_id)
        assert [(row.id, row.overdue) for row in rows] == [
            (mine[2], False),
            (mine[1], False),
            (mine[0], True),
        ]
        late = queries.assigned(actor=luca, area_id=town.area_id, whose="office", state="overdue")
        assert [row.id for row in late] == offices[:1]
        last = rows[0]
        older = queries.assigned(actor=luca, area_id=town.area_id, before=(last.assigned_at, last.id))
        assert [row.id for row in older] == [mine[1], mine[0]]

        def order(by: Any, before: Any = None) -> list[UUID]:
            found = queries.assigned(actor=luca, area_id=town.area_id, order=by, before=before)
            return [row.id for row in found]

        assert order("oldest") == mine
        assert order("oldest", (rows[2].assigned_at, mine[0])) == mine[1:]
        assert order("deadline") == [mine[0], mine[2], mine[1]]
        assert order("deadline", (today + timedelta(days=9), mine[2])) == [mine[1]]
        assert order("deadline", (date.max, mine[1])) == []
    actions.conclude(actor=luca, assignment_id=mine[0])
    assert queries.assigned_counts(actor=luca, area_id=town.area_id).me.count == 2


def test_of_two_who_take_charge_at_once_one_is_told_who_did(committed_town: Town) -> None:
    desk = Desk(committed_town)
    members = [desk.person(name, offices=(committed_town.office_id,)) for name in ("Anna Bruni", "Ugo Neri")]
    together = Barrier(2)

    for _turn in range(5):
        given = only(
            actions.assign(
                actor=SYSTEM,
                registration_id=committed_town.receive().id,
                office_id=committed_town.office_id,
            )
        )

        def take(actor: Actor, assignment_id: UUID = given.id) -> str:
            try:
                with scope(committed_town.body_id):
                    together.wait(10)
                    actions.take_charge(actor=actor, assignment_id=assignment_id)
            except TakenAlready as refused:
                return str(refused)
            finally:
                connection.close()
            return actor.name

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(take, members))
        (winner,) = [one.name for one in members if one.name in answers]
        assert sorted(answers) == sorted([winner, f"{winner} has taken charge of it already"])
