"""Let a search find, among what is restricted, the things that the caller says are the searcher's own.

``own`` comes last and may be left out. The two functions are those of the migration before, with that one more
argument: it is written into their text, so that the text stands once.
"""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

BEFORE = import_module("crinale.spine.search.migrations.0003_year")


def _changed(text: str, *changes: tuple[str, str, int]) -> str:
    for old, new, times in changes:
        if text.count(old) != times:
            raise ValueError(f"{old!r} stands {text.count(old)} times, not {times}")
        text = text.replace(old, new)
    return text


FIND = _changed(
    BEFORE.FIND,
    ("only_year int default null", "only_year int default null, own uuid[] default '{}'", 2),
    ("($1 or not entry.restricted)", "($1 or not entry.restricted or entry.id = any($8))", 1),
    ("only_year, year_begins, year_ends;", "only_year, year_begins, year_ends, own;", 2),
    (
        "before_at, before_id, most,\n        only_year);",
        "before_at, before_id, most,\n        only_year, own);",
        1,
    ),
    ("null, null, 1, only_year)", "null, null, 1, only_year, own)", 1),
    ("before_at, before_id, most, only_year);", "before_at, before_id, most, only_year, own);", 1),
)


class Migration(migrations.Migration):
    """Replace the two functions."""

    dependencies = (("search", "0003_year"),)
    operations = (migrations.RunSQL(BEFORE.DROP + FIND, BEFORE.DROP + BEFORE.FIND),)
