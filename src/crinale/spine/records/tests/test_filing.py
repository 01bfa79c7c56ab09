from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.spine.identity import Actor
from crinale.spine.records import actions, queries
from crinale.spine.records.rules.filing import read_plan

if TYPE_CHECKING:
    from uuid import UUID

SYSTEM = Actor.system("tests")


def test_the_municipal_plan_has_fourteen_titoli_with_their_classes() -> None:
    headings = read_plan(actions.municipal_plan())
    assert [one.code for one in headings if not one.parent] == [str(number) for number in range(1, 15)]
    assert {one.parent for one in headings} - {""} <= {one.code for one in headings}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("titolo\nAltro", "columns"),
        ("code,title\n1,Uno\n1,Due", "line 3"),
        ("code,title\n1.1,Classe", "line 2"),
        ("code,title\n1/1,Classe", "line 2"),
        ("code,title\n1,", "line 2"),
        ("code,title\n", "at least one"),
    ],
)
def test_a_plan_that_cannot_be_used_says_where(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_plan(text)
    assert said in refused.value.remedy


def test_headings_are_found_by_code_and_words(body_id: UUID) -> None:
    actions.import_filing_plan(actor=SYSTEM, name="Titolario", text=actions.municipal_plan())
    found = queries.classification("6.10")
    assert found.path == ("Pianificazione e gestione del territorio", "Protezione civile ed emergenze")
    assert queries.classifications(text="protezione CIVILE") == [found]
    with pytest.raises(Invalid):
        queries.classification("6.99")


def test_a_new_plan_ends_the_one_before_and_old_headings_stay(body_id: UUID) -> None:
    actions.import_filing_plan(actor=SYSTEM, name="Vecchio", text="code,title\n1,Uno\n2,Due")
    with clock.frozen(clock.now() + timedelta(days=40)):
        actions.import_filing_plan(actor=SYSTEM, name="Nuovo", text="code,title\n1,Altro")
        assert [one.title for one in queries.classifications()] == ["Altro"]
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from records_classificationentry")
        assert cursor.fetchone() == (3,)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update records_classificationentry set title = 'Tre'")


def test_dossiers_are_numbered_by_year_and_heading(body_id: UUID, area_id: UUID) -> None:
    actions.import_filing_plan(actor=SYSTEM, name="Titolario", text=actions.municipal_plan())
    opened = [
        actions.open_dossier(actor=SYSTEM, area_id=area_id, title=title, classification_code="6.3")
        for title in ("Pratica Rossi", "Pratica Bianchi")
    ]
    year = clock.today().year
    assert [one.code for one in opened] == [f"{year}-6.3.1", f"{year}-6.3.2"]
    actions.close_dossier(actor=SYSTEM, dossier_id=opened[0].id)
    with pytest.raises(Conflict):
        actions.close_dossier(actor=SYSTEM, dossier_id=opened[0].id)
    found = queries.dossiers(actor=SYSTEM, area_id=area_id, text="rossi")
    assert [(one.id, one.closed_at is not None) for one in found] == [(opened[0].id, True)]
    with pytest.raises(NotVisible):
        actions.close_dossier(actor=SYSTEM, dossier_id=area_id)
