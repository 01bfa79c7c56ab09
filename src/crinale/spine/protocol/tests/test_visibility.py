"""A confidential registration leaves no trace for a stranger; the three forms of the rule agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from crinale.spine.protocol import actions, queries
from crinale.spine.protocol.models import Registration
from crinale.spine.protocol.queries import holding, visibility
from crinale.spine.protocol.queries.registration import views
from crinale.spine.protocol.tests.desk import Desk
from crinale.spine.protocol.tests.town import SYSTEM, Town
from crinale.spine.protocol.views import LinkData

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor

EVERYTHING = queries.RegistrationFilter()


@pytest.fixture
def desk(town: Town) -> Desk:
    return Desk(town)


def seen(actor: Actor, town: Town) -> set[UUID]:
    """What an actor sees, asked in every way: by predicate, condition, SQL, list and count."""
    ids = list(Registration.objects.values_list("id", flat=True))
    by_view = {view.id for view in views(ids) if visibility.may_see(actor, view)}
    by_condition = set(
        Registration.objects.filter(visibility.seen_by(actor, town.area_id)).values_list("id", flat=True)
    )
    condition, values = visibility.seen_by_sql(actor, town.area_id, registration="one")
    with connection.cursor() as cursor:
        cursor.execute(f"select one.id from protocol_registration as one where {condition}", values)
        by_sql = {row[0] for row in cursor.fetchall()}
    by_list = {
        row.id for row in queries.registrations(actor=actor, area_id=town.area_id, narrowed=EVERYTHING)
    }
    by_row = {
        one for one in ids if one not in visibility.hidden_among(actor, list(Registration.objects.all()))
    }
    count = queries.registration_count(actor=actor, area_id=town.area_id, narrowed=EVERYTHING).count
    assert by_view == by_condition == by_sql == by_list == by_row
    assert count == len(by_view)
    return by_view


def everything(actor: Actor, town: Town) -> list[Any]:
    return [
        queries.registrations(actor=actor, area_id=town.area_id, narrowed=EVERYTHING),
        queries.registration_count(actor=actor, area_id=town.area_id, narrowed=EVERYTHING),
        queries.assigned(actor=actor, area_id=town.area_id),
        queries.assigned(actor=actor, area_id=town.area_id, whose="office"),
        queries.assigned_counts(actor=actor, area_id=town.area_id),
        seen(actor, town),
    ]


def test_who_sees_a_confidential_registration(town: Town, desk: Desk) -> None:
    other = desk.office("UFF2", "Ragioneria")
    luca = desk.person("Luca Verdi", offices=(other,))
    clerk = desk.person("Paola Neri", role="protocol_clerk")
    head = desk.person("Ada Testi", role="records_manager")
    member = desk.person("Anna Bruni", offices=(town.office_id,))
    substitute = desk.person("Ugo Neri", for_whom=(luca,))
    colleague = desk.person("Ida Salvi", offices=(other,))
    open_one = town.receive().id
    registered = town.receive(actor=clerk, confidential=True).id
    to_office, to_person = (town.receive(confidential=True).id for _ in range(2))
    office = actions.assign(actor=SYSTEM, registration_id=to_office, office_id=town.office_id)
    person = actions.assign(
        actor=SYSTEM, registration_id=to_person, office_id=other, person_id=luca.person_id
    )
    assert seen(head, town) == {open_one, registered, to_office, to_person}
    assert seen(clerk, town) == {open_one, registered}
    assert seen(member, town) == {open_one, to_office}
    assert seen(luca, town) == seen(substitute, town) == {open_one, to_person}
    assert seen(colleague, town) == {open_one}
    actions.refuse_assignment(actor=member, assignment_id=office.assignments[0].id, reason="Non nostro")
    assert seen(member, town) == {open_one}
    actions.conclude(actor=luca, assignment_id=person.assignments[0].id)
    assert seen(luca, town) == {open_one, to_person}


def test_a_confidential_registration_changes_nothing_for_a_stranger(town: Town, desk: Desk) -> None:
    stranger = desk.person("Carlo Rossi", offices=(desk.office("UFF2", "Ragioneria"),))
    actions.assign(actor=SYSTEM, registration_id=town.receive().id, office_id=next(iter(stranger.offices)))
    before = everything(stranger, town)
    for _turn in range(3):
        secret = town.receive(confidential=True)
        actions.assign(actor=SYSTEM, registration_id=secret.id, office_id=town.office_id)
    assert everything(stranger, town) == before
    assert everything(desk.person("Ada Testi", role="records_manager"), town) != before


def test_what_is_confidential_is_not_named_on_what_it_answers_or_leads_to(town: Town, desk: Desk) -> None:
    stranger, head = desk.person("Carlo Rossi"), desk.person("Ada Testi", role="records_manager")
    first, last = town.receive(), town.receive()

    def told(actor: Actor) -> Any:
        one = queries.registration(actor=actor, registration_id=first.id)
        thread = queries.chain(actor=actor, registration_id=first.id, limit=2)
        return one, thread

    before = told(stranger)
    answer = town.send(confidential=True, reply_to=first.id, links=[LinkData(last.id, "related")])
    actions.link_registration(
        actor=SYSTEM, registration_id=first.id, other_id=answer.id, relation="related", reason="Simili"
    )
    assert told(stranger) == before
    one, thread = told(head)
    assert [other.id for other in one.replies] == [link.related.id for link in one.links] == [answer.id]
    assert not thread.whole
    assert queries.registration(actor=stranger, registration_id=last.id).links == ()


def test_many_confidential_copies_of_a_file_do_not_hide_the_open_one(
    town: Town, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "_MOST", 1)
    town.receive()
    town.receive(confidential=True)
    [document] = queries.registration(actor=SYSTEM, registration_id=town.receive().id).documents
    town.receive(confidential=True)
    found = holding.registrations_holding(
        actor=desk.person("Carlo Rossi"), area_id=town.area_id, sha256=document.sha256
    )
    assert [one.confidential for one in found] == [False]


def test_who_does_not_work_in_the_area_sees_nothing(town: Town, desk: Desk) -> None:
    made = actions.assign(actor=SYSTEM, registration_id=town.receive().id, office_id=town.office_id)
    nobody = town.clerk("administrator", person_id=desk.person("Elsa Corti").person_id)
    assert not visibility.may_see(nobody, made)
