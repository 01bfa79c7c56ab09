"""The command line: a table of contents that answers at once, and errors that are sentences."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from crinale.config.cli import contents, program
from crinale.config.cli.contents import MisnamedCommand


def test_the_table_of_contents_names_every_command_in_a_section_and_says_what_it_does() -> None:
    entries = [entry for section in contents.sections().values() for entry in section]
    assert sorted(entry.name for entry in entries) == contents.names()
    assert {"demo", "test", "run", "send", "audit", "body", "bench"} <= set(contents.names())
    assert all(entry.summary for entry in entries)
    assert next(iter(contents.sections())) == "Start here"
    said = CliRunner().invoke(program.program, ["--help"]).output
    for title in contents.sections():
        assert f"{title}:" in said


@pytest.mark.parametrize("name", contents.names())
def test_every_command_loads_and_explains_itself(name: str) -> None:
    answer = CliRunner().invoke(program.program, [name, "--help"])
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("Usage: ")


def test_asking_for_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; sys.argv = ['crinale', '--help']\n"
        "from crinale.config.cli.program import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'django', 'psycopg', 'lxml', 'cryptography', 'procrastinate'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    ran = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_a_mistyped_command_is_answered_with_what_is_near() -> None:
    answer = CliRunner().invoke(program.program, ["demmo"])
    assert answer.exit_code == 2
    assert "Did you mean demo?" in answer.output


def test_what_goes_wrong_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["crinale", "migrate"])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("Error: No database is known")
    assert "Traceback" not in said


def test_a_module_without_its_command_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crinale.config.commands.psql.psql", None)
    with pytest.raises(MisnamedCommand):
        contents.load("psql")
    assert contents.load("no-such-command") is None
    assert isinstance(contents.load("shell"), click.Command)
