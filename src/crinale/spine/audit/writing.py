"""Writing facts and accesses: one insert each, through a bare cursor, because every change pays for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from crinale.kernel import clock
from crinale.kernel.digests import canonical_json
from crinale.kernel.errors import CrinaleError
from crinale.kernel.ids import new_id
from crinale.spine.audit.sealing import digest_columns
from crinale.spine.tenancy import current, current_body
from crinale.spine.tenancy.statements import Statement, execute

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from crinale.spine.audit.facts import Fact
    from crinale.spine.identity import Actor

_INTO = (
    "insert into audit_fact"
    " (body_id, at, kind, actor_kind, actor_id, actor_name, service, subject_id, payload, leaf, parts)"
    " values "
)
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s::text::jsonb, %s, %s)"
_ACCESS = (
    "insert into audit_access"
    " (id, body_id, at, actor_kind, actor_id, actor_name, service, what, object_id, reason)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_ROWS_AT_ONCE = 500


class NotInTransaction(CrinaleError):
    """A fact is written in the transaction of the change that it tells, and none is open."""


def write(fact: Fact, *, actor: Actor) -> None:
    """Write a fact of the body of the open scope, or of the node when none is open.

    :raises NotInTransaction: outside a transaction.
    """
    write_many((fact,), actor=actor)


def write_many(facts: Sequence[Fact], *, actor: Actor) -> None:
    """Write facts in order, at one instant, in as few statements as possible.

    :raises NotInTransaction: outside a transaction.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction
    for start in range(0, len(facts), _ROWS_AT_ONCE):
        execute(insertion(facts[start : start + _ROWS_AT_ONCE], actor=actor))


def insertion(facts: Sequence[Fact], *, actor: Actor) -> Statement:
    """Return the statement that writes facts (at least one), for those who write more with it."""
    at, body_id = clock.now(), current()
    values = [value for fact in facts for value in _row(fact, actor, at, body_id)]
    return Statement(_INTO + ", ".join([_ROW] * len(facts)), values)


def _row(fact: Fact, actor: Actor, at: datetime, body_id: UUID | None) -> tuple[Any, ...]:
    payload = canonical_json(fact.payload())
    leaf, parts = digest_columns(
        body_id=body_id,
        at=at,
        kind=fact.kind,
        actor_kind=actor.kind,
        actor_id=actor.person_id,
        actor_name=actor.name,
        service=actor.service,
        subject_id=fact.subject_id,
        payload=payload,
    )
    return (
        body_id,
        at,
        fact.kind,
        actor.kind,
        actor.person_id,
        actor.name,
        actor.service,
        fact.subject_id,
        payload.decode(),
        leaf,
        parts,
    )


def access(*, actor: Actor, what: str, object_id: UUID, reason: str = "") -> None:
    """Note that somebody read personal data: ``what`` is the kind of thing, for instance ``registration``.

    :raises ScopeMissing: when no scope is open.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _ACCESS,
            (
                new_id(),
                current_body(),
                clock.now(),
                actor.kind,
                actor.person_id,
                actor.name,
                actor.service,
                what,
                object_id,
                reason,
            ),
        )
