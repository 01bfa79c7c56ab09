"""What the system promises of posts and substitutes: one holder a day, no substitute of a substitute."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine.identity import Forbidden, actions, queries
from crinale.spine.identity.models import Incumbency
from crinale.spine.identity.tests.staff import (
    NOW,
    SYSTEM,
    actor,
    facts,
    make_area,
    make_person,
    make_town,
)
from crinale.spine.tenancy import actions as tenancy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoAssertNumQueries

    from crinale.spine.identity.models import Post
    from crinale.spine.tenancy.models import Body, Office

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
NEXT_WEEK = TODAY + timedelta(days=7)


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def town() -> Body:
    return make_town()


@pytest.fixture
def office(town: Body) -> Office:
    return tenancy.create_office(area_id=make_area(town).id, code="TEC", name="Ufficio tecnico")


@pytest.fixture
def post(office: Office) -> Post:
    return actions.open_post(actor=SYSTEM, body_id=office.body_id, kind="head", office_id=office.id)


def test_a_post_has_one_holder_a_day(post: Post, town: Body) -> None:
    anna, bruno = make_person("anna", town), make_person("bruno", town)
    first = date(2026, 1, 1)
    actions.appoint(actor=SYSTEM, post_id=post.id, person_id=anna.id, valid_from=first, act="Decreto 1/2026")
    with pytest.raises(actions.PostHeld):
        actions.appoint(actor=SYSTEM, post_id=post.id, person_id=bruno.id, valid_from=NEXT_WEEK)
    with pytest.raises(IntegrityError), transaction.atomic():
        Incumbency(post=post, person=bruno, valid_from=TODAY, valid_to=TOMORROW).save(force_insert=True)
    (held,) = queries.post_history(post.id)
    actions.end_appointment(actor=SYSTEM, incumbency_id=held.id, on=NEXT_WEEK)
    actions.appoint(actor=SYSTEM, post_id=post.id, person_id=bruno.id, valid_from=NEXT_WEEK)
    assert [(one.name, one.valid_from, one.valid_to) for one in queries.post_history(post.id)] == [
        ("Signora Anna", first, NEXT_WEEK),
        ("Signora Bruno", NEXT_WEEK, None),
    ]
    days = (date(2025, 12, 31), first, NEXT_WEEK)
    found = [
        queries.incumbent(kind="head", body_id=town.id, office_id=post.office_id, at=day) for day in days
    ]
    assert [one.name if one else None for one in found] == [None, "Signora Anna", "Signora Bruno"]
    assert queries.incumbent(kind="head", body_id=town.id) is None, "the post of an office is not the body's"
    told = [kind for kind in facts(town.id) if kind.startswith("post.")]
    assert told == ["post.opened", "post.filled", "post.vacated", "post.filled"]


def test_the_posts_of_a_body_take_two_queries(
    post: Post, town: Body, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for kind in ("records", "digital_transition", "secretary"):
        made = actions.open_post(actor=SYSTEM, body_id=town.id, kind=kind)
        person = make_person(kind, town)
        actions.appoint(actor=SYSTEM, post_id=made.id, person_id=person.id, valid_from=TODAY)
    with django_assert_num_queries(2):
        found = queries.posts(body_id=town.id)
    assert sorted(one.holder.name for one in found if one.holder) == [
        "Signora Digital_Transition",
        "Signora Records",
        "Signora Secretary",
    ]


def test_who_holds_a_post_works_in_its_office(post: Post, town: Body) -> None:
    anna = make_person("anna", town)
    held = actions.appoint(actor=SYSTEM, post_id=post.id, person_id=anna.id, valid_from=TODAY)
    assert actor(anna).offices == {post.office_id}
    actions.end_appointment(actor=SYSTEM, incumbency_id=held.id)
    assert actor(anna).offices == frozenset()


def test_who_has_a_role_for_an_office_works_there_while_it_lasts(office: Office, town: Body) -> None:
    anna = make_person("anna")
    actions.grant_role(
        actor=SYSTEM,
        person_id=anna.id,
        body_id=town.id,
        role="reader",
        office_id=office.id,
        valid_from=NOW + timedelta(days=1),
        valid_to=NOW + timedelta(days=2),
    )
    seen = []
    for days in (0, 1, 2):
        with clock.frozen(NOW + timedelta(days=days)):
            seen.append(actor(anna).offices)
    assert seen == [frozenset(), {office.id}, frozenset()]
    elsewhere = make_town("c_i454", "Sassetta")
    with pytest.raises(Invalid, match="office"):
        actions.grant_role(
            actor=SYSTEM, person_id=anna.id, body_id=elsewhere.id, role="reader", office_id=office.id
        )


def test_an_office_closes_with_its_posts(post: Post, town: Body, office: Office) -> None:
    anna = make_person("anna", town)
    actions.appoint(actor=SYSTEM, post_id=post.id, person_id=anna.id, valid_from=TODAY)
    actions.close_office(actor=SYSTEM, office_id=office.id, on=NEXT_WEEK)
    assert queries.posts(body_id=town.id, at=NEXT_WEEK) == []
    assert [one.valid_to for one in queries.post_history(post.id)] == [NEXT_WEEK]
    assert facts(town.id)[-3:] == ["post.vacated", "post.closed", "office.closed"]
    with pytest.raises(Invalid, match="valid_to"):
        actions.appoint(actor=SYSTEM, post_id=post.id, person_id=anna.id, valid_from=NEXT_WEEK)


def test_only_who_manages_offices_changes_them(town: Body, office: Office, post: Post) -> None:
    ada, clerk = make_person("ada", town, role="administrator"), make_person("carla", town)
    actions.move_office(actor=actor(ada), office_id=office.id, on=TODAY, parent_id=None, name="Area tecnica")
    foreign = make_person("eva", make_town("c_i454", "Sassetta"), role="administrator")
    for who in (actor(clerk), actor(foreign)):
        with pytest.raises(Forbidden):
            actions.open_office(actor=who, area_id=office.area_id, code="X", name="X")
        with pytest.raises(Forbidden):
            actions.move_office(actor=who, office_id=office.id, on=TODAY, parent_id=None)
        with pytest.raises(Forbidden):
            actions.close_office(actor=who, office_id=office.id, on=TOMORROW)
        with pytest.raises(Forbidden):
            actions.update_office(actor=who, office_id=office.id, phone="0566 1")
        with pytest.raises(Forbidden):
            actions.open_post(actor=who, body_id=town.id, kind="records")
        with pytest.raises(Forbidden):
            actions.appoint(actor=who, post_id=post.id, person_id=clerk.id, valid_from=TODAY)
        with pytest.raises(Forbidden):
            actions.set_sign_in_policy(actor=who, body_id=town.id, second_factor_from=TODAY)


def test_a_substitute_stands_in_on_the_days_of_the_absence_only(town: Body) -> None:
    anna, bruno = make_person("anna", town), make_person("bruno", town)
    actions.enter_absence(
        actor=actor(anna),
        person_id=anna.id,
        substitute_id=bruno.id,
        valid_from=TOMORROW,
        valid_to=NEXT_WEEK,
        reason="holiday",
    )
    seen = []
    for day in (0, 1, 6, 7):
        with clock.frozen(NOW + timedelta(days=day)):
            seen.append(anna.id in actor(bruno).people)
    assert seen == [False, True, True, False]


def test_nobody_stands_in_through_another(town: Body) -> None:
    anna, bruno, carla = (make_person(name, town) for name in ("anna", "bruno", "carla"))
    for away, substitute in ((anna, bruno), (bruno, carla)):
        actions.enter_absence(
            actor=SYSTEM,
            person_id=away.id,
            substitute_id=substitute.id,
            valid_from=TODAY,
            valid_to=NEXT_WEEK,
        )
    assert actor(carla).stands_in_for == {bruno.id}


def test_a_substitute_works_for_the_same_body(town: Body) -> None:
    anna = make_person("anna", town)
    stranger = make_person("eva", make_town("c_i454", "Sassetta"))
    with pytest.raises(Invalid, match="substitute"):
        actions.enter_absence(
            actor=actor(anna),
            person_id=anna.id,
            substitute_id=stranger.id,
            valid_from=TODAY,
            valid_to=TOMORROW,
        )
    bruno = make_person("bruno", town)
    actions.enter_absence(
        actor=actor(anna), person_id=anna.id, substitute_id=bruno.id, valid_from=TODAY, valid_to=TOMORROW
    )
    (grant,) = queries.grants(bruno.id)
    actions.grant_role(
        actor=SYSTEM, person_id=bruno.id, body_id=make_town("c_x", "Altrove").id, role="reader"
    )
    assert actor(bruno).stands_in_for == {anna.id}
    actions.end_grant(actor=SYSTEM, grant_id=grant.id)
    assert actor(bruno).stands_in_for == frozenset(), "who left the body stands in for nobody there"


def test_an_absence_is_one_s_own_or_the_administrator_s(town: Body) -> None:
    anna, bruno = make_person("anna", town), make_person("bruno", town)
    ada = make_person("ada", town, role="administrator")

    def enter(who: object) -> object:
        return actions.enter_absence(
            actor=who,  # type: ignore[arg-type]
            person_id=anna.id,
            substitute_id=bruno.id,
            valid_from=TODAY,
            valid_to=TOMORROW,
        )

    with pytest.raises(Forbidden):
        enter(actor(bruno))
    enter(actor(ada))
    with pytest.raises(Invalid, match="stands in already"):
        enter(actor(anna))
    (absence,) = queries.absences(person_id=anna.id)
    assert queries.absences_of_body(actor=actor(ada), body_id=town.id) == [absence]
    with pytest.raises(NotVisible):
        actions.end_absence(actor=actor(bruno), absence_id=absence.id)
    actions.end_absence(actor=actor(anna), absence_id=absence.id)
    assert queries.absences(person_id=anna.id) == []
    assert actor(bruno).stands_in_for == frozenset()
    with pytest.raises(NotVisible):
        actions.end_absence(actor=SYSTEM, absence_id=new_id())


@pytest.mark.parametrize(
    ("first", "until", "field"),
    [
        (TOMORROW, TOMORROW, "valid_to"),
        (date(2026, 11, 1), TODAY, "valid_to"),
        (TODAY, date(2027, 11, 26), "valid_to"),
    ],
)
def test_the_days_of_an_absence_make_sense(town: Body, first: date, until: date, field: str) -> None:
    anna, bruno = make_person("anna", town), make_person("bruno", town)
    with pytest.raises(Invalid, match=field):
        actions.enter_absence(
            actor=SYSTEM, person_id=anna.id, substitute_id=bruno.id, valid_from=first, valid_to=until
        )


def test_a_request_asks_two_questions_about_its_actor(
    town: Body, post: Post, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    anna = make_person("anna", town)
    actions.appoint(actor=SYSTEM, post_id=post.id, person_id=anna.id, valid_from=TODAY)
    with django_assert_num_queries(2):
        actor(anna)
