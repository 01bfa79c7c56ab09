"""A mistyped option is an error that names it, and never another command that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from crinale.config import node_choice
from crinale.config.cli import program
from crinale.config.commands import demo as demo_command
from crinale.config.commands import registrations as registrations_command
from crinale.config.demo import journey, network
from crinale.config.demo.homes import DemoHome
from crinale.config.demo.sample import RESERVED
from crinale.kernel.errors import CrinaleError
from crinale.spine.identity import Actor
from crinale.spine.identity import actions as identity

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def only_the_demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_choice, "_only_the_demonstration", lambda: True)


def test_who_acts_is_who_was_named_or_nobody(db: None) -> None:
    actor = Actor.system("tests")
    person = identity.create_person(
        actor=actor, username="elena.cerboni", name="Elena Cerboni", password=None
    )
    assert journey.actor_named("Elena.Cerboni").person_id == person.id
    for mistyped in ("elena.cerbone", "", " "):
        with pytest.raises(CrinaleError, match="--as"):
            journey.actor_named(mistyped)
    assert journey.actor_named(None).kind == "system"


def test_who_has_left_does_not_act(db: None) -> None:
    actor = Actor.system("tests")
    person = identity.create_person(
        actor=actor, username="elena.cerboni", name="Elena Cerboni", password=None
    )
    identity.deactivate_person(actor=actor, person_id=person.id)
    with pytest.raises(CrinaleError, match=r"--as elena\.cerboni"):
        journey.actor_named("elena.cerboni")


@pytest.mark.usefixtures("only_the_demonstration")
def test_an_area_that_no_node_serves_is_named_and_no_other_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(*_command: str, **_arguments: object) -> None:
        pytest.fail("every area was listed")

    monkeypatch.setattr(registrations_command, "on_every_demonstration_node", listed)
    monkeypatch.setattr(registrations_command, "enter_node", listed)
    answer = CliRunner().invoke(program.program, ["registrations", "--aoo", "AXXXXXX"])
    assert answer.exit_code == 1
    assert "No node of the demonstration serves the registry area AXXXXXX" in answer.output


@pytest.mark.usefixtures("only_the_demonstration")
def test_the_node_of_an_area_of_the_demonstration_is_found() -> None:
    code = network.SENDER.aoo_code
    assert node_choice.demonstration_node_of(f" {code.lower()} ") == network.node_of_area(code).name
    with pytest.raises(click.ClickException, match="AXXXXXX"):
        node_choice.demonstration_node_of("AXXXXXX")


def test_a_run_of_the_demonstration_removes_what_the_run_before_wrote_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in (*RESERVED, "letter.pdf", "notes.xml"):
        (out / name).write_text("of the run before")
    found: list[str] = []

    def run(*_arguments: object, **_options: object) -> int:
        found.extend(sorted(path.name for path in out.iterdir()))
        return 0

    monkeypatch.setattr(demo_command, "demo_home", lambda: DemoHome(tmp_path / "demo"))
    monkeypatch.setattr(demo_command, "_run", run)
    answer = CliRunner().invoke(program.program, ["demo", "--once", "--out", str(out)])
    assert (answer.exit_code, found) == (0, ["letter.pdf", "notes.xml"])


def test_a_run_that_may_not_begin_removes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = DemoHome(tmp_path / "demo")
    (tmp_path / "receipt.json").write_text("of the run that goes on")
    monkeypatch.setattr(demo_command, "demo_home", lambda: home)
    with home.locked():
        answer = CliRunner().invoke(program.program, ["demo", "--once", "--out", str(tmp_path)])
    assert answer.exit_code == 1
    assert (tmp_path / "receipt.json").exists()
