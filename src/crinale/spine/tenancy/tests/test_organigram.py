"""What the system promises of the organigram: every day has its own, and what was stays readable."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from crinale.kernel.errors import Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine.tenancy import actions, queries

if TYPE_CHECKING:
    from uuid import UUID

    from pytest_django import DjangoAssertNumQueries

    from crinale.spine.tenancy.models import Area, Office
    from crinale.spine.tenancy.queries import OfficeNode

pytestmark = pytest.mark.django_db
NEW_YEAR = date(2026, 1, 1)
DAY = date(2026, 7, 1)


@pytest.fixture
def area() -> Area:
    town = actions.create_body(ipa_code="c_f032", name="Massa Marittima", kind="municipality")
    return actions.create_area(body_id=town.id, code="A1B2C3D", name="Protocollo")


def office(area: Area, code: str, under: Office | None = None, **more: Any) -> Office:
    parent_id = under.id if under else None
    return actions.create_office(area_id=area.id, code=code, name=code, parent_id=parent_id, **more)


def drawn(nodes: tuple[OfficeNode, ...]) -> list[str]:
    """The tree as lines, indented by depth."""
    return [line for node in nodes for line in ("  " * node.depth + node.office.name, *drawn(node.children))]


def tree(area: Area, at: date) -> list[str]:
    return drawn(queries.organigram(area.body_id, at))


def test_a_move_holds_from_its_day_and_what_was_before_stays(area: Area) -> None:
    affairs, technical = office(area, "Affari generali"), office(area, "Area tecnica")
    works = office(area, "Lavori pubblici", under=affairs)
    actions.move_office(office_id=works.id, on=DAY, parent_id=technical.id, name="Opere pubbliche")
    assert tree(area, date(2026, 6, 30)) == ["Affari generali", "  Lavori pubblici", "Area tecnica"]
    assert tree(area, DAY) == ["Affari generali", "Area tecnica", "  Opere pubbliche"]
    assert [(one.name, one.parent_name, one.valid_from) for one in queries.office_history(works.id)] == [
        ("Lavori pubblici", "Affari generali", None),
        ("Opere pubbliche", "Area tecnica", DAY),
    ]


def test_the_last_decision_undoes_what_was_decided_for_later(area: Area) -> None:
    one, two = office(area, "Uno"), office(area, "Due")
    moved = office(area, "Tre")
    actions.move_office(office_id=moved.id, on=date(2027, 1, 1), parent_id=one.id)
    actions.move_office(office_id=moved.id, on=DAY, parent_id=two.id)
    assert tree(area, date(2027, 6, 1)) == ["Due", "  Tre", "Uno"]


def test_the_tree_of_a_body_is_one_query(
    area: Area, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    above = office(area, "Area")
    for number in range(12):
        above = office(area, f"Ufficio {number}", under=above)
    with django_assert_num_queries(1):
        assert tree(area, DAY)[-1] == "  " * 12 + "Ufficio 11"


def test_an_office_is_there_from_its_first_day_until_it_closes(area: Area) -> None:
    made = office(area, "Turismo", opened_on=NEW_YEAR)
    actions.close_office(office_id=made.id, on=DAY)
    seen = [len(tree(area, day)) for day in (date(2025, 12, 31), NEW_YEAR, date(2026, 6, 30), DAY)]
    assert seen == [0, 1, 1, 0]
    assert queries.offices(area_id=area.id, on=DAY) == []
    assert queries.office(made.id, on=DAY) is None
    assert queries.office_names({made.id}) == {made.id: "Turismo"}
    with pytest.raises(Invalid, match="closed already"):
        actions.close_office(office_id=made.id, on=DAY)
    with pytest.raises(Invalid, match="closed on that day"):
        actions.move_office(office_id=made.id, on=DAY, parent_id=None)


def test_an_office_with_others_under_it_stays_open(area: Area) -> None:
    above = office(area, "Sopra")
    below = office(area, "Sotto", under=above)
    with pytest.raises(actions.OfficeInUse):
        actions.close_office(office_id=above.id, on=DAY)
    actions.close_office(office_id=below.id, on=DAY)
    actions.close_office(office_id=above.id, on=DAY)
    with pytest.raises(Invalid, match="parent"):
        office(area, "Nuovo", under=above, opened_on=DAY)


def test_no_office_stands_under_itself_not_even_next_year(area: Area) -> None:
    one, two, three = office(area, "Uno"), office(area, "Due"), office(area, "Tre")
    actions.move_office(office_id=two.id, on=date(2027, 1, 1), parent_id=one.id)
    actions.move_office(office_id=three.id, on=date(2028, 1, 1), parent_id=two.id)
    for under in (one, three):
        with pytest.raises(Invalid, match="under itself"):
            actions.move_office(office_id=one.id, on=DAY, parent_id=under.id)


def test_an_office_of_another_body_is_no_parent(area: Area) -> None:
    other = actions.create_body(ipa_code="c_i454", name="Sassetta", kind="municipality")
    there = office(actions.create_area(body_id=other.id, code="A1B2C3E", name="P"), "Altrove")
    with pytest.raises(NotVisible):
        actions.move_office(office_id=office(area, "Qui").id, on=DAY, parent_id=there.id)
    with pytest.raises(NotVisible):
        actions.close_office(office_id=new_id(), on=DAY)


def test_codes_and_contacts_are_checked(area: Area) -> None:
    made = office(area, "Urp", ipa_code="ufe5k2", email="urp@comune.example", phone="0566  906111")
    assert (made.ipa_code, made.phone) == ("UFE5K2", "0566 906111")
    changed = actions.update_office(office_id=made.id, email="nuovo@comune.example")
    assert (changed.email, changed.ipa_code) == ("nuovo@comune.example", "UFE5K2")
    with pytest.raises(actions.CodeTaken):
        actions.update_office(office_id=office(area, "Altro").id, ipa_code="UFE5K2")
    for field, wrong in (("ipa_code", "UF1"), ("email", "nessuno"), ("phone", "chiamami")):
        with pytest.raises(Invalid, match=field):
            actions.update_office(office_id=made.id, **{field: wrong})


def test_the_database_too_refuses_two_places_on_one_day(owner_cursor: psycopg.Cursor[Any]) -> None:
    body_id, area_id, office_id = new_id(), new_id(), new_id()
    owner_cursor.execute(
        'insert into tenancy_body (id, ipa_code, name, kind, istat_code, patron_day, "union", created_at)'
        " values (%s, 'c_x', 'x', 'other', '', '', false, now())",
        [body_id],
    )
    owner_cursor.execute(
        "insert into tenancy_area (id, body_id, code, name, registers_incoming, default_classification,"
        " endpoint, created_at) values (%s, %s, 'AXXXXX1', 'x', 'automatic', '', '', now())",
        [area_id, body_id],
    )
    owner_cursor.execute(
        "insert into tenancy_office (id, body_id, area_id, code, name, ipa_code, email, phone)"
        " values (%s, %s, %s, 'x', 'x', '', '', '')",
        [office_id, body_id, area_id],
    )

    def place(first: date | None, until: date | None) -> None:
        owner_cursor.execute(
            "insert into tenancy_office_place (id, body_id, office_id, name, valid_from, valid_to)"
            " values (%s, %s, %s, 'x', %s, %s)",
            [new_id(), body_id, office_id, first, until],
        )

    place(None, DAY)
    place(DAY, None)
    with pytest.raises(psycopg.errors.ExclusionViolation):
        place(date(2026, 12, 1), None)


def test_the_days_of_review_are_sensible(area: Area) -> None:
    body: UUID = area.body_id
    changed = actions.set_sign_in_policy(body_id=body, second_factor_from=DAY, review_months=6)
    assert (changed.second_factor_from, changed.review_months) == (DAY, 6)
    found = queries.area(area.id)
    assert found is not None
    assert found.second_factor_from == DAY
    assert queries.areas(body_id=body) == [found]
    with pytest.raises(Invalid, match="review_months"):
        actions.set_sign_in_policy(body_id=body, second_factor_from=None, review_months=0)
