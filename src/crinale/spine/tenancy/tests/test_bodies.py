"""What the system promises about bodies, unions with dated members, areas and offices."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from crinale.kernel import clock
from crinale.kernel.errors import Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine.tenancy import actions, queries
from crinale.spine.tenancy.rules import Days, NotAUnion, OverlappingMembership

if TYPE_CHECKING:
    from crinale.spine.tenancy.models import Body

pytestmark = pytest.mark.django_db


@pytest.fixture
def union() -> Body:
    return actions.create_body(ipa_code="ucm_colline", name="Unione", kind="union")


@pytest.fixture
def town() -> Body:
    return actions.create_body(
        ipa_code="c_f032",
        name="Massa Marittima",
        kind="municipality",
        istat_code="053015",
        patron_day="10-10",
    )


def test_a_body_is_found_by_its_code_whatever_its_case(town: Body) -> None:
    found = queries.body_by_ipa_code("C_F032 ")
    assert found is not None
    assert (found.id, found.patron_day, found.union) == (town.id, "10-10", False)
    assert queries.body(new_id()) is None


def test_codes_are_taken_once(town: Body, union: Body) -> None:
    with pytest.raises(actions.CodeTaken):
        actions.create_body(ipa_code="c_f032", name="Another", kind="municipality")
    area = actions.create_area(body_id=town.id, code="A1B2C3D", name="Protocollo")
    with pytest.raises(actions.CodeTaken):
        actions.create_area(body_id=union.id, code="a1b2c3d", name="Protocollo")
    actions.create_office(area_id=area.id, code="URP", name="Urp")
    with pytest.raises(actions.CodeTaken):
        actions.create_office(area_id=area.id, code="URP", name="Urp")


@pytest.mark.parametrize(
    "wrong",
    [
        {"patron_day": "13-40"},
        {"istat_code": "53"},
        {"kind": "village"},
        {"name": "  "},
        {"ipa_code": "c f032"},
    ],
)
def test_a_body_with_a_wrong_value_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        actions.create_body(**{"ipa_code": "c_x", "name": "X", "kind": "municipality", **wrong})
    assert caught.value.field == next(iter(wrong))


def test_an_area_knows_its_body(town: Body) -> None:
    actions.create_area(body_id=town.id, code="A1B2C3D", name="Protocollo", registers_incoming="by_clerk")
    found = queries.area_by_code("a1b2c3d")
    assert found is not None
    assert (found.body_ipa, found.body_name, found.registers_incoming) == (
        "c_f032",
        "Massa Marittima",
        "by_clerk",
    )
    assert queries.areas(body_id=town.id) == [found] == [queries.area(found.id)]
    assert queries.areas(body_id=new_id()) == []
    changed = actions.update_area(area_id=found.id, endpoint="https://127.0.0.1:9443/aoo/A1B2C3D")
    assert (changed.endpoint, changed.registers_incoming) == (
        "https://127.0.0.1:9443/aoo/A1B2C3D",
        "by_clerk",
    )


def test_an_office_has_its_parent_in_the_same_body(town: Body, union: Body) -> None:
    area = actions.create_area(body_id=town.id, code="A1B2C3D", name="Protocollo")
    other = actions.create_area(body_id=union.id, code="A1B2C3E", name="Protocollo")
    parent = actions.create_office(area_id=area.id, code="SEG", name="Segreteria")
    actions.create_office(area_id=area.id, code="URP", name="Urp", parent_id=parent.id)
    assert [office.parent_id for office in queries.offices(area_id=area.id)] == [None, parent.id]
    with pytest.raises(NotVisible):
        actions.create_office(area_id=other.id, code="URP", name="Urp", parent_id=parent.id)


def test_members_are_those_of_the_day(union: Body, town: Body) -> None:
    actions.add_member(union_id=union.id, member_id=town.id, valid_from=date(2026, 1, 1))
    actions.close_membership(union_id=union.id, member_id=town.id, valid_to=date(2026, 7, 1))
    actions.add_member(union_id=union.id, member_id=town.id, valid_from=date(2026, 9, 1))
    seen = {
        day: [body.id for body in queries.members(union.id, on=day)]
        for day in (
            date(2025, 12, 31),
            date(2026, 1, 1),
            date(2026, 6, 30),
            date(2026, 7, 1),
            date(2026, 9, 1),
        )
    }
    assert list(seen.values()) == [[], [town.id], [town.id], [], [town.id]]
    with clock.frozen(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)):
        assert queries.members(union.id) == [], "in Rome it is already the first of July"


def test_memberships_do_not_overlap(union: Body, town: Body) -> None:
    actions.add_member(
        union_id=union.id, member_id=town.id, valid_from=date(2026, 1, 1), valid_to=date(2026, 7, 1)
    )
    with pytest.raises(OverlappingMembership):
        actions.add_member(union_id=union.id, member_id=town.id, valid_from=date(2026, 6, 30))
    with pytest.raises(NotAUnion):
        actions.add_member(union_id=town.id, member_id=union.id, valid_from=date(2026, 1, 1))
    with pytest.raises(Invalid):
        actions.add_member(union_id=union.id, member_id=union.id, valid_from=date(2026, 1, 1))
    with pytest.raises(NotVisible):
        actions.close_membership(union_id=union.id, member_id=town.id, valid_to=date(2027, 1, 1))


def test_the_database_too_refuses_overlapping_memberships(owner_cursor: psycopg.Cursor[Any]) -> None:
    union, member = new_id(), new_id()
    for body_id in (union, member):
        owner_cursor.execute(
            'insert into tenancy_body (id, ipa_code, name, kind, istat_code, patron_day, "union", created_at)'
            " values (%s, %s, 'x', 'other', '', '', true, now())",
            [body_id, body_id.hex],
        )
    insert = (
        "insert into tenancy_membership (id, union_id, member_id, valid_from, valid_to)"
        " values (%s, %s, %s, %s, %s)"
    )
    owner_cursor.execute(insert, [new_id(), union, member, date(2026, 1, 1), date(2026, 7, 1)])
    owner_cursor.execute(insert, [new_id(), union, member, date(2026, 7, 1), None])
    with pytest.raises(psycopg.errors.ExclusionViolation):
        owner_cursor.execute(insert, [new_id(), union, member, date(2026, 12, 1), None])


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ((1, 5), (5, 9), False),
        ((1, 5), (4, 9), True),
        ((1, None), (5, 9), True),
        ((5, 9), (1, None), True),
        ((5, None), (1, 5), False),
        ((5, None), (6, None), True),
    ],
)
def test_days_overlap(one: tuple[int, int | None], other: tuple[int, int | None], together: bool) -> None:
    def days(first: int, until: int | None) -> Days:
        return Days(first=date(2026, 1, first), until=date(2026, 1, until) if until else None)

    assert days(*one).overlaps(days(*other)) is together
    assert days(*other).overlaps(days(*one)) is together
