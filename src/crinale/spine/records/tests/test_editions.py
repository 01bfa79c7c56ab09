"""Editions of the filing plan: what they change, when they are in force, how headings go on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid
from crinale.spine.identity import Actor
from crinale.spine.records import actions, queries
from crinale.spine.records.rules.editions import compare
from crinale.spine.records.rules.filing import read_plan

if TYPE_CHECKING:
    from uuid import UUID

SYSTEM = Actor.system("tests")
OLD = "code,title\n1,Uno\n1.1,Sport\n1.2,Caccia\n1.3,Pesca\n2,Due"
NEW = "code,title,from\n1,Uno,\n1.1,Sport e tempo libero,\n2,Due,\n2.1,Caccia,\n2.2,Acque,1.3\n3,Tre,"


def test_an_edition_says_what_it_adds_renames_moves_and_closes() -> None:
    found = compare(read_plan(OLD + "\n4,Quattro"), read_plan(NEW))
    assert [one.code for one in found.added] == ["3"]
    assert [(one.old.title, one.new.title) for one in found.renamed] == [("Sport", "Sport e tempo libero")]
    assert [(one.old.code, one.new.code) for one in found.moved] == [("1.2", "2.1"), ("1.3", "2.2")]
    assert [one.code for one in found.closed] == ["4"]
    assert (found.unchanged, found.empty) == (2, False)
    assert compare(read_plan(OLD), read_plan(OLD)).empty


def test_headings_that_are_joined_or_divided_all_go_on() -> None:
    joined = compare(read_plan(OLD), read_plan("code,title,from\n1,Uno,\n1.9,Natura,1.2 1.3\n2,Due,"))
    assert [(one.old.code, one.new.code) for one in joined.moved] == [("1.2", "1.9"), ("1.3", "1.9")]
    divided = compare(read_plan("code,title\n1,Uno"), read_plan("code,title,from\n7,Sette,1\n8,Otto,1"))
    assert [(one.old.code, one.new.code) for one in divided.moved] == [("1", "7"), ("1", "8")]
    with pytest.raises(Invalid):
        compare(read_plan(OLD), read_plan("code,title,from\n1,Uno,99"))


def test_a_title_that_repeats_does_not_say_where_a_heading_went() -> None:
    found = compare(
        read_plan("code,title\n1,Uno\n1.1,Varie\n2,Due\n2.1,Varie"), read_plan("code,title\n3,Tre\n3.1,Varie")
    )
    assert not found.moved
    assert {one.code for one in found.closed} == {"1", "1.1", "2", "2.1"}


def test_an_edition_waits_for_its_day(body_id: UUID) -> None:
    actions.import_filing_plan(actor=SYSTEM, name="Vecchio", text=OLD)
    day = clock.today() + timedelta(days=30)
    assert [one.code for one in queries.plan_difference(actor=SYSTEM, text=NEW).added] == ["3"]
    actions.import_filing_plan(actor=SYSTEM, name="Nuovo", text=NEW, valid_from=day)
    assert queries.classification("1.2").title == "Caccia"
    assert queries.headings(["1.1"]) == {"1.1": "Sport"}
    with pytest.raises(Invalid):
        queries.classification("3")
    assert [one.state for one in queries.editions(actor=SYSTEM)] == ["future", "in_force"]
    assert queries.classification("3", on=day).title == "Tre"
    with clock.frozen(clock.now() + timedelta(days=30)):
        assert queries.classification("2.1").title == "Caccia"
        assert queries.headings(["1.1", "1.2"]) == {"1.1": "Sport e tempo libero"}
        assert queries.classification("1.2", on=day - timedelta(days=1)).title == "Caccia"
        assert [one.state for one in queries.editions(actor=SYSTEM)] == ["in_force", "past"]


def test_an_edition_is_withdrawn_before_its_day_and_only_then(body_id: UUID) -> None:
    actions.import_filing_plan(actor=SYSTEM, name="Vecchio", text=OLD)
    day = clock.today() + timedelta(days=30)
    actions.import_filing_plan(actor=SYSTEM, name="Nuovo", text=NEW, valid_from=day)
    with pytest.raises(Invalid, match="withdraw it first"):
        actions.import_filing_plan(actor=SYSTEM, name="Altro", text=OLD)
    future, present = queries.editions(actor=SYSTEM)
    with pytest.raises(Conflict):
        actions.withdraw_filing_plan(actor=SYSTEM, plan_id=present.id, reason="Errore")
    actions.withdraw_filing_plan(actor=SYSTEM, plan_id=future.id, reason="Approvata un'altra bozza")
    with pytest.raises(Conflict):
        actions.withdraw_filing_plan(actor=SYSTEM, plan_id=future.id, reason="Ancora")
    with clock.frozen(clock.now() + timedelta(days=60)):
        assert queries.classification("1.2").title == "Caccia"
        assert [one.state for one in queries.editions(actor=SYSTEM)] == ["withdrawn", "in_force"]
        assert queries.headings_today([queries.classification("1.1").id]) == {
            queries.classification("1.1").id: ("1.1",)
        }
    actions.import_filing_plan(actor=SYSTEM, name="Altro", text=NEW)
    assert queries.classification("3").title == "Tre"


@pytest.mark.parametrize(
    ("name", "days", "field"), [("", 0, "name"), ("x" * 201, 0, "name"), ("Bozza", -1, "valid_from")]
)
def test_an_edition_has_a_name_and_a_day_to_come(body_id: UUID, name: str, days: int, field: str) -> None:
    day = clock.today() + timedelta(days=days)
    with pytest.raises(Invalid) as refused:
        actions.import_filing_plan(actor=SYSTEM, name=name, text=OLD, valid_from=day)
    assert refused.value.field == field


def test_old_headings_stay_readable_and_lead_to_those_of_today(body_id: UUID, area_id: UUID) -> None:
    actions.import_filing_plan(actor=SYSTEM, name="Vecchio", text=OLD)
    old = {one.code: one.id for one in queries.classifications()}
    dossier = actions.open_dossier(actor=SYSTEM, area_id=area_id, title="Lepri", classification_code="1.2")
    with clock.frozen(clock.now() + timedelta(days=40)):
        actions.import_filing_plan(actor=SYSTEM, name="Nuovo", text=NEW)
        newest, before = queries.editions(actor=SYSTEM)
        assert [one.code for one in queries.edition_headings(actor=SYSTEM, plan_id=before.id)] == [
            "1", "1.1", "1.2", "1.3", "2"
        ]  # fmt: skip
        difference = queries.edition_difference(actor=SYSTEM, plan_id=newest.id)
        assert [(one.old.code, one.new.code) for one in difference.moved] == [("1.2", "2.1"), ("1.3", "2.2")]
        with CaptureQueriesContext(connection) as asked:
            assert queries.headings_today(old.values()) == {
                old["1"]: ("1",),
                old["1.1"]: ("1.1",),
                old["1.2"]: ("2.1",),
                old["1.3"]: ("2.2",),
                old["2"]: ("2",),
            }
        assert len(asked) == 1
        assert old["1.2"] in queries.heading_line("2.1")
        assert old["1.2"] in queries.heading_line("2")
        assert old["1.2"] not in queries.heading_line("1")
        found = queries.dossiers(actor=SYSTEM, area_id=area_id, heading="2.1")
        assert [(one.id, one.classification_code) for one in found] == [(dossier.id, "1.2")]
        assert not queries.dossiers(actor=SYSTEM, area_id=area_id, heading="1.1")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update records_headingsuccession set current_id = previous_id")
