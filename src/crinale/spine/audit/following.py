"""Facts in the order of their transactions, for who follows them: none is passed over, none comes twice.

The identifiers of facts are not given in the order of commits, so who follows them stops below the oldest
transaction that is still open, as sealing does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID  # noqa: TC003  part of a value that is passed on

from crinale.spine.tenancy import current_body
from crinale.spine.tenancy.statements import every, first

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_HORIZON: Final = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_FOLLOWING: Final = """
select txid, id, at, kind, subject_id from audit_fact
where body_id = %s and (txid, id) > (%s, %s) and txid < %s and kind = any(%s)
order by txid, id limit %s
"""


@dataclass(frozen=True, slots=True, order=True)
class FactPosition:
    """A place in the order of facts; what follows it is still to be told."""

    txid: int
    fact_id: int = 0


@dataclass(frozen=True, slots=True)
class FollowedFact:
    """A fact without its content, which may hold personal data."""

    position: FactPosition
    at: datetime
    kind: str
    subject_id: UUID | None


def present_position() -> FactPosition:
    """Return the place below which every fact is known."""
    row: tuple[Any, ...] | None = first(_HORIZON, [])
    return FactPosition(row[0] if row else 0)


def facts_following(
    position: FactPosition, *, kinds: Collection[str], limit: int
) -> tuple[list[FollowedFact], FactPosition]:
    """Return the next facts of the open scope of some kinds, and the place from where to go on.

    A place beyond the present one is that of another database: it goes on from the present one.
    """
    horizon = present_position()
    if position > horizon:
        return [], horizon
    rows = every(
        _FOLLOWING,
        [current_body(), position.txid, position.fact_id, horizon.txid, list(kinds), limit],
    )
    found = [
        FollowedFact(FactPosition(txid, fact), at, kind, subject) for txid, fact, at, kind, subject in rows
    ]
    return found, found[-1].position if len(found) == limit else horizon
