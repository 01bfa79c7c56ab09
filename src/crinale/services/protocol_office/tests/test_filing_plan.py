"""The filing plan on its pages: browsed, searched, brought up to date after a look at what changes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.services.protocol_office.tests.desks import file, text_of
from crinale.spine.records import actions as records
from crinale.spine.records import queries as records_queries
from crinale.spine.tenancy import actions as tenancy
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.services.protocol_office.tests.desks import Desks

PAGE = "/protocollo/titolario"


def csv(text: str) -> object:
    return file("piano.csv", text.encode())


def test_the_plan_shows_headings_with_their_dossiers(desks: Desks) -> None:
    clerk = desks.at(desks.massa, role="reader")
    with scope(desks.massa.body_id):
        records.open_dossier(
            actor=desks.massa.clerk("protocol_clerk"),
            area_id=desks.massa.area_id,
            title="Frana",
            classification_code="6.10",
        )
    page = text_of(clerk.get(PAGE))
    assert "Protezione civile ed emergenze" in page
    assert page.count("1 fascicolo") == 1
    assert f"{PAGE}/nuovo" not in page
    (link,) = [part for part in page.split('"') if "heading_id=" in part]
    assert "Frana" in text_of(clerk.get(link))
    found = text_of(clerk.get(PAGE, {"q": "PROTEZIONE civile"}))
    assert "Pianificazione e gestione del territorio" in found  # what is above stays
    assert "Risorse umane" not in found
    assert "Nessuna voce così" in text_of(clerk.get(PAGE, {"q": "niente"}))
    with CaptureQueriesContext(connection) as asked:
        clerk.get(PAGE)
    assert len(asked) <= 8


def test_an_edition_is_looked_at_before_it_has_its_day_and_may_be_withdrawn(desks: Desks) -> None:
    manager, day = desks.at(desks.massa), clock.today() + timedelta(days=20)
    with scope(desks.massa.body_id):
        text = records.municipal_plan().replace("Protezione civile ed emergenze", "Protezione civile")
        text += "15,Reti\n"
    form = {"name": "Titolario nuovo", "valid_from": day.isoformat()}
    seen = text_of(manager.post(f"{PAGE}/nuovo", {**form, "file": csv(text)}))
    assert "<del>Protezione civile ed emergenze</del> <ins>Protezione civile</ins>" in seen
    assert "<strong>15</strong> Reti" in seen
    with scope(desks.massa.body_id):
        assert len(records_queries.editions(actor=desks.massa.clerk("records_manager"))) == 1  # a look only
    confirmed = {**form, "text": text, "do": "confirm"}
    assert manager.post(f"{PAGE}/nuovo", confirmed).status_code == 302
    page = text_of(manager.get(PAGE))
    assert "In attesa della data" in page
    assert "Protezione civile ed emergenze" in page  # in force until then
    refused = manager.post(f"{PAGE}/nuovo", confirmed)
    assert refused.status_code == 422
    assert "prima ritirala" in text_of(refused)
    (difference,) = {part for part in page.split('"') if part.endswith("/differenze")} - {
        f"{PAGE}/{one.id}/differenze" for one in in_force(desks)
    }
    assert "<ins>Protezione civile</ins>" in text_of(manager.get(difference))
    withdraw = difference.replace("differenze", "ritira")
    assert manager.post(withdraw, {"reason": ""}).status_code == 422
    assert manager.post(withdraw, {"reason": "Bozza"}).status_code == 302
    assert "Ritirata" in text_of(manager.get(PAGE))
    refused = manager.post(withdraw, {"reason": "Bozza"})
    assert refused.status_code == 422


def in_force(desks: Desks) -> list[records_queries.EditionRef]:
    with scope(desks.massa.body_id):
        found = records_queries.editions(actor=desks.massa.clerk("records_manager"))
    return [one for one in found if one.state == "in_force"]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"file": ("code;title\n1;Uno",)}, "code e title"),
        ({"file": ("code,title\n1.1,Uno",)}, "Riga 2"),
        ({"file": ("code,title,from\n1,Uno,99",)}, "La colonna from"),
        ({}, "Scegli un file"),
        ({"file": ("code,title\n1,Uno",), "valid_from": "2020-01-01"}, "Scegli oggi"),
        ({"file": ("code,title\n1,Uno",), "name": ""}, "Scrivi come si chiama"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(desks: Desks, form: dict[str, object], told: str) -> None:
    asked = {"name": "Nuovo", "valid_from": clock.today().isoformat(), **form}
    if isinstance(asked.get("file"), tuple):
        asked["file"] = csv(asked["file"][0])  # type: ignore[index]
    answer = desks.at(desks.massa).post(f"{PAGE}/nuovo", asked)
    assert answer.status_code == 422
    assert told in text_of(answer)


def test_an_edition_has_the_headings_where_areas_file_what_arrives(desks: Desks) -> None:
    tenancy.update_area(area_id=desks.massa.area_id, default_classification="1.8")
    asked = {"name": "Nuovo", "valid_from": clock.today().isoformat(), "do": "confirm"}
    answer = desks.at(desks.massa).post(f"{PAGE}/nuovo", {**asked, "text": "code,title\n1,Uno"})
    assert answer.status_code == 422
    assert "manca la voce 1.8" in text_of(answer)
    (edition,) = in_force(desks)
    assert edition.headings > 1  # nothing was half done


def test_who_does_not_manage_the_plan_changes_nothing(desks: Desks) -> None:
    clerk, (edition,) = desks.at(desks.massa, role="protocol_clerk"), in_force(desks)
    for hidden in ("nuovo", f"{edition.id}/differenze", f"{edition.id}/ritira"):
        assert clerk.get(f"{PAGE}/{hidden}").status_code == 404
        assert clerk.post(f"{PAGE}/{hidden}", {}).status_code in {404, 405}
    assert clerk.get(f"{PAGE}/{edition.id}").status_code == 200
    assert desks.at(desks.sassetta).get(f"{PAGE}/{edition.id}").status_code == 404


def test_the_headings_of_an_edition_that_is_over_say_where_they_went(desks: Desks) -> None:
    manager, (edition,) = desks.at(desks.massa), in_force(desks)
    with scope(desks.massa.body_id):
        text = records.municipal_plan().replace("6.10,Protezione civile ed emergenze\n", "")
        actor = desks.massa.clerk("records_manager")
        records.import_filing_plan(
            actor=actor, name="Altro", text=text + "15,Sicurezza\n15.1,Protezione civile ed emergenze\n"
        )
    page = text_of(manager.get(f"{PAGE}/{edition.id}"))
    assert "oggi 15.1" in page
    assert "Questa edizione non è in vigore" in page
