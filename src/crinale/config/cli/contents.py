"""Finds the commands without importing them, so that `--help` answers at once.

Each module of `crinale.config.commands` holds one command: a click command of the module's own name
(`body.py` holds `body`). Its help is the docstring of that function; its section is listed here, or it stands
under "More".
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

import click

from crinale.config import commands

_DIRECTORY: Final = Path(commands.__file__).parent
SECTIONS: Final[dict[str, tuple[str, ...]]] = {
    "Start here": ("demo", "test"),
    "Run a node": ("setup", "run", "doctor", "keys", "backup", "restore", "migrate"),
    "Register and exchange": ("send", "registrations", "archive", "index"),
    "Bodies and people": (
        "body",
        "area",
        "mailbox",
        "office",
        "post",
        "titolario",
        "person",
        "role",
        "program",
    ),
    "Prove and measure": ("audit", "bench"),
    "Look inside": ("psql", "shell"),
}
_OTHERS: Final = "More"


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents."""

    name: str
    summary: str


class MisnamedCommand(LookupError):
    """A module of commands holds no click command of its own name."""


def names() -> list[str]:
    """The names of all commands, as they are typed."""
    return sorted(_typed(path.stem) for path in _DIRECTORY.glob("*.py") if not path.stem.startswith("_"))


def sections() -> dict[str, list[Entry]]:
    """The commands by section, in reading order, with the first sentence of each one's help."""
    here = names()
    listed = {name for section in SECTIONS.values() for name in section}
    order = {**SECTIONS, _OTHERS: tuple(name for name in here if name not in listed)}
    found = {
        title: [Entry(name, summary(name)) for name in section if name in here]
        for title, section in order.items()
    }
    return {title: entries for title, entries in found.items() if entries}


def summary(name: str) -> str:
    """The first sentence of a command's help, read from its source."""
    module = _module_name(name)
    tree = ast.parse((_DIRECTORY / f"{module}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.rstrip("_") == module:
            paragraph = (ast.get_docstring(node) or "").split("\n\n")[0]
            return re.split(r"[.:;] |[.:;]$", " ".join(paragraph.split()))[0]
    return ""


def load(name: str) -> click.Command | None:
    """The command of this name, imported now; None when there is none.

    :raises MisnamedCommand: when its module does not hold it.
    """
    if name not in names():
        return None
    module = import_module(f"{commands.__name__}.{_module_name(name)}")
    for attribute in (_module_name(name), f"{_module_name(name)}_"):
        command = getattr(module, attribute, None)
        if isinstance(command, click.Command):
            return command
    raise MisnamedCommand(module.__name__)


def _typed(module: str) -> str:
    return module.rstrip("_").replace("_", "-")


def _module_name(name: str) -> str:
    return name.replace("-", "_")
