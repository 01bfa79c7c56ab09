"""Questions about facts: the story of an object, and whether the whole story is still as it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crinale.spine.audit.checking import verify
from crinale.spine.audit.following import FactPosition, FollowedFact, facts_following, present_position
from crinale.spine.audit.models import Access, FactRow
from crinale.spine.audit.overdue import overdue_since
from crinale.spine.audit.searching import LoggedAccess, LoggedFact, LogQuestion, access_log, fact_log
from crinale.spine.audit.verification import Finding, Section, VerifyReport, register_verifier
from crinale.spine.identity import permissions
from crinale.spine.tenancy import current_body

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.identity import Actor

__all__ = [
    "AccessView",
    "FactPosition",
    "FactView",
    "Finding",
    "FollowedFact",
    "LogQuestion",
    "LoggedAccess",
    "LoggedFact",
    "Section",
    "VerifyReport",
    "access_log",
    "accesses",
    "fact_log",
    "facts",
    "facts_about",
    "facts_following",
    "overdue_since",
    "present_position",
    "register_verifier",
    "verify",
]


@dataclass(frozen=True, kw_only=True)
class FactView:
    """A fact as people read it."""

    id: int
    at: datetime
    kind: str
    actor_name: str
    actor_kind: str
    service: str
    subject_id: UUID | None
    payload: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class AccessView:
    """A read of personal data, as people read it."""

    at: datetime
    actor_name: str
    what: str
    object_id: UUID
    reason: str


def facts_about(subject_id: UUID) -> list[FactView]:
    """Return the facts about an object of the open scope, oldest first.

    The caller has already decided that the actor may see the object.
    """
    rows = FactRow.objects.filter(body_id=current_body(), subject_id=subject_id)
    return _views(rows.order_by("id"))


def facts(
    *, actor: Actor, kind: str | None = None, limit: int = 100, before: int | None = None
) -> list[FactView]:
    """Return the newest facts of the open scope, older than the fact ``before``.

    :raises Forbidden: without ``audit.view``.
    """
    permissions.require(actor, "audit.view")
    rows = FactRow.objects.filter(body_id=current_body())
    if kind is not None:
        rows = rows.filter(kind=kind)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return _views(rows.order_by("-id")[:limit])


def accesses(*, actor: Actor, object_id: UUID, limit: int = 100) -> list[AccessView]:
    """Return who read an object of the open scope, newest first.

    :raises Forbidden: without ``audit.view``.
    """
    permissions.require(actor, "audit.view")
    return [
        AccessView(
            at=row.at, actor_name=row.actor_name, what=row.what, object_id=row.object_id, reason=row.reason
        )
        for row in Access.objects.filter(object_id=object_id).order_by("-at")[:limit]
    ]


def _views(rows: Iterable[FactRow]) -> list[FactView]:
    return [
        FactView(
            id=row.id,
            at=row.at,
            kind=row.kind,
            actor_name=row.actor_name,
            actor_kind=row.actor_kind,
            service=row.service,
            subject_id=row.subject_id,
            payload=row.payload,
        )
        for row in rows
    ]
