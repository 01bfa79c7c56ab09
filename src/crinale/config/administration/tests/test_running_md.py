"""`docs/running.md` tells every setting; each command that a guide shows exists, with its options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

import crinale
from crinale.config.cli import contents, program
from crinale.config.node import REPOSITORY

PAGE = (REPOSITORY / "docs" / "running.md").read_text(encoding="utf-8")
GUIDES = [
    (REPOSITORY / "docs" / name).read_text(encoding="utf-8")
    for name in ("running.md", "going-live.md", "interface.md")
]
PACKAGE = Path(crinale.__file__).parent
CODE = {
    file: file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py") if "tests" not in file.parts
} | {file: file.read_text(encoding="utf-8") for file in [REPOSITORY / "crinale"]}
COMMANDS = [
    shlex.split(line.strip().removesuffix("\\"), comments=True)[1:]
    for page in GUIDES
    for line in page.splitlines()
    if line.startswith("./crinale ") and "..." not in line
]


def test_every_variable_that_the_code_reads_is_told() -> None:
    read = {name for text in CODE.values() for name in re.findall(r"[\"'$](CRINALE_[A-Z_]+)", text)}
    assert {"CRINALE_HOME", "CRINALE_DATABASE_URL"} <= read
    assert not {name for name in read if f"`{name}`" not in PAGE}


def test_every_table_of_node_toml_that_the_code_reads_is_told() -> None:
    read = {
        name for text in CODE.values() for name in re.findall(r"settings\(\)(?:\.get\(|\[)\"(\w+)\"", text)
    }
    assert {"web", "exchange", "node"} <= read
    assert not {name for name in read | {"machine", "worker"} if f"`[{name}]`" not in PAGE}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_that_is_shown_can_be_typed_so(words: list[str], tmp_path: Path) -> None:
    command: click.Command = program.program
    context = click.Context(command)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, f"there is no command {name}"
        command = found
    options = {option for parameter in command.params for option in parameter.opts}
    options |= {"--version", "--help"}
    assert not {word for word in words if word.startswith("--")} - options


def test_every_command_of_an_administrator_is_shown() -> None:
    wanted = {*contents.SECTIONS["Run a node"], *contents.SECTIONS["Bodies and people"]}
    assert not {name for name in wanted if f"./crinale {name}" not in PAGE and f"`{name}`" not in PAGE}
