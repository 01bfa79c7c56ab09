"""Put things in the index, in the transaction that makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.spine.tenancy import current_body
from crinale.spine.tenancy.statements import Statement, execute

if TYPE_CHECKING:
    from crinale.spine.search.entries import Entry

INSERT = """
insert into search_entry (id, body_id, area_id, kind, year, number, title, names, restricted, occurred_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (id) do update
    set title = excluded.title, names = excluded.names, restricted = excluded.restricted
"""


def index(entry: Entry) -> None:
    """Make a thing findable; the same id again replaces its words."""
    execute(insertion(entry))


def insertion(entry: Entry) -> Statement:
    """Return the statement that does it, for those who write more with it."""
    return Statement(
        INSERT,
        [
            entry.object_id,
            current_body(),
            entry.area_id,
            entry.kind,
            entry.year,
            entry.number,
            entry.title,
            entry.names,
            entry.restricted,
            entry.occurred_at,
        ],
    )
