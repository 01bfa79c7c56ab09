"""The files that a command was given, looked at before anything starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path


def check_files(files: Sequence[Path], *, reserved: Collection[str] = ()) -> None:
    """Refuse what could not be sent as one document.

    :raises click.ClickException: naming the file and what is wrong with it.
    """
    seen: set[str] = set()
    for file in files:
        if problem := _problem(file, seen, reserved):
            message = f"{file}: {problem}."
            raise click.ClickException(message)
        seen.add(file.name)


def _problem(file: Path, seen: Collection[str], reserved: Collection[str]) -> str:
    if not file.exists():
        return "there is no such file"
    if not file.is_file():
        return "it is not a file"
    if file.name in seen:
        return "another file of this document has the same name"
    if file.name in reserved:
        return "a file of this name is written by the command itself; rename it"
    try:
        with file.open("rb") as stream:
            return "" if stream.read(1) else "it is empty"
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
