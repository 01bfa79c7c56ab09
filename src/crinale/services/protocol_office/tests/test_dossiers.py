"""Dossiers: opened under a heading, filled from the pages of registrations, closed for good."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crinale.kernel import clock
from crinale.services.protocol_office.queries import choosing
from crinale.services.protocol_office.tests.desks import file, text_of
from crinale.services.protocol_office.tests.test_sending import with_recipient
from crinale.spine.records import actions as records
from crinale.spine.records import queries as records_queries
from crinale.spine.records.queries import DossierData, Procedure
from crinale.spine.tenancy import scope

if TYPE_CHECKING:
    from crinale.services.protocol_office.tests.desks import Desks

LIST = "/protocollo/fascicoli"


@pytest.fixture
def clerk(desks: Desks) -> Any:
    return desks.at(desks.massa, role="protocol_clerk")


def opened(clerk: Any, title: str = "Strada comunale di Niccioleta") -> str:
    """Open a dossier from the page; return its address."""
    answer = clerk.post(f"{LIST}/nuovo", {"title": title, "classification": "6.10"})
    assert answer.status_code == 302
    return str(answer.url)


def test_a_dossier_is_opened_filled_and_closed(desks: Desks, clerk: Any) -> None:
    assert "Ancora nessun fascicolo" in text_of(clerk.get(LIST))
    address, view = opened(clerk), desks.pair.send()
    at = f"/protocollo/registrazioni/{view.id}"
    code = f"{clock.today().year}-6.10.1"
    assert code in text_of(clerk.get(f"{at}/fascicola"))
    assert clerk.post(f"{at}/fascicola", {"dossier": code}).status_code == 302
    assert address in text_of(clerk.get(at))
    assert at in text_of(clerk.get(address))
    assert "Nessun fascicolo aperto" in text_of(clerk.get(f"{at}/fascicola"))  # it is in the only one already
    assert "Si riapre solo con un motivo" in text_of(clerk.get(f"{address}/chiudi"))
    assert clerk.post(f"{address}/chiudi").status_code == 302
    page = text_of(clerk.get(address))
    assert "Chiuso" in page
    assert f"{address}/chiudi" not in page
    assert clerk.post(f"{address}/chiudi").status_code == 302  # closed already: nothing happens
    other = desks.pair.send()
    answer = clerk.post(f"/protocollo/registrazioni/{other.id}/fascicola", {"dossier": code})
    assert answer.status_code == 422


def test_a_dossier_is_chosen_by_code_or_title_however_many_are_newer(
    desks: Desks, clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "_DOSSIERS", 2)
    first = opened(clerk, "Frana di Prata")
    for number in range(11):
        opened(clerk, f"Concessione {number}")
    year, view = clock.today().year, desks.pair.send()
    at = f"/protocollo/registrazioni/{view.id}/fascicola"
    page = text_of(clerk.get(at))
    assert f'<option value="{year}-6.10.12 Concessione 10">' in page
    assert "Frana di Prata" not in page
    for said in (f"{year}-6.10.1", f"{year}-6.10.1 Frana di Prata", " frana "):  # 10 to 12 begin alike
        view = desks.pair.send()
        at = f"/protocollo/registrazioni/{view.id}"
        assert clerk.post(f"{at}/fascicola", {"dossier": said}).status_code == 302
        assert at in text_of(clerk.get(first))
    for said, told in (
        ("concessione", f"Più fascicoli aperti hanno queste parole ({year}-6.10.12, {year}-6.10.11"),
        ("niente", "Nessun fascicolo aperto ha questo codice"),
        ("", "Scegli un fascicolo"),
        ("x" * 321, "320"),
    ):
        answer = clerk.post(f"{at}/fascicola", {"dossier": said})
        assert answer.status_code == 422
        assert told in text_of(answer)
        assert f'value="{said}"' in text_of(answer) or not said


def test_an_outgoing_document_goes_into_the_dossier_that_is_written(
    desks: Desks, clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "/protocollo/nuovo/uscita"
    assert 'name="dossier"' not in text_of(clerk.get(page))
    monkeypatch.setattr(choosing, "_DOSSIERS", 1)
    address = opened(clerk, "Frana di Prata")
    opened(clerk)
    assert 'name="dossier"' in text_of(clerk.get(page))
    refused = clerk.post(page, {**with_recipient(clerk, dossier="nessuno così"), "primary": file()})
    assert refused.status_code == 422
    assert "Nessun fascicolo aperto ha questo codice" in text_of(refused)
    assert 'value="nessuno così"' in text_of(refused)
    sent = clerk.post(page, {**with_recipient(clerk, dossier="frana"), "primary": file()})
    assert sent.status_code == 302
    assert sent.url in text_of(clerk.get(address))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"title": "", "classification": "6.10"}, "id_title_error"),
        ({"title": "x" * 251, "classification": "6.10"}, "id_title_error"),
        ({"title": "Strada", "classification": ""}, "id_classification_error"),
        ({"title": "Strada", "classification": "99.99"}, "id_classification_error"),
    ],
)
def test_a_dossier_needs_a_title_and_a_heading(clerk: Any, form: dict[str, str], field: str) -> None:
    answer = clerk.post(f"{LIST}/nuovo", form)
    assert answer.status_code == 422
    assert field in text_of(answer)


def test_the_list_is_searched_narrowed_and_paged(desks: Desks, clerk: Any) -> None:
    with scope(desks.massa.body_id):
        actor = desks.massa.clerk("protocol_clerk")
        for number in range(27):
            records.open_dossier(
                actor=actor,
                area_id=desks.massa.area_id,
                title=f"Concessione {number}",
                classification_code="6.10",
            )
        newest = records_queries.dossiers(actor=actor, area_id=desks.massa.area_id, limit=1)[0]
        records.close_dossier(actor=actor, dossier_id=newest.id)
    first = text_of(clerk.get(LIST))
    assert first.count('class="list-number"') == 25
    (older,) = [part for part in first.split('"') if "before=" in part]
    assert text_of(clerk.get(older.replace("&amp;", "&"))).count('class="list-number"') == 2
    assert text_of(clerk.get(LIST, {"state": "closed"})).count('class="list-number"') == 1
    assert text_of(clerk.get(LIST, {"q": "concessione 2", "state": "open"})).count("list-title") == 7
    assert "Nessun fascicolo così" in text_of(clerk.get(LIST, {"q": "niente"}))
    with CaptureQueriesContext(connection) as asked:
        clerk.get(LIST)
    assert len(asked) <= 6
    assert clerk.get(LIST, {"before": "2020-13-45", "state": "x"}).status_code == 200


def test_dossiers_opened_at_one_instant_are_all_in_the_pages_of_the_list(desks: Desks, clerk: Any) -> None:
    with scope(desks.massa.body_id), clock.frozen(clock.now()):
        actor = desks.massa.clerk("protocol_clerk")
        for number in range(27):
            records.open_dossier(
                actor=actor,
                area_id=desks.massa.area_id,
                title=f"Concessione {number}",
                classification_code="6.10",
            )
    first = text_of(clerk.get(LIST))
    (older,) = [part for part in first.split('"') if "before=" in part]
    with CaptureQueriesContext(connection) as asked:
        second = text_of(clerk.get(older.replace("&amp;", "&")))
    assert len(asked) <= 6
    assert second.count('class="list-number"') == 2
    for number in range(27):
        assert (f">Concessione {number}<" in first) != (f">Concessione {number}<" in second)
    for broken in ("x", "|", "2026-01-01T00:00:00+00:00", "2026-01-01|x"):
        assert clerk.get(LIST, {"before": broken}).status_code == 200


def test_who_only_reads_opens_and_closes_nothing(desks: Desks, clerk: Any) -> None:
    address, view = opened(clerk), desks.pair.send()
    reader = desks.at(desks.massa, role="reader")
    assert "/nuovo" not in text_of(reader.get(LIST)).split("<main")[1]
    assert "/chiudi" not in text_of(reader.get(address))
    for refused in (f"{LIST}/nuovo", f"{address}/chiudi", f"/protocollo/registrazioni/{view.id}/fascicola"):
        assert reader.get(refused).status_code == 404
        assert reader.post(refused, {}).status_code == 404


def test_a_dossier_has_its_kind_its_parts_and_its_story(desks: Desks, clerk: Any) -> None:
    asked = {
        "title": "Rossi Anna",
        "classification": "3.1",
        "kind": "natural_person",
        "holder": "Rossi Anna",
        "holder_code": "RSSNNA80A41F032X",
        "keywords": "concorso, assunzione",
        "retention": "10",
    }
    refused = clerk.post(f"{LIST}/nuovo", asked)
    assert refused.status_code == 422
    assert "id_holder_code_error" in text_of(refused)
    address = clerk.post(f"{LIST}/nuovo", {**asked, "holder_code": "RSSNNA80A41F032F"}).url
    page = text_of(clerk.get(address))
    for told in ("Persona fisica", "Rossi Anna", "concorso, assunzione", "10 anni"):
        assert told in page
    part = clerk.post(f"{address}/parti/nuova", {"title": "Certificati", "form": "insert"}).url
    assert text_of(clerk.get(part)).count(address) >= 2  # the way back, and the tree
    assert "/parti/nuova" not in text_of(clerk.get(part))  # an insert has none
    refused = clerk.post(f"{address}/chiudi")
    assert refused.status_code == 422
    assert "Prima chiudi queste parti" in text_of(refused)
    form = {"holder": "Rossi Anna", "note": "In aspettativa", "keywords": "concorso", "retention": "9999"}
    assert clerk.post(f"{address}/dati", form).status_code == 302
    page = text_of(clerk.get(address))
    assert "Per sempre" in page
    assert "Dati modificati" in page
    story = " ".join(re.sub(r"<[^>]+>", "", page.split("story-title")[2]).split())
    for told in (
        "Conservazione: Prima: 10 anni → Ora: Per sempre",
        "Parole chiave: Prima: concorso, assunzione → Ora: concorso",
        "Note: Prima: niente → Ora: In aspettativa",
    ):
        assert told in story
    for one in (part, address):
        assert clerk.post(f"{one}/chiudi").status_code == 302
    assert clerk.post(f"{address}/riapri", {"reason": " "}).status_code == 422
    assert clerk.post(f"{address}/riapri", {"reason": "Ricorso"}).status_code == 302
    assert "Ricorso" in text_of(clerk.get(address))


def test_changing_one_value_keeps_the_others_also_those_that_nobody_could_choose_now(
    desks: Desks, clerk: Any
) -> None:
    leaver = uuid4()
    known = DossierData(
        responsible_name="Neri Ugo", procedure=Procedure(name="Concessione", subject_matter="Suolo pubblico")
    )
    with scope(desks.massa.body_id):
        actor = desks.massa.clerk("protocol_clerk")
        one = records.open_dossier(
            actor=actor,
            area_id=desks.massa.area_id,
            title="Concessione del suolo",
            classification_code="6.10",
            kind="procedure",
            data=known,
            responsible=leaver,
        )
    form = clerk.get(f"{LIST}/{one.id}/dati").context["form"]
    assert (str(leaver), "Neri Ugo") in form.fields["responsible"].choices
    asked = {bound.name: bound.value() or "" for bound in form}
    answer = clerk.post(f"{LIST}/{one.id}/dati", {**asked, "note": "Urgente"})
    assert answer.status_code == 302
    with scope(desks.massa.body_id):
        found = records_queries.dossier(actor=actor, dossier_id=one.id)
        steps = records_queries.dossier_steps(actor=actor, dossier_id=one.id)
    assert found.data == replace(known, note="Urgente")
    assert found.responsible == leaver
    assert list(steps[-1].before) == ["note"]
    clerk.post(f"{LIST}/{one.id}/chiudi")
    assert clerk.post(f"{LIST}/{one.id}/dati", {**asked, "note": "Tardi"}).status_code == 422


def test_a_restricted_dossier_is_absent_for_others(desks: Desks, clerk: Any) -> None:
    stranger, view = desks.at(desks.massa, role="protocol_clerk"), desks.pair.send()
    address = opened(clerk, "Procedimento disciplinare")
    code = f"{clock.today().year}-6.10.1"
    clerk.post(f"/protocollo/registrazioni/{view.id}/fascicola", {"dossier": code})
    page = text_of(clerk.get(f"{address}/visibilita"))
    (someone, *_others) = page.split('name="readers" value="')[1:]
    form = {"visibility": "people", "readers": [someone.split('"')[0]], "reason": "Dati personali"}
    refused = clerk.post(f"{address}/visibilita", {**form, "readers": []})
    assert "id_readers_error" in text_of(refused)
    assert clerk.post(f"{address}/visibilita", form).status_code == 302
    assert "Procedimento disciplinare" in text_of(clerk.get(LIST))
    number = address.rpartition("/")[2]
    for hidden in (
        LIST,
        f"{LIST}?q=disciplinare",
        "/protocollo/titolario",
        f"/protocollo/registrazioni/{view.id}",
        f"/protocollo/registrazioni/{view.id}/fascicola",
        "/protocollo/nuovo/uscita",
    ):
        page = text_of(stranger.get(hidden))
        assert "Procedimento disciplinare" not in page
        assert number not in page
        assert "1 fascicolo" not in page
    for gone in ("", "/indice", "/indice.json", "/dati", "/visibilita", "/chiudi", "/parti/nuova"):
        assert stranger.get(f"{address}{gone}").status_code == 404
    asked = {"dossier": code}
    assert stranger.post(f"/protocollo/registrazioni/{view.id}/fascicola", asked).status_code == 422


def test_rows_move_to_a_place_or_to_a_dossier_that_is_written(desks: Desks, clerk: Any) -> None:
    address, other = opened(clerk), opened(clerk, "Frana di Prata")
    year, view = clock.today().year, desks.pair.send()
    clerk.post(f"/protocollo/registrazioni/{view.id}/fascicola", {"dossier": f"{year}-6.10.1"})
    move = f"{address}/sposta/registration/{view.id}"
    answer = clerk.post(move, {"target": other.rpartition("/")[2]}, headers={"accept": "application/json"})
    assert answer.json() == {"said": f"Spostato in {year}-6.10.2 Frana di Prata."}
    assert (
        clerk.post(move, {"target": other.rpartition("/")[2]}).status_code == 404
    )  # it is not there any more
    assert "Che cosa c'era prima" in text_of(clerk.get(address))
    back = f"{other}/sposta/registration/{view.id}"
    for wrong, status in (("x", 422), (str(view.id), 404)):
        asked = {"target": wrong}
        assert clerk.post(back, asked, headers={"accept": "application/json"}).status_code == status
    assert clerk.post(back, {"dossier": "niente"}).status_code == 422
    assert clerk.post(back, {"dossier": f"{year}-6.10.1"}).status_code == 302
    assert f"/registrazioni/{view.id}" in text_of(clerk.get(address)).split("Storia")[0]
    assert clerk.get(f"{address}/sposta/altro/{view.id}").status_code == 404
    clerk.post(f"{other}/chiudi")
    answer = clerk.post(move, {"target": other.rpartition("/")[2]}, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert "chiuso" in answer.json()["said"]
    assert desks.at(desks.massa, role="reader").post(move, {"dossier": f"{year}-6.10.2"}).status_code == 404


def test_files_that_are_not_registered_are_kept_and_indexed(desks: Desks, clerk: Any) -> None:
    address, view = opened(clerk), desks.pair.send()
    clerk.post(f"/protocollo/registrazioni/{view.id}/fascicola", {"dossier": f"{clock.today().year}-6.10.1"})
    assert clerk.post(f"{address}/file/nuovo", {}).status_code == 422
    assert clerk.post(f"{address}/file/nuovo", {"file": file("rilievo.txt")}).status_code == 302
    page = text_of(clerk.get(address))
    (link,) = {
        part for part in page.split('"') if part.startswith(f"{address}/file/") and "nuovo" not in part
    }
    assert b"".join(clerk.get(link).streaming_content) == b"Si chiede il parere in oggetto."
    index = clerk.get(f"{address}/indice.json").json()
    assert [one["NomeDelDocumento"] for one in index["IndiceDocumenti"]][-1] == "rilievo.txt"
    assert index["IdAgg"]["IdAggregazione"] == f"{clock.today().year}-6.10.1"
    written = clerk.get(f"{address}/indice.xml")
    assert written["Content-Disposition"].endswith('.xml"')
    assert index["IndiceDocumenti"][0]["IdDoc"]["ImprontaCrittografica"]["Impronta"] in text_of(written)
    assert "rilievo.txt" in text_of(clerk.get(f"{address}/indice"))
    assert clerk.get(f"{address}/indice.csv").status_code == 404
    assert desks.at(desks.sassetta).get(link).status_code == 404


def test_a_dossier_page_asks_the_same_however_much_it_holds(desks: Desks, clerk: Any) -> None:
    address = opened(clerk)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert clerk.get(address).status_code == 200
        return len(asked)

    before = questions()
    with scope(desks.massa.body_id):
        actor = desks.massa.clerk("protocol_clerk")
        (one,) = records_queries.dossiers(actor=actor, area_id=desks.massa.area_id)
        for number in range(4):
            records.open_part(actor=actor, parent_id=one.id, title=f"Parte {number}")
            desks.massa.send(dossier_id=one.id)
    assert questions() <= before + 4  # what is found is described, whatever its number
    few = questions()
    with scope(desks.massa.body_id):
        for number in range(8):
            records.open_part(actor=actor, parent_id=one.id, title=f"Altra {number}")
            desks.massa.send(dossier_id=one.id)
    assert questions() == few
