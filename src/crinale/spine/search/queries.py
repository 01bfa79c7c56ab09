"""Find what was put in the index, newest first, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from crinale.spine.search.entries import Entry, Hit, Position
from crinale.spine.search.rules import read_text
from crinale.spine.tenancy import current_body

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

__all__ = ["Entry", "Hit", "Position", "find"]

MOST = 200
_FIND = """
select id, area_id, kind, year, number, title, names, restricted, occurred_at
from crinale_search(%s::uuid[], %s, %s, %s, %s, %s::text[], %s, %s, %s, %s, %s, %s::uuid[])
"""


def find(
    *,
    area_ids: Sequence[UUID],
    text: str,
    limit: int = 25,
    before: Position | None = None,
    include_restricted: bool = False,
    year: int | None = None,
    own: Sequence[UUID] = (),
) -> list[Hit]:
    """Return the newest hits in these areas of the open scope.

    ``before`` is the last position shown, ``year`` the only one wanted. ``own`` are the restricted things
    that are found even without ``include_restricted``: few, those that concern who searches.
    Who may look in which areas, and at restricted things, is the caller's question.

    :raises ScopeMissing: when no scope is open.
    """
    current_body()
    wanted = read_text(text)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            (
                list(area_ids),
                wanted.year,
                wanted.number,
                wanted.words,
                wanted.beginning,
                list(wanted.parts),
                include_restricted,
                before.occurred_at if before else None,
                before.object_id if before else None,
                max(1, min(limit, MOST)),
                year,
                list(own),
            ),
        )
        return [Hit(*row) for row in cursor.fetchall()]
