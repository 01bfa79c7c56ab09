"""The two logs as those in charge search them: who read what, and who did what, by object, person and period.

Answers come page by page, the newest first. What a fact holds is not among them: it may be a subject that
the reader of the log may not see (GDPR art. 5 c.1 c).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from crinale.spine.audit.models import Access, FactRow
from crinale.spine.identity import permissions
from crinale.spine.tenancy import current_body

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from crinale.spine.identity import Actor

Row = TypeVar("Row", Access, FactRow)


@dataclass(frozen=True, kw_only=True)
class LogQuestion:
    """What is asked: about which objects, of which person, from an instant until another (excluded)."""

    objects: Collection[UUID] | None = None
    person_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self, about: str) -> dict[str, Any]:
        """Return them for a table, whose column ``about`` names the object."""
        asked = {
            f"{about}__in": list(self.objects) if self.objects is not None else None,
            "actor_id": self.person_id,
            "at__gte": self.since,
            "at__lt": self.until,
        }
        return {name: value for name, value in asked.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class LoggedAccess:
    """Somebody read something."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    actor_name: str
    actor_kind: str
    what: str
    object_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class LoggedFact:
    """Somebody did something; without what the fact holds."""

    id: int
    at: datetime
    actor_id: UUID | None
    actor_name: str
    actor_kind: str
    kind: str
    subject_id: UUID | None


def access_log(
    *, actor: Actor, question: LogQuestion, before: UUID | None = None, limit: int = 50
) -> list[LoggedAccess]:
    """Return the readings in the open scope that a question asks for, the newest first.

    One query; two for a later page.

    :param before: identifier of the last row of the page before.
    :raises Forbidden: without ``audit.view``.
    """
    permissions.require(actor, "audit.view")
    rows = _newest(Access.objects.filter(**question.conditions("object_id")), Access.objects.all(), before)
    return [
        LoggedAccess(
            id=row.id,
            at=row.at,
            actor_id=row.actor_id,
            actor_name=row.actor_name,
            actor_kind=row.actor_kind,
            what=row.what,
            object_id=row.object_id,
            reason=row.reason,
        )
        for row in rows[:limit]
    ]


def fact_log(
    *, actor: Actor, question: LogQuestion, before: int | None = None, limit: int = 50
) -> list[LoggedFact]:
    """Return the facts of the open scope that a question asks for, the newest first.

    One query; two for a later page.

    :param before: identifier of the last row of the page before.
    :raises Forbidden: without ``audit.view``.
    """
    permissions.require(actor, "audit.view")
    here = FactRow.objects.filter(body_id=current_body())
    rows = _newest(here.filter(**question.conditions("subject_id")), here, before)
    names = ("id", "at", "actor_id", "actor_name", "actor_kind", "kind", "subject_id")
    return [LoggedFact(**row) for row in rows.values(*names)[:limit]]


def _newest(asked: QuerySet[Row], here: QuerySet[Row], before: Any) -> QuerySet[Row]:
    """Order by instant, as the indexes do: what a body brought here has later numbers than its time."""
    if before is not None:
        last = here.filter(id=before).values_list("at", "id").first()
        if last is None:
            return asked.none()
        asked = asked.filter(TupleLessThan(Tuple("at", "id"), last))
    return asked.order_by("-at", "-id")
