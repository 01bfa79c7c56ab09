"""What the system promises of roles over time: they are looked at again, and end for who leaves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine.identity import Forbidden, actions, queries, rules
from crinale.spine.identity.tests.staff import (
    NOW,
    PASSWORD,
    SYSTEM,
    actor,
    facts,
    make_person,
    make_town,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def test_a_role_comes_up_for_review_until_somebody_confirms_it() -> None:
    with clock.frozen(NOW):
        town = make_town()
        ada = make_person("ada", town, role="administrator")
        anna = make_person("anna", town)
    year = NOW.replace(year=2027)
    with clock.frozen(year - timedelta(seconds=1)):
        assert queries.due_for_review(actor=actor(ada), body_id=town.id) == []
    with clock.frozen(year):
        due = queries.due_for_review(actor=actor(ada), body_id=town.id)
        assert [one.username for one in due] == ["ada", "anna"]
        mine, hers = due
        actions.confirm_grant(actor=actor(ada), grant_id=hers.id)
        with pytest.raises(Invalid, match="somebody else"):
            actions.confirm_grant(actor=actor(ada), grant_id=mine.id)
        assert [one.id for one in queries.due_for_review(actor=SYSTEM, body_id=town.id)] == [mine.id]
        assert facts(town.id)[-1] == "role.confirmed"
        with pytest.raises(Forbidden):
            actions.confirm_grant(actor=actor(anna), grant_id=mine.id)
        with pytest.raises(Forbidden):
            queries.due_for_review(actor=actor(anna), body_id=town.id)
        confirmed = queries.grants_of_person(actor=actor(ada), person_id=anna.id, body_id=town.id)[0]
        assert (confirmed.looked_at, confirmed.confirmed_by) == (year, "Signora Ada")


def test_a_body_chooses_how_often_roles_are_looked_at() -> None:
    with clock.frozen(NOW):
        town = make_town()
        make_person("anna", town)
        actions.set_sign_in_policy(actor=SYSTEM, body_id=town.id, second_factor_from=None, review_months=3)
    with clock.frozen(datetime(2027, 2, 23, 12, tzinfo=UTC)):
        assert len(queries.due_for_review(actor=SYSTEM, body_id=town.id)) == 1


@pytest.mark.parametrize(
    ("months", "before"), [(1, "2026-02-28"), (13, "2025-02-28"), (3, "2025-12-31"), (12, "2025-03-31")]
)
def test_months_are_counted_to_the_last_day_that_a_month_has(months: int, before: str) -> None:
    found = rules.months_before(datetime(2026, 3, 31, tzinfo=UTC), months)
    assert found.date().isoformat() == before


def test_a_role_ends_on_the_day_that_is_given() -> None:
    with clock.frozen(NOW):
        town = make_town()
        anna = make_person("anna", town)
        (grant,) = queries.grants(anna.id)
        ended = actions.end_grant(actor=SYSTEM, grant_id=grant.id, on=date(2026, 12, 1))
        assert ended.valid_to == datetime(2026, 11, 30, 23, tzinfo=UTC)
        assert len(actor(anna).grants) == 1
        with pytest.raises(Invalid, match="past"):
            actions.end_grant(actor=SYSTEM, grant_id=grant.id, on=date(2026, 11, 1))
        assert len(queries.grants_of_body(actor=SYSTEM, body_id=town.id)) == 1
        december = datetime(2026, 12, 2, tzinfo=UTC)
        assert queries.grants_of_body(actor=SYSTEM, body_id=town.id, at=december) == []


def test_who_leaves_ends_everywhere_and_stays_in_the_history() -> None:
    with clock.frozen(NOW):
        town, other = make_town(), make_town("c_i454", "Sassetta")
        anna, bruno = make_person("anna", town, other), make_person("bruno", town)
        post = actions.open_post(actor=SYSTEM, body_id=town.id, kind="records")
        actions.appoint(actor=SYSTEM, post_id=post.id, person_id=anna.id, valid_from=date(2026, 1, 1))
        actions.enter_absence(
            actor=SYSTEM,
            person_id=bruno.id,
            substitute_id=anna.id,
            valid_from=TODAY,
            valid_to=date(2027, 1, 1),
        )
        actions.leave(actor=SYSTEM, person_id=anna.id, on=date(2026, 12, 1))
        assert len(actor(anna).grants) == 2, "until then he works"
        assert actor(anna).stands_in_for == {bruno.id}
    with clock.frozen(datetime(2026, 12, 1, 9, tzinfo=UTC)):
        with pytest.raises(NotVisible):
            actor(anna)
        with pytest.raises(actions.WrongCredentials):
            actions.sign_in(username="anna", password=PASSWORD)
        assert len(queries.grants(anna.id)) == 2
        assert [one.valid_to for one in queries.post_history(post.id)] == [date(2026, 12, 1)]
        assert queries.absences(person_id=bruno.id) == []
        actions.reactivate_person(actor=SYSTEM, person_id=anna.id)
        assert actor(anna).grants == ()
        assert actions.sign_in(username="anna", password=PASSWORD) == anna


def test_who_leaves_today_is_out_at_once() -> None:
    with clock.frozen(NOW):
        anna = make_person("anna", make_town())
        before = anna.session_series
        left = actions.leave(actor=SYSTEM, person_id=anna.id, on=TODAY)
        assert left.session_series == before + 1
        assert [grant.valid_to for grant in queries.grants(anna.id)] == [NOW]
        with pytest.raises(NotVisible):
            actor(anna)
        with pytest.raises(Invalid, match="past"):
            actions.leave(actor=SYSTEM, person_id=anna.id, on=date(2026, 11, 22))


def test_who_leaves_one_body_goes_on_in_the_other() -> None:
    with clock.frozen(NOW):
        town, other = make_town(), make_town("c_i454", "Sassetta")
        ada, anna = make_person("ada", town, role="administrator"), make_person("anna", town, other)
        with pytest.raises(Forbidden):
            actions.leave(actor=actor(ada), person_id=anna.id, on=TODAY)
        with pytest.raises(Forbidden):
            actions.leave(actor=actor(ada), person_id=anna.id, on=TODAY, body_id=other.id)
        actions.leave(actor=actor(ada), person_id=anna.id, on=TODAY, body_id=town.id)
        assert [grant.body_id for grant in actor(anna).grants] == [other.id]
        assert facts(town.id)[-1] == "person.left"


def test_ended_sessions_are_of_an_earlier_series() -> None:
    anna = make_person("anna", make_town())
    assert queries.actor_for_person(anna.id, series=0).person_id == anna.id
    series = actions.end_sessions(actor=actor(anna), person_id=anna.id)
    with pytest.raises(NotVisible):
        queries.actor_for_person(anna.id, series=0)
    assert queries.actor_for_person(anna.id, series=series).person_id == anna.id
    with pytest.raises(Forbidden):
        actions.end_sessions(actor=actor(make_person("bruno")), person_id=anna.id)


def test_a_sign_in_for_one_body_opens_no_other() -> None:
    town, other = make_town(), make_town("c_i454", "Sassetta")
    anna = make_person("anna", town, other)
    only = queries.actor_for_person(anna.id, only_body=town.id)
    assert [grant.body_id for grant in only.grants] == [town.id]
