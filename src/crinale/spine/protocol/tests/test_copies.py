"""Copies of the register: complete, harmless, of what one may see, and written in little memory."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from odfdo import Document

from crinale.kernel import clock, ids
from crinale.kernel.errors import Invalid, NotVisible
from crinale.spine import jobs
from crinale.spine.audit import queries as audit
from crinale.spine.identity import actions as identity
from crinale.spine.identity.queries import actor_for_person
from crinale.spine.protocol import actions, queries, register_files
from crinale.spine.protocol.actions import copies
from crinale.spine.protocol.models import ExportPart, RegisterExport
from crinale.spine.protocol.queries.copy_rows import CopyRow
from crinale.spine.protocol.register_files import CopyHeader, harmless, write_copy
from crinale.spine.protocol.tests.town import SYSTEM, Town, citizen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.spine.identity import Actor

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
HEADER = CopyHeader("Comune di Prova", "AAAA001", "Protocollo", "tutto il registro")
SECRET = "Provvedimento disciplinare"


@pytest.fixture(autouse=True)
def this_morning() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def _copy(town: Town, kind: str = "csv", actor: Actor = SYSTEM, **narrowed: Any) -> bytes:
    _view, stream = actions.copy_register(
        actor=actor,
        area_id=town.area_id,
        kind=kind,
        narrowed=queries.RegistrationFilter(**narrowed),
    )
    assert stream is not None
    with stream:
        return stream.read()


def _table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


def test_a_copy_holds_everything_and_both_values_of_what_was_changed(town: Town) -> None:
    one = town.receive(subject="Lavori sulla strada", sender=citizen("Elsa", "Corti"))
    town.send()
    actions.annul(actor=SYSTEM, registration_id=one.id, act="Decreto 1", reason="Doppione")
    actions.reclassify(actor=SYSTEM, registration_id=one.id, classification="6.3", reason="Errore")
    first, second = _table(_copy(town))
    assert (first["Numero"], first["Data"], first["Ora"]) == ("0000001", "24/11/2026", "10:30:00")
    assert (first["Oggetto"], first["Mittenti"]) == ("Lavori sulla strada", "Elsa Corti")
    assert first["Atto e motivo dell'annullamento"] == "Decreto 1: Doppione"
    assert first["Annullato il"] == "24/11/2026 10:30"
    assert (first["Classificazione"], first["Classificazione alla registrazione"]) == ("6.3", "6.10")
    assert (second["Flusso"], second["Destinatari"], second["Documenti"]) == ("U", "Giulia Fabbrì", "1")


@pytest.mark.parametrize("text", ["=2+5", "+39 0566", "-1", "@sum(A1)", "\t=1", "\r=1"])
def test_nothing_is_taken_for_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    row = CopyRow(number=1, number_text="0000001", year=2026, registered_at=NOW, subject=text)
    target = io.BytesIO()
    write_copy("csv", iter([row]), target, header=HEADER, total=1)
    (written,) = _table(target.getvalue())
    assert written["Oggetto"] == f"'{text}"
    assert written["Numero"] == "0000001"


def test_another_program_reads_the_spreadsheet(town: Town) -> None:
    town.receive(subject="Oggetto <b>& 'altro'</b>")
    document = Document(io.BytesIO(_copy(town, "ods")))
    table = document.body.tables[0]
    head, row = list(table.iter_values())
    found = dict(zip(head, row, strict=True))
    assert (found["Oggetto"], found["Anno"], found["Numero"]) == ("Oggetto <b>& 'altro'</b>", 2026, "0000001")
    assert found["Data"] == date(2026, 11, 24)


def test_the_printed_copy_is_one_pdf_or_parts_of_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for _many in range(3):
        town.receive()
    assert _copy(town, "pdf").startswith(b"%PDF-")
    monkeypatch.setattr(register_files, "PDF_PART", 2)
    with zipfile.ZipFile(io.BytesIO(_copy(town, "pdf"))) as archive:
        assert archive.namelist() == ["registro-parte-0001.pdf", "registro-parte-0002.pdf"]
        assert archive.read("registro-parte-0002.pdf").startswith(b"%PDF-")


def test_a_copy_is_narrowed_and_its_slices_meet(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crinale.spine.protocol.queries.copy_rows.AT_A_TIME", 2)
    for passed in range(5):
        with clock.frozen(NOW + timedelta(days=passed)):
            town.receive() if passed % 2 else town.send()
    assert [row["Numero"][-1] for row in _table(_copy(town))] == ["1", "2", "3", "4", "5"]
    days: dict[str, Any] = {"since": date(2026, 11, 25), "until": date(2026, 11, 27)}
    assert [row["Numero"][-1] for row in _table(_copy(town, **days))] == ["2", "3", "4"]
    assert [row["Numero"][-1] for row in _table(_copy(town, **days, direction="outgoing"))] == ["3"]
    with pytest.raises(Invalid):
        _copy(town, since=date(2026, 11, 27), until=date(2026, 11, 25))
    with pytest.raises(Invalid):
        _copy(town, "exe")


def test_a_stranger_s_copy_tells_nothing_of_confidential_registrations(town: Town) -> None:
    town.receive()
    reader = town.clerk("reader", person_id=ids.new_id())
    kinds: list[dict[str, Any]] = [{}, {"direction": "incoming"}]
    before = [_copy(town, actor=reader, **narrowed) for narrowed in kinds]
    town.receive(subject=SECRET, confidential=True, sender=citizen("Ugo", "Nascosto"), channel="post")
    assert [_copy(town, actor=reader, **narrowed) for narrowed in kinds] == before
    assert SECRET in _copy(town, actor=town.clerk("records_manager")).decode()
    with pytest.raises(NotVisible):
        _copy(town, actor=town.clerk())


def test_every_copy_is_in_the_access_log(town: Town) -> None:
    town.receive()
    _copy(town, "csv", actor=town.clerk("reader"), since=date(2026, 11, 1))
    (noted,) = audit.accesses(actor=SYSTEM, object_id=town.area_id)
    assert (noted.what, noted.actor_name) == ("register_copy", "Paola Neri")
    assert noted.reason == "csv, 1: since 2026-11-01"


@pytest.fixture
def reader(town: Town) -> Actor:
    person = identity.create_person(actor=SYSTEM, username="lettrice", name="Lia Bassi")
    identity.grant_role(
        actor=SYSTEM, person_id=person.id, body_id=town.body_id, area_id=town.area_id, role="reader"
    )
    return actor_for_person(person.id)


def _ask(town: Town, actor: Actor) -> queries.CopyView:
    found, stream = actions.copy_register(
        actor=actor, area_id=town.area_id, kind="csv", narrowed=queries.RegistrationFilter()
    )
    assert stream is None
    return found


def test_a_large_copy_is_written_by_a_job_for_who_asked(
    town: Town, reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "AT_ONCE", 1)
    monkeypatch.setattr(copies, "_PART", 64)
    for subject in ("Lavori", SECRET, "Appalto"):
        town.receive(confidential=subject == SECRET, subject=subject)
    asked = _ask(town, reader)
    assert (asked.state, asked.total, asked.percent) == ("waiting", 2, 0)
    with pytest.raises(NotVisible):
        queries.open_copy(actor=reader, area_id=town.area_id, copy_id=asked.id)
    jobs.drain()
    found, stream = queries.open_copy(actor=reader, area_id=town.area_id, copy_id=asked.id)
    with stream:
        data = stream.read()
    assert (found.state, found.percent, found.size) == ("ready", 100, len(data))
    assert [row["Oggetto"] for row in _table(data)] == ["Lavori", "Appalto"]
    assert queries.copies(actor=reader, area_id=town.area_id) == [found]
    other = town.clerk("records_manager", person_id=ids.new_id())
    assert queries.copies(actor=other, area_id=town.area_id) == []
    with pytest.raises(NotVisible):
        queries.copy(actor=other, area_id=town.area_id, copy_id=asked.id)


def test_copies_are_forgotten_and_a_failure_is_said(
    town: Town, reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "AT_ONCE", 0)
    town.receive()
    asked = _ask(town, reader)
    with monkeypatch.context() as broken:
        broken.setattr(copies, "write_copy", lambda *_a, **_k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            actions.write_copy_in_parts(export_id=asked.id)
    assert queries.copy(actor=reader, area_id=town.area_id, copy_id=asked.id).state == "failed"
    _ask(town, reader)
    jobs.drain()
    assert actions.forget_copies() == 0
    with clock.frozen(NOW + timedelta(days=4)):
        assert actions.forget_copies() > 0
    assert not RegisterExport.objects.exists()
    assert not ExportPart.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "ods"])
def test_memory_does_not_grow_with_the_rows(kind: str, tmp_path: Any) -> None:
    def rows(count: int) -> Iterator[CopyRow]:
        for number in range(1, count + 1):
            yield CopyRow(
                number=number,
                number_text=f"{number:07}",
                year=2026,
                registered_at=NOW,
                subject=f"Oggetto {number} " * 20,
                senders="Giulia Fabbrì",
            )

    def peak(count: int) -> int:
        with (tmp_path / f"{count}.{kind}").open("wb") as target:
            tracemalloc.start()
            write_copy(kind, rows(count), target, header=HEADER, total=count)
            size = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return size

    peak(10)
    assert peak(20_000) < peak(1000) + 500_000
    assert (tmp_path / f"20000.{kind}").stat().st_size > 10 * (tmp_path / f"1000.{kind}").stat().st_size / 2
