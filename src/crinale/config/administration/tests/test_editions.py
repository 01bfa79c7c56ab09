"""Editions of the filing plan from the console: looked at, given a day, withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crinale.kernel import clock

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.config.administration.tests.conftest import Console

OLD = "code,title\n1,Amministrazione\n1.8,Varie\n1.9,Caccia\n2,Territorio\n"
NEW = "code,title,from\n1,Affari generali,\n1.8,Varie,\n2,Territorio,\n2.1,Fauna,1.9\n3,Reti,\n"


def test_an_edition_is_looked_at_and_waits_for_its_day(console: Console, tmp_path: Path) -> None:
    console.with_a_town()
    plan, day = tmp_path / "piano.csv", clock.today() + timedelta(days=40)
    plan.write_text(OLD, encoding="utf-8")
    console.do("titolario", "import", str(plan))
    plan.write_text(NEW, encoding="utf-8")
    assert console.do("titolario", "import", str(plan), "--preview").splitlines() == [
        "new      3  Reti",
        "renamed  1  Amministrazione -> Affari generali",
        "moved    1.9 -> 2.1  Fauna",
        "2 headings stay as they are. Nothing was changed.",
    ]
    assert "1.9  Caccia" in console.do("titolario", "show")
    said = console.do("titolario", "import", str(plan), "--from", day.isoformat(), "--name", "Piano nuovo")
    assert said.startswith("5 headings will be in force")
    assert "1.9  Caccia" in console.do("titolario", "show")
    assert "2.1  Fauna" in console.do("titolario", "show", "--on", day.isoformat())
    assert "future" in console.do("titolario", "editions").splitlines()[0]
    assert "withdraw it first" in console.refuse("titolario", "import", str(plan))
    assert "Piano nuovo is withdrawn" in console.do("titolario", "withdraw", "--reason", "Errore")
    assert "no edition" in console.refuse("titolario", "withdraw", "--reason", "Errore")
    assert "1.9  Caccia" in console.do("titolario", "show", "--on", day.isoformat())
    assert len(console.facts("filing_plan.withdrawn")) == 1


def test_an_edition_to_come_has_the_default_headings_too(console: Console, tmp_path: Path) -> None:
    console.with_a_town()
    plan, day = tmp_path / "piano.csv", clock.today() + timedelta(days=40)
    plan.write_text("code,title\n1,Amministrazione\n", encoding="utf-8")
    asked = ("titolario", "import", str(plan), "--from")
    assert "lacks the heading 1.8, the default of AF03201" in console.refuse(*asked, day.isoformat())
    past = clock.today() - timedelta(days=1)
    assert "today or later" in console.refuse(*asked, past.isoformat())
    assert [line for line in console.do("titolario", "editions").splitlines() if "future" in line] == []
