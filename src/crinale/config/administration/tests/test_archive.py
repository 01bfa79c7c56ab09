"""Registrations of older software: looked at first, taken over with their own numbers, never twice."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from crinale.config.administration import archive as administration
from crinale.connectors.blob_folder import FolderBlobStore
from crinale.kernel.errors import CrinaleError
from crinale.spine import tenancy
from crinale.spine.audit import Section
from crinale.spine.identity import Actor
from crinale.spine.protocol import actions as protocol
from crinale.spine.protocol import verification
from crinale.spine.protocol.actions import archive as archiving
from crinale.spine.protocol.models import Registration
from crinale.spine.protocol.queries import EnclosureData, PartyData
from crinale.spine.records import actions as records
from crinale.spine.records.models import Document
from crinale.spine.records.ports import blob_store
from crinale.spine.search import queries as search
from crinale.spine.tenancy import queries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crinale.config.administration.tests.conftest import Console
    from crinale.spine.tenancy.queries import AreaRef

HEADING = (
    "Numero;Data;Ora;Tipo;Oggetto;Mittente;Destinatari;Classificazione;File;Protocollo mittente;Annullato il;"
    "Atto annullamento;Motivo;Riservato;Mezzo;Operatore"
)
GOOD = """\
0000012;03/02/2009;09:30;E;Domanda di taglio boschivo;Ugo;;10.1;2009/taglio.pdf;77/09;;;;no;Posta;rossi
13/2009;2009-02-03;;U;Autorizzazione al taglio boschivo;;Bianchi Ugo | Corpo forestale;10.1;;;;;;;;rossi
14;04/02/2009;;I;Nota "interna"; Ufficio;Ragioneria;1.8;;;05/02/2009;Det. 4/2009;errore di persona;sì;;
"""
BAD = """15;31/02/2009;;E;Data impossibile;Tizio;;1.8;;;;;;;;
16;05/02/2009;;Z;Verso sconosciuto;Tizio;;1.8;;;;;;;;
17;05/02/2009;;E;;Tizio;;1.8;;;;;;;;
18;05/02/2009;;E;Titolo che non esiste;Tizio;;99.9;;;;;;;;
19;05/02/2009;;E;File che manca;Tizio;;1.8;altrove.pdf;;;;;;;
20;05/02/2009;;E;File fuori della cartella;Tizio;;1.8;../segreto.txt;;;;;;;
zero;05/02/2009;;E;Numero che non lo è;Tizio;;1.8;;;;;;;;
12;05/02/2009;;E;Numero già visto;Tizio;;1.8;;;;;;;;
21;05/02/2009;;E;Riservatezza non chiara;Tizio;;1.8;;;;;;forse;;
"""


@pytest.fixture
def town(console: Console, tmp_path: Path) -> Iterator[AreaRef]:
    console.do("body", "add", "c_f032", "--name", "Comune di Massa Marittima", "--kind", "municipality")
    console.do("area", "add", "AAAA001", "--body", "c_f032", "--name", "Protocollo generale")
    area = queries.area_by_code("AAAA001")
    assert area
    folder = tmp_path / "files" / "2009"
    folder.mkdir(parents=True)
    (folder / "taglio.pdf").write_bytes(b"%PDF-1.4 domanda di taglio")
    (tmp_path / "segreto.txt").write_text("fuori")
    with blob_store.replaced(FolderBlobStore(tmp_path / "blobs")):
        yield area


def take_over(
    console: Console, folder: Path, text: str, *, apply: bool = False, ends: int = 0
) -> dict[str, tuple[str, str]]:
    """Run the command on a file of these lines; return outcome and column of each number."""
    file, report = folder / "registro.csv", folder / "esito.csv"
    file.write_bytes(f"{HEADING}\n{text}".encode("cp1252"))
    arguments = ["--aoo", "AAAA001", "--register", "PG-2009", "--files", str(folder / "files")]
    answer = console.type(
        "archive", "import", str(file), *arguments, "--report", str(report), *(["--apply"] if apply else [])
    )
    assert answer.exit_code == ends, answer.output
    with report.open(encoding="utf-8-sig", newline="") as lines:
        return {row["number"]: (row["outcome"], row["column"]) for row in csv.DictReader(lines)}


def registered(area: AreaRef) -> dict[tuple[int, int], Registration]:
    with tenancy.scope(area.body_id):
        found = Registration.objects.filter(register__code="PG-2009")
        return {(one.year, one.number): one for one in found}


def faults(area: AreaRef) -> list[str]:
    """What the verification of the register finds."""
    section = Section(name="registrations")
    with tenancy.scope(area.body_id):
        verification.verify_registrations(section)
        verification.verify_numbers(section)
    assert section.checked
    return [str(one) for one in section.findings]


def test_a_look_first_says_everything_and_changes_nothing(
    console: Console, town: AreaRef, tmp_path: Path
) -> None:
    told = take_over(console, tmp_path, GOOD + BAD, ends=1)
    assert [told[number][0] for number in ("12/2009", "13/2009", "14/2009")] == ["new"] * 3
    assert {number: column for number, (outcome, column) in told.items() if outcome == "wrong"} == {
        "15": "date",
        "16": "direction",
        "17": "subject",
        "18": "classification",
        "19": "files",
        "20": "files",
        "zero": "number",
        "12": "number",
        "21": "confidential",
    }
    assert registered(town) == {}
    with tenancy.scope(town.body_id):
        assert not Document.objects.exists()


def test_what_is_taken_over_keeps_its_number_date_and_annulment(
    console: Console, town: AreaRef, tmp_path: Path
) -> None:
    take_over(console, tmp_path, GOOD, apply=True)
    rows = registered(town)
    assert sorted(rows) == [(2009, 12), (2009, 13), (2009, 14)]
    arrival, _answer, note = (rows[2009, number] for number in (12, 13, 14))
    assert arrival.registered_at.isoformat() == "2009-02-03T08:30:00+00:00"
    assert (arrival.registered_by_name, arrival.channel, arrival.received_number) == (
        "rossi",
        "post",
        "77/09",
    )
    assert (note.annulment_act, note.annulment_reason, note.confidential) == (
        "Det. 4/2009",
        "errore di persona",
        True,
    )
    with tenancy.scope(town.body_id):
        names = list(arrival.parties.values_list("role", "name"))
        assert ("sender", "Ugo") in names
        (enclosure,) = arrival.enclosures.select_related("document")
        assert enclosure.document.file_name == "taglio.pdf"
        (hit,) = search.find(area_ids=[town.id], text="autorizzazione taglio")
        assert (hit.number, hit.year) == (13, 2009)
    assert faults(town) == []


def test_begun_again_it_goes_on_and_changes_nothing_twice(
    console: Console, town: AreaRef, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(administration, "AT_ONCE", 1)
    broken = GOOD.replace("13/2009;", "15/2009;").replace("\n14;", "\n13;")
    calls = 0
    real = archiving.take_over

    def breaks(**asked: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return real(**asked)

    source = administration.Source(file=tmp_path / "r.csv", files=tmp_path / "files", register_code="PG-2009")
    source.file.write_text(f"{HEADING}\n{broken}", encoding="utf-8")
    actor = Actor.system("tests")
    monkeypatch.setattr(archiving, "take_over", breaks)
    with pytest.raises(KeyboardInterrupt):
        administration.take_over(
            actor=actor, area=town, source=source, apply=True, report=tmp_path / "esito.csv"
        )
    assert sorted(registered(town)) == [(2009, 12)]
    before = registered(town)[2009, 12].id
    tally = administration.take_over(
        actor=actor, area=town, source=source, apply=True, report=tmp_path / "esito.csv"
    )
    assert dict(tally.outcomes) == {"known": 1, "new": 2}
    assert sorted(registered(town)) == [(2009, 12), (2009, 13), (2009, 15)]
    assert registered(town)[2009, 12].id == before
    changed = take_over(
        console, tmp_path, GOOD.replace("taglio boschivo", "taglio del bosco"), apply=True, ends=1
    )
    assert changed["12/2009"][0] == "differs"
    assert registered(town)[2009, 12].subject == "Domanda di taglio boschivo"


def test_a_register_in_use_is_no_archive(console: Console, town: AreaRef, tmp_path: Path) -> None:
    source = administration.Source(file=tmp_path / "r.csv", files=None, register_code="PG")
    source.file.write_text(f"{HEADING}\n{GOOD}", encoding="utf-8")
    with pytest.raises(CrinaleError):
        administration.take_over(
            actor=Actor.system("tests"), area=town, source=source, apply=False, report=tmp_path / "esito.csv"
        )


def test_the_numbers_of_the_year_go_on_after_those_of_the_older_software(
    console: Console, town: AreaRef
) -> None:
    console.do("archive", "continue", "--aoo", "AAAA001", "--after", "12345")
    told = console.refuse("archive", "continue", "--aoo", "AAAA001", "--after", "12346")
    assert "given numbers" in told
    assert faults(town) == []
    with tenancy.scope(town.body_id):
        document = records.store_document(
            actor=Actor.system("tests"), file_name="nota.txt", stream=io.BytesIO(b"nota")
        )
        made = protocol.register_incoming(
            actor=Actor.system("tests"),
            area_id=town.id,
            subject="Prima lettera registrata qui",
            classification="1.8",
            sender=PartyData(kind="legal_person", name="Tizio"),
            documents=[EnclosureData(document.id)],
            channel="hand",
        )
    assert made.number == 12346
    assert faults(town) == []
