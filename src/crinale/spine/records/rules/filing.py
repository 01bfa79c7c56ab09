"""The filing plan as a file: a CSV with ``code`` and ``title``; ``6.3`` is a class of the titolo ``6``.

A third column, ``from``, may name the headings of the edition before that a heading continues.

Each document is classified when it is registered (DPR 445/2000 art. 50 c.4, 56, 64).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from crinale.kernel.errors import Invalid

_CODE = re.compile(r"[0-9A-Za-z]{1,8}(\.[0-9A-Za-z]{1,8}){0,4}")
_LONGEST_TITLE = 250


@dataclass(frozen=True, slots=True)
class Heading:
    """One line of a filing plan; ``parent`` is the code of the heading above, empty for a titolo."""

    code: str
    title: str
    parent: str
    position: int
    continues: tuple[str, ...] = ()


def read_plan(text: str) -> tuple[Heading, ...]:
    """Read a filing plan; parents come before their children.

    :raises Invalid: naming the line, when a heading cannot be used.
    """
    reader = csv.DictReader(text.lstrip("\ufeff").splitlines())
    if reader.fieldnames is None or not {"code", "title"} <= set(reader.fieldnames):
        raise Invalid("plan", "the first line must name the columns code and title")
    found: dict[str, Heading] = {}
    for position, row in enumerate(reader):
        heading = _heading(row, position)
        if heading.code in found:
            raise Invalid("plan", f"line {position + 2}: the code {heading.code} is there twice")
        if heading.parent and heading.parent not in found:
            raise Invalid("plan", f"line {position + 2}: the heading above it must come first")
        found[heading.code] = heading
    if not found:
        raise Invalid("plan", "a filing plan has at least one heading")
    return tuple(found.values())


def _heading(row: dict[str, str], position: int) -> Heading:
    code, title = (row.get("code") or "").strip(), (row.get("title") or "").strip()
    if not _CODE.fullmatch(code):
        raise Invalid("plan", f"line {position + 2}: a code has letters and digits, with dots between levels")
    if not title or len(title) > _LONGEST_TITLE:
        raise Invalid("plan", f"line {position + 2}: a title has 1 to {_LONGEST_TITLE} characters")
    return Heading(
        code=code,
        title=title,
        parent=code.rpartition(".")[0],
        position=position,
        continues=tuple((row.get("from") or "").replace(";", " ").split()),
    )
